const SHAPE = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z$/;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * True for the one form that an index line's `pubtime` may have, `2025-11-12T19:30:12Z`, when that time exists.
 *
 * @see The Cargo Book, "Registry Index", `pubtime`.
 */
export function isPublicationTime(text: string): boolean {
  const [, ...parts] = SHAPE.exec(text) ?? [];
  const [year, month, day, hour, minute, second] = parts.map(Number);
  if (year === undefined || month === undefined || day === undefined) return false;
  if (hour === undefined || minute === undefined || second === undefined) return false;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 && leap ? 29 : (DAYS[month - 1] ?? 0);
  return day >= 1 && day <= days && hour < 24 && minute < 60 && second <= 60;
}
