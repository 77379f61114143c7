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
 * Upstream changes few things in a published line: it yanks, un-yanks and back-fills keys. Undoing these and comparing digests gives
 * the pinned bytes back without having kept them.
 *
 * @param today Upstream's line, without newline. @param digest The pinned SHA-256. @param sha256 Hashes UTF-8 text to lower-case hex.
 * @returns The pinned line, or undefined when no undoing leads to it.
 */
export function recoverPinnedLine(today: string, digest: string, sha256: (text: string) => string): string | undefined {
  const fields = lineFields(today);
  if (fields === undefined) return undefined;
  const removable = backFilledKeys.filter((key) => fields.some(([name]) => name === key));
  for (let subset = 0; subset < 1 << removable.length; subset += 1) {
    const removed = new Set(removable.filter((_key, bit) => (subset & (1 << bit)) !== 0));
    const kept = fields.filter(([name]) => !removed.has(name));
    for (const yanked of [false, true]) {
      const line = formatLine(kept.map(([name, value]) => [name, name === "yanked" ? yanked : value]));
      if (sha256(line) === digest) return line;
    }
  }
  return undefined;
}

function lineFields(line: string): [string, unknown][] | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : undefined;
  } catch {
    return undefined;
  }
}

function formatLine(fields: readonly (readonly [string, unknown])[]): string {
  return `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`;
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
