/** The start of a line as registries write it: the package's name, then the version. */
const USUAL_HEAD =
  /[ \t\r]*\{[ \t\r]*"name"[ \t\r]*:[ \t\r]*"([^"\\\n]*)"[ \t\r]*,[ \t\r]*"vers"[ \t\r]*:[ \t\r]*"([^"\\\n]*)"/y;

/** What may be the line's version, wherever in the line it stands. */
const ANY_VERSION = /"vers"[ \t\r]*:[ \t\r]*"([^"\\]*)"/g;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Finds the lines of the wanted versions in a registry's index file.
 *
 * A file may have a thousand lines and megabytes, of which one or two lines are wanted: of the others only the start is
 * looked at. A line counts when it is a JSON object with a `name` and its own `vers` (not one deeper inside) is wanted.
 * Of several lines with one version the last counts, as in cargo. Other lines are ignored, and so is a line with more
 * than one `vers`, which cargo can not read.
 *
 * @param body The whole file, decoded from UTF-8; a byte order mark, if it has one, still in place.
 * @param wanted Version texts, which are compared as they are written.
 * @returns Version text → its line as it stands, without the newline and a carriage return before it.
 */
export function selectIndexLines(body: string, wanted: ReadonlySet<string>): Map<string, string> {
  const selected = new Map<string, string>();
  if (wanted.size === 0) return selected;
  for (let start = 0; start < body.length; ) {
    const newline = body.indexOf("\n", start);
    const end = newline === -1 ? body.length : newline;
    USUAL_HEAD.lastIndex = start;
    const usual = USUAL_HEAD.exec(body)?.[2];
    if (usual === undefined ? end > start && mayBeWanted(body.slice(start, end), wanted) : wanted.has(usual)) {
      const line = body.slice(start, body[end - 1] === "\r" ? end - 1 : end);
      const version = ownHead(line)?.versionText;
      if (version !== undefined && wanted.has(version)) selected.set(version, detached(line));
    }
    start = end + 1;
  }
  return selected;
}

/** False only for a line that can not be wanted: without escapes, its version stands there literally. */
function mayBeWanted(line: string, wanted: ReadonlySet<string>): boolean {
  if (line.includes("\\u")) return true;
  for (const [, version] of line.matchAll(ANY_VERSION)) {
    if (version !== undefined && wanted.has(version)) return true;
  }
  return false;
}

/** A line of an index file whose name and version are known, and nothing else. */
export interface IndexHead {
  /** In the package's own letter case; one file may hold several. */
  readonly name: string;
  /** As it is written; not checked to be a version. */
  readonly versionText: string;
  readonly line: string;
}

/**
 * The lines of a registry's index file by version, each with the name it is for. A line as registries write it is not
 * parsed; of several lines with one version the last that is a JSON object counts.
 *
 * @param body The whole file, decoded from UTF-8; a byte order mark, if it has one, still in place.
 */
export function indexHeads(body: string): ReadonlyMap<string, IndexHead> {
  const heads = new Map<string, IndexHead>();
  for (let start = 0; start < body.length; ) {
    const newline = body.indexOf("\n", start);
    const end = newline === -1 ? body.length : newline;
    USUAL_HEAD.lastIndex = start;
    const [, name, versionText] = USUAL_HEAD.exec(body) ?? [];
    const line = body.slice(start, body[end - 1] === "\r" ? end - 1 : end);
    const usual = name === undefined || versionText === undefined ? undefined : { name, versionText, line };
    const head = usual === undefined || heads.has(usual.versionText) ? ownHead(line) : usual;
    if (head !== undefined) heads.set(head.versionText, head);
    start = end + 1;
  }
  return heads;
}

/** Parses a line for its own name and version; a line with several `vers` has none that cargo could read. */
function ownHead(line: string): IndexHead | undefined {
  let fields: unknown;
  try {
    fields = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof fields !== "object" || fields === null || !("name" in fields) || !("vers" in fields)) return undefined;
  const { name, vers: versionText } = fields;
  if (typeof name !== "string" || typeof versionText !== "string") return undefined;
  const mayRepeat = line.includes("\\u") || line.indexOf('"vers"') !== line.lastIndexOf('"vers"');
  return mayRepeat && ownKeyCount(line, "vers") > 1 ? undefined : { name, versionText, line };
}

const STRING_OR_SIGN = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;

/** How often a key is written in the outermost object of `line`, which is known to be JSON. */
function ownKeyCount(line: string, key: string): number {
  let depth = 0;
  let count = 0;
  for (const match of line.matchAll(STRING_OR_SIGN)) {
    const text = match[0];
    if (text === "{" || text === "[") depth += 1;
    else if (text === "}" || text === "]") depth -= 1;
    else if (depth === 1 && JSON.parse(text) === key && isFollowedByColon(line, match.index + text.length)) count += 1;
  }
  return count;
}

function isFollowedByColon(line: string, from: number): boolean {
  let at = from;
  while (line[at] === " " || line[at] === "\t" || line[at] === "\r") at += 1;
  return line[at] === ":";
}

/** A copy that does not keep the whole file alive, as a slice of it would. */
function detached(line: string): string {
  return decoder.decode(encoder.encode(line));
}
