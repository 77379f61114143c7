import type {
  BuildTimeCode,
  HubCrate,
  HubGitPackage,
  HubLock,
  HubLockfile,
  HubPackageId,
  HubQuarantine,
  HubRepository,
  HubVendoredCrate,
} from "./hub-lock-records.ts";
import { quoteToml, unquoteToml } from "./toml-text.ts";
import { compareText } from "./utf8-order.ts";

/** One array of hub.lock with a line for each item. */
export interface Block<Item> {
  readonly key: keyof HubLock;
  /** The item as its line has it, without the blank before and the comma behind. */
  readonly format: (item: Item) => string;
  /** Reads the same text; undefined when it is another. */
  readonly read: (line: string) => Item | undefined;
  /** The order of the lines; 0 for items that may not stand side by side. */
  readonly compare: (a: Item, b: Item) => number;
}

const text = '"((?:[^"\\\\]|\\\\.)*)"';
const hex = '"([0-9a-f]{64})"';
const objectId = '"([0-9a-f]{40}|[0-9a-f]{64})"';
const size = "(\\d{1,15})";
const runsList = '\\[((?:"(?:build-script|proc-macro)"(?:, )?)*)\\]';

/** A reader of lines that look like `pattern`; the groups are handed over in their order. */
function lineReader<Item>(
  pattern: string,
  make: (groups: readonly string[]) => Item,
): (line: string) => Item | undefined {
  const expression = new RegExp(`^\\{ ${pattern} \\}$`);
  return (line) => {
    const found = expression.exec(line);
    return found === null ? undefined : make(found.slice(1).map((group) => group ?? ""));
  };
}

const idPattern = `source = ${text}, name = ${text}, version = ${text}`;

function idOf([source = "", name = "", version = ""]: readonly string[]): HubPackageId {
  return { source: unquoteToml(source), name: unquoteToml(name), version: unquoteToml(version) };
}

function idText({ source, name, version }: HubPackageId): string {
  return `source = ${quoteToml(source)}, name = ${quoteToml(name)}, version = ${quoteToml(version)}`;
}

const manifestPattern = `runs = ${runsList}, license = ${text}`;

function manifestOf([runs = "", license = ""]: readonly string[]): { runs: BuildTimeCode[]; license: string } {
  const found: BuildTimeCode[] = [];
  if (runs.includes("build-script")) found.push("build-script");
  if (runs.includes("proc-macro")) found.push("proc-macro");
  return { runs: found, license: unquoteToml(license) };
}

function manifestText({ runs, license }: Pick<HubCrate, "runs" | "license">): string {
  return `runs = [${runs.map((code) => `"${code}"`).join(", ")}], license = ${quoteToml(license)}`;
}

/** Sorts packages by name, version and source, as bytes. */
function compareIds(a: HubPackageId, b: HubPackageId): number {
  return compareText(a.name, b.name) || compareText(a.version, b.version) || compareText(a.source, b.source);
}

export const lockfilesBlock: Block<HubLockfile> = {
  key: "lockfiles",
  format: ({ path, sha256 }) => `{ path = ${quoteToml(path)}, sha256 = "${sha256}" }`,
  read: lineReader(`path = ${text}, sha256 = ${hex}`, ([path = "", sha256 = ""]) => ({
    path: unquoteToml(path),
    sha256,
  })),
  compare: (a, b) => compareText(a.path, b.path),
};

export const cratesBlock: Block<HubCrate> = {
  key: "crates",
  format: (crate) =>
    `{ ${idText(crate)}, sha256 = "${crate.sha256}", size = ${crate.size}, kind = "${crate.kind}", ` +
    `line = "${crate.line}", ${manifestText(crate)} }`,
  read: lineReader(
    `${idPattern}, sha256 = ${hex}, size = ${size}, kind = "(full|stub|git)", line = ${hex}, ${manifestPattern}`,
    (groups) => {
      const [sha256 = "", bytes = "", kind = "", line = ""] = groups.slice(3);
      return {
        ...idOf(groups),
        sha256,
        size: Number(bytes),
        kind: kind === "stub" || kind === "git" ? kind : "full",
        line,
        ...manifestOf(groups.slice(7)),
      };
    },
  ),
  compare: compareIds,
};

