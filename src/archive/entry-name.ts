import { quote } from "../errors/index.ts";
import { windowsNameFault } from "../system/index.ts";

/** What a name in an archive comes to. */
export type NameVerdict =
  | {
      readonly kind: "good";
      /** Below the top directory, with single slashes and no dots; "" for the top directory itself. */
      readonly path: string;
      readonly endsInSlash: boolean;
      /** Why the name can not be used on Windows, if so. Such packages exist, and cargo unpacks them elsewhere. */
      readonly unportable: string | undefined;
    }
  | { readonly kind: "outside" | "bad-name"; readonly reason: string };

const SLASH = 0x2f;
const BACKSLASH = 0x5c;
const DOT = 0x2e;
const BLANK = 0x20;
const LONGEST_COMPONENT = 255;

/**
 * Checks the name of an entry and makes it a path below the crate's own directory.
 *
 * Never good, on no system: names outside the top directory, `..` (cargo skips such an entry), control characters,
 * backslashes (separators on Windows) and components of dots and blanks (`.` or `..` on Windows).
 *
 * @param name As the archive spells it.
 * @param topDirectory `<name>-<version>`; cargo refuses every name that does not start with it.
 */
export function judgeName(name: string, topDirectory: string): NameVerdict {
  const length = topDirectory.length;
  const isBelow = name.startsWith(topDirectory) && (name.length === length || name.charCodeAt(length) === SLASH);
  if (!isBelow) return { kind: "outside", reason: `is not under ${quote(topDirectory)}` };
  return judgeRelative(name, length);
}

/** Judges the part of `name` from `start` on, and cleans it. */
function judgeRelative(name: string, start: number): NameVerdict {
  let isClean = true;
  let unportable: string | undefined;
  let from = start + 1;
  for (let at = from; at <= name.length; at += 1) {
    const code = at === name.length ? SLASH : name.charCodeAt(at);
    if (code === SLASH) {
      const fault = componentFault(name, from, at);
      if (fault === "empty") isClean = isClean && at === name.length && from === at;
      else if (fault !== undefined) return fault;
      else unportable ??= windowsNameFault(name.slice(from, at));
      from = at + 1;
    } else if (code < BLANK || code === BACKSLASH || (code >= 0x7f && code < 0xa0)) {
      const what = code === BACKSLASH ? "a backslash" : `the control character ${code}`;
      return { kind: "bad-name", reason: `has ${what} in its name` };
    }
  }
  const rest = name.slice(start + 1);
  const endsInSlash = name.endsWith("/");
  const path = isClean ? (endsInSlash ? rest.slice(0, -1) : rest) : cleaned(rest);
  return { kind: "good", path, endsInSlash, unportable };
}

type ComponentFault = "empty" | Exclude<NameVerdict, { kind: "good" }> | undefined;

/** Judges one component by its length and ends; `empty` stands for "" and ".", which mean nothing. */
function componentFault(name: string, from: number, to: number): ComponentFault {
  const length = to - from;
  if (length <= 0) return "empty";
  const last = name.charCodeAt(to - 1);
  if (last === DOT || last === BLANK) {
    if (length === 1 && last === DOT) return "empty";
    const component = name.slice(from, to);
    if (component === "..") return { kind: "outside", reason: "has `..` in its name" };
    if (/^[. ]+$/.test(component)) return { kind: "bad-name", reason: "has a name of dots and blanks" };
  }
  if (length > LONGEST_COMPONENT / 4 && Buffer.byteLength(name.slice(from, to)) > LONGEST_COMPONENT) {
    return { kind: "bad-name", reason: `has a name with a part over ${LONGEST_COMPONENT} bytes` };
  }
  return undefined;
}

function cleaned(path: string): string {
  return path
    .split("/")
    .filter((component) => component !== "" && component !== ".")
    .join("/");
}

/**
 * Checks the target of a symlink by arithmetic alone.
 *
 * `..` is good only at the start: links lie in real directories (nothing is written through a link), so leading `..`
 * climb real directories and can be counted, while a later one could climb out of whatever a link led into. By this
 * every chain of links stays inside, in whatever order they are made.
 *
 * @param path The link's own path below the crate's directory.
 * @param target As the archive spells it.
 * @param isWindows Whether the link is to be made on Windows, where more names are bad.
 * @returns The reason why the target is refused.
 */
export function symlinkFault(path: string, target: string, isWindows = false): string | undefined {
  if (target === "") return "is a symlink to nothing";
  if (target.startsWith("/")) return "is a symlink to an absolute path";
  const components = target.split("/").filter((component) => component !== "" && component !== ".");
  const climbs = components.findIndex((component) => component !== "..");
  const leading = climbs === -1 ? components.length : climbs;
  const depth = path.split("/").length - 1;
  if (leading > depth) return "is a symlink out of the package's directory";
  const names = components.slice(leading);
  if (names.includes("..")) return "is a symlink with `..` after a name";
  const verdict = judgeRelative(`/${names.join("/")}`, 0);
  const reason = verdict.kind !== "good" ? verdict.reason : isWindows ? verdict.unportable : undefined;
  return reason === undefined ? undefined : `is a symlink to a name that ${reason}`;
}
