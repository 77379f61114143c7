const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** `14d`, `36h`, `0s` in milliseconds; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, number = "", unit = ""] = /^(\d{1,6})\s?([smhdw])$/.exec(text) ?? [];
  const seconds = units[unit];
  return seconds === undefined ? undefined : Number(number) * seconds * 1000;
}

/** `14 days`, `36 hours`: the largest unit that leaves no rest. */
export function formatPeriod(ms: number): string {
  const names = { d: "day", h: "hour", m: "minute", s: "second" };
  for (const [unit, name] of Object.entries(names)) {
    const number = ms / ((units[unit] ?? 1) * 1000);
    if (Number.isInteger(number) && number > 0) return `${number} ${name}${number === 1 ? "" : "s"}`;
  }
  return `${ms / 1000} seconds`;
}

/** The day in the local time zone, `2026-07-14`. */
export function formatDay(ms: number): string {
  const date = new Date(ms);
  const [month, day] = [date.getMonth() + 1, date.getDate()].map((number) => String(number).padStart(2, "0"));
  return `${date.getFullYear()}-${month}-${day}`;
}
