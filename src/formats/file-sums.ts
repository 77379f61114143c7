import { compareText } from "./utf8-order.ts";

/** A file of an export and its digest. */
export interface FileSum {
  /** Below the export, `/` separates. */
  readonly path: string;
  /** SHA-256 of its content in lower-case hex; `link` for a symbolic link. */
  readonly sha256: string;
}

const maxBytes = 512 * 1024 * 1024;
const linkMark = "#link";

/** The text of SHA256SUMS, which `sha256sum --check` reads: links first, as comments, then files, sorted by the bytes of their paths. */
export function formatFileSums(sums: readonly FileSum[]): string {
  const sorted = sums.toSorted((a, b) => compareText(a.path, b.path));
  const links = sorted.filter(({ sha256 }) => sha256 === "link");
  const files = sorted.filter(({ sha256 }) => sha256 !== "link");
  return [...links, ...files].map(formatLine).join("");
}

function formatLine({ path, sha256 }: FileSum): string {
  const escaped = path.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  if (sha256 === "link") return `${linkMark}  ${escaped}\n`;
  return `${escaped === path ? "" : "\\"}${sha256}  ${escaped}\n`;
}

/** Reads what {@link formatFileSums} wrote. @returns undefined when a line is none of its lines. */
export function parseFileSums(content: string): FileSum[] | undefined {
  if (content.length > maxBytes || (content !== "" && !content.endsWith("\n"))) return undefined;
  const sums: FileSum[] = [];
  for (const line of content.split("\n").slice(0, -1)) {
    const found = /^(?:(\\?)([0-9a-f]{64})|#link) {2}(.+)$/.exec(line);
    if (found === null) return undefined;
    const [, escaped, sha256 = "link", name = ""] = found;
    sums.push({ path: escaped === "" ? name : unescapeName(name), sha256 });
  }
  return sums;
}

function unescapeName(name: string): string {
  return name.replace(/\\(.)/g, (_all, character: string) => (character === "n" ? "\n" : character));
}
