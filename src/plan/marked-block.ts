/** The lines, without their ends, between which a part of somebody's file is ours. */
export interface BlockMarks {
  readonly begin: string;
  readonly end: string;
}

/** A text cut at its block. */
export interface CutText {
  readonly before: string;
  /** What stands between the marks, with LF line ends: git may have made a checkout with CRLF. */
  readonly inside: string;
  readonly after: string;
}

/** Looks for the block. `"open"`: it begins, but its end mark is gone, so that nobody can tell whose the rest is. */
export function cutAtBlock(text: string, { begin, end }: BlockMarks): CutText | "open" | undefined {
  const first = lineIn(text, begin, 0);
  if (first === undefined) return undefined;
  const last = lineIn(text, end, first.end);
  if (last === undefined) return "open";
  const inside = text.slice(first.end, last.start).replaceAll("\r\n", "\n");
  return { before: text.slice(0, first.start), inside, after: text.slice(last.end) };
}

/** The block as text; `inside` ends with a newline. */
export function markedBlock({ begin, end }: BlockMarks, inside: string): string {
  return `${begin}\n${inside}${end}\n`;
}

/** `text` with a line end behind its last line, ready for more lines. */
export function endedLines(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

/** Where the first line that is just `line` begins and where the next one does. */
function lineIn(text: string, line: string, from: number): { start: number; end: number } | undefined {
  for (let start = text.indexOf(line, from); start !== -1; start = text.indexOf(line, start + 1)) {
    if (start > 0 && text[start - 1] !== "\n") continue;
    const rest = /^\r?(?:\n|$)/.exec(text.slice(start + line.length, start + line.length + 2));
    if (rest !== null) return { start, end: start + line.length + rest[0].length };
  }
  return undefined;
}
