/** What a crate's index line says differently from the one that hub.lock pins. */
export interface LineChange {
  readonly name: string;
  readonly version: string;
  /** `yanked`, `un-yanked`, or the keys that differ. */
  readonly changes: readonly string[];
}

/** Keys that registries have filled in later, for versions published before the key existed. */
const backFilledKeys = ["pubtime", "rust_version", "links", "v", "features2"];

/**
 * The line that hub.lock pins, made from the line that upstream serves today.
 *
 * Upstream changes few things in a published line: it yanks, un-yanks and back-fills keys. Undoing these in the text and comparing
 * digests gives the pinned bytes back without having kept them.
 *
 * @param today Upstream's line, without newline. @param digest The pinned SHA-256. @param sha256 Hashes UTF-8 text to lower-case hex.
 * @returns The pinned line, or undefined when no undoing leads to it.
 */
export function recoverPinnedLine(today: string, digest: string, sha256: (text: string) => string): string | undefined {
  if (lineFields(today) === undefined) return undefined;
  const members = topMembers(today);
  const removable = backFilledKeys.filter((key) => members.some((member) => member.key === key));
  for (let subset = 0; subset < 1 << removable.length; subset += 1) {
    const removed = new Set(removable.filter((_key, bit) => (subset & (1 << bit)) !== 0));
    const kept = members.filter(({ key }) => !removed.has(key));
    for (const yanked of ["false", "true"]) {
      const line = joinMembers(today, kept, yanked);
      if (sha256(line) === digest) return line;
    }
  }
  return undefined;
}

/** One `"key": value` of an object's text. */
interface Member {
  readonly key: string;
  readonly text: string;
  /** What stands between it and the member before it: a comma, perhaps blanks. */
  readonly before: string;
}

/** The members of a JSON object in the order and spelling of its text, which is known to be valid. */
function topMembers(line: string): Member[] {
  const members: Member[] = [];
  const strings = /"(?:[^"\\]|\\.)*"|[[\]{},]/g;
  let depth = 0;
  let end = 0;
  let start = 0;
  for (const { 0: token, index } of line.matchAll(strings)) {
    if (token === "{" || token === "[") depth += 1;
    else if (depth === 1 && (token === "," || token === "}")) {
      const text = line.slice(start, index).trimEnd();
      members.push({ key: keyOf(text), text, before: line.slice(end, start) });
      end = start + text.length;
    }
    if (token === "}" || token === "]") depth -= 1;
    if (depth === 1 && (token === "," || (token === "{" && end === 0))) {
      start = index + 1;
      while (/\s/.test(line[start] ?? "")) start += 1;
    }
  }
  return members;
}

function keyOf(member: string): string {
  return /^"((?:[^"\\]|\\.)*)"/.exec(member)?.[1] ?? "";
}

/** `line` with only these of its members; the first one keeps what the line begins with. */
function joinMembers(line: string, members: readonly Member[], yanked: string): string {
  const head = /^\s*\{\s*/.exec(line)?.[0] ?? "";
  const tail = /\s*\}\s*$/.exec(line)?.[0] ?? "";
  const texts = members.map(({ key, text, before }, at) => {
    const value = key === "yanked" ? text.replace(/(?:true|false)$/, yanked) : text;
    return at === 0 ? value : before + value;
  });
  return head + texts.join("") + tail;
}

function lineFields(line: string): [string, unknown][] | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : undefined;
  } catch {
    return undefined;
  }
}

/** Says in words how two index lines of one version differ: `yanked`, `un-yanked`, `pubtime added`, `deps changed`, … */
export function describeLineChange(before: string | undefined, after: string): string[] {
  const was = before === undefined ? undefined : lineFields(before);
  const is = lineFields(after);
  if (was === undefined || is === undefined) return ["content changed"];
  const old = new Map(was);
  const now = new Map(is);
  const changes: string[] = [];
  for (const [name, value] of now) {
    if (name === "yanked" && old.get(name) !== value) changes.push(value === true ? "yanked" : "un-yanked");
    else if (!old.has(name)) changes.push(`${name} added`);
    else if (JSON.stringify(old.get(name)) !== JSON.stringify(value)) changes.push(`${name} changed`);
  }
  for (const name of old.keys()) if (!now.has(name)) changes.push(`${name} removed`);
  return changes.length === 0 ? ["spelling changed"] : changes;
}
