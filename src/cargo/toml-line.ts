const HEADER = /^\s*\[\[?([^\]#]*)\]/;
const ENTRY = /^\s*((?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+))*)\s*=/;
const KEY = /"([^"]*)"|'([^']*)'|([A-Za-z0-9_-]+)/g;

/**
 * The line, counted from 1, on which a key of a TOML document first stands; else that of the table it is in.
 *
 * For error messages: it reads line by line and may be misled by a text that looks like TOML inside a long string.
 */
export function lineOfKey(text: string, path: readonly string[]): number | undefined {
  let best: number | undefined;
  let bestDepth = 0;
  let table: readonly string[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const header = HEADER.exec(line)?.[1];
    if (header !== undefined) table = keysOf(header);
    const entry = header === undefined ? ENTRY.exec(line)?.[1] : undefined;
    if (header === undefined && entry === undefined) continue;
    const here = entry === undefined ? table : [...table, ...keysOf(entry)];
    const depth = Math.min(here.length, path.length);
    if (depth > bestDepth && path.slice(0, depth).every((key, at) => here[at] === key)) {
      best = index + 1;
      bestDepth = depth;
    }
  }
  return best;
}

function keysOf(dotted: string): readonly string[] {
  return Array.from(dotted.matchAll(KEY), ([, basic, literal, bare]) => basic ?? literal ?? bare ?? "");
}