export const vendoredBlock: Block<HubVendoredCrate> = {
  key: "vendored",
  format: (crate) =>
    `{ ${idText(crate)}, sha256 = "${crate.sha256}", size = ${crate.size}, files = "${crate.files}", ${manifestText(crate)} }`,
  read: lineReader(`${idPattern}, sha256 = ${hex}, size = ${size}, files = ${hex}, ${manifestPattern}`, (groups) => {
    const [sha256 = "", bytes = "", files = ""] = groups.slice(3);
    return { ...idOf(groups), sha256, size: Number(bytes), files, ...manifestOf(groups.slice(6)) };
  }),
  compare: compareIds,
};

export const repositoriesBlock: Block<HubRepository> = {
  key: "repositories",
  format: ({ url, commit, tree, sha256, size: bytes }) =>
    `{ url = ${quoteToml(url)}, commit = "${commit}", tree = "${tree}", sha256 = "${sha256}", size = ${bytes} }`,
  read: lineReader(
    `url = ${text}, commit = ${objectId}, tree = ${objectId}, sha256 = ${hex}, size = ${size}`,
    ([url = "", commit = "", tree = "", sha256 = "", bytes = ""]) => {
      return { url: unquoteToml(url), commit, tree, sha256, size: Number(bytes) };
    },
  ),
  compare: (a, b) => compareText(a.url, b.url) || compareText(a.commit, b.commit),
};

export const packagesBlock: Block<HubGitPackage> = {
  key: "packages",
  format: (item) =>
    `{ ${idText(item)}, path = ${quoteToml(item.path)}, size = ${item.size}, files = "${item.files}", ${manifestText(item)} }`,
  read: lineReader(`${idPattern}, path = ${text}, size = ${size}, files = ${hex}, ${manifestPattern}`, (groups) => {
    const [path = "", bytes = "", files = ""] = groups.slice(3);
    return { ...idOf(groups), path: unquoteToml(path), size: Number(bytes), files, ...manifestOf(groups.slice(6)) };
  }),
  compare: compareIds,
};

export const quarantineBlock: Block<HubQuarantine> = {
  key: "quarantine",
  format: (item) => `{ ${idText(item)}, reason = ${quoteToml(item.reason)} }`,
  read: lineReader(`${idPattern}, reason = ${text}`, (groups) => ({
    ...idOf(groups),
    reason: unquoteToml(groups[3] ?? ""),
  })),
  compare: compareIds,
};

/** Whether two of the sorted items may not stand side by side. */
export function hasTwins<Item>(items: readonly Item[], compare: (a: Item, b: Item) => number): boolean {
  return items.some((item, at) => {
    const next = items[at + 1];
    return next !== undefined && compare(item, next) === 0;
  });
}

/** The lines of an array, sorted, with its brackets. */
export function formatBlock<Item>(block: Block<Item>, items: readonly Item[]): string {
  const lines = items.toSorted(block.compare).map((item) => ` ${block.format(item)},\n`);
  return `${block.key} = ${lines.length === 0 ? "[]" : `[\n${lines.join("")}]`}\n`;
}

/** The array of a head line such as `targets`, sorted. */
export function formatInline(key: string, items: readonly string[]): string {
  const sorted = items.toSorted(compareText).map((item) => quoteToml(item));
  return `${key} = [${sorted.join(", ")}]\n`;
}

/** Reads what {@link formatInline} wrote, without its newline; undefined when it is something else. */
export function readInline(line: string | undefined, key: string): string[] | undefined {
  const inside = new RegExp(`^${key} = \\[((?:${text}(?:, )?)*)\\]$`).exec(line ?? "")?.[1];
  if (inside === undefined) return undefined;
  return [...inside.matchAll(new RegExp(text, "g"))].map((match) => unquoteToml(match[1] ?? ""));
}
