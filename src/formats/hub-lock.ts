import { FormatsError } from "./formats-error.ts";
import { quoteToml, unquoteToml } from "./toml-text.ts";

/** A lockfile whose packages the hub holds. */
export interface HubLockfile {
  /** Relative to the directory that holds `.cargo`; `/` separates. */
  readonly path: string;
  /** SHA-256 of its text with CRLF read as LF. */
  readonly sha256: string;
}

/** What of a crate runs while another crate is built. */
export type BuildTimeCode = "build-script" | "proc-macro";

/** `full`: all sources; `stub`: manifest only (left-out platform); `git`: from a git repository. */
export type HubCrateKind = "full" | "stub" | "git";

/** One crate of a hub. */
export interface HubCrate {
  /** The lockfile's source, never a mirror. */
  readonly source: string;
  readonly name: string;
  readonly version: string;
  /** SHA-256 of the `.crate` file. */
  readonly sha256: string;
  /** Of the `.crate` file, in bytes. */
  readonly size: number;
  readonly kind: HubCrateKind;
  /** SHA-256 of the index line, without its newline, as upstream served it. */
  readonly line: string;
  readonly runs: readonly BuildTimeCode[];
  /** The manifest's licence; `file:NAME` for a licence file; empty when it states none. */
  readonly license: string;
}

/** What a hub holds: the committed record. */
export interface HubLock {
  readonly lockfiles: readonly HubLockfile[];
  readonly targets: readonly string[];
  readonly hosts: readonly string[];
  readonly crates: readonly HubCrate[];
}

/** The version this program writes and the highest it reads. */
export const hubLockVersion = 1;

const heading =
  "# Written by cargo-hub: what the hub in this directory holds. Review it like Cargo.lock; `cargo-hub fill` makes it anew.\n";
const maxBytes = 64 * 1024 * 1024;
const maxCrates = 200_000;

/**
 * The canonical text of hub.lock, docs/formats/hub-lock.md.
 *
 * @param sha256 Hashes UTF-8 text to lower-case hex; this room has no hash of its own.
 */
export function formatHubLock(lock: HubLock, sha256: (text: string) => string): string {
  const body = formatBody(lock);
  return `${body}checksum = "${sha256(body)}"\n`;
}

function formatBody(lock: HubLock): string {
  const lockfiles = lock.lockfiles
    .toSorted((a, b) => compareText(a.path, b.path))
    .map(({ path, sha256 }) => ` { path = ${quoteToml(path)}, sha256 = "${sha256}" },\n`);
  const crates = lock.crates.toSorted(compareCrates).map(formatCrate);
  return (
    `${heading}version = ${hubLockVersion}\n` +
    `lockfiles = ${block(lockfiles)}\n` +
    `targets = ${inline(lock.targets)}\n` +
    `hosts = ${inline(lock.hosts)}\n` +
    `crates = ${block(crates)}\n`
  );
}

function block(lines: readonly string[]): string {
  return lines.length === 0 ? "[]" : `[\n${lines.join("")}]`;
}

function inline(items: readonly string[]): string {
  return `[${items
    .toSorted(compareText)
    .map((item) => quoteToml(item))
    .join(", ")}]`;
}

function formatCrate(crate: HubCrate): string {
  return (
    ` { source = ${quoteToml(crate.source)}, name = ${quoteToml(crate.name)}, version = ${quoteToml(crate.version)}, ` +
    `sha256 = "${crate.sha256}", size = ${crate.size}, kind = "${crate.kind}", line = "${crate.line}", ` +
    `runs = [${crate.runs.map((code) => `"${code}"`).join(", ")}], license = ${quoteToml(crate.license)} },\n`
  );
}

function compareCrates(a: HubCrate, b: HubCrate): number {
  return compareText(a.name, b.name) || compareText(a.version, b.version) || compareText(a.source, b.source);
}

/** Orders texts by their UTF-8 bytes. JavaScript's own order differs where a surrogate meets U+E000 to U+FFFF. */
function compareText(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  for (let at = 0; at < end; at += 1) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return rankOfUnit(left) - rankOfUnit(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for the characters behind all others. */
function rankOfUnit(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

const text = '"((?:[^"\\\\]|\\\\.)*)"';
const hex = '"([0-9a-f]{64})"';
const crateLine = new RegExp(
  `^ \\{ source = ${text}, name = ${text}, version = ${text}, sha256 = ${hex}, size = (\\d{1,15}), ` +
    `kind = "(full|stub|git)", line = ${hex}, runs = \\[((?:"(?:build-script|proc-macro)"(?:, )?)*)\\], license = ${text} \\},$`,
);
const lockfileLine = new RegExp(`^ \\{ path = ${text}, sha256 = ${hex} \\},$`);
const checksumLine = /checksum = "([0-9a-f]{64})"\n$/;

/**
 * Reads hub.lock strictly: anything but canonical text with a right checksum is damage.
 *
 * @param content The file's text.
 * @param at Its path, for error messages.
 * @param sha256 As for {@link formatHubLock}.
 * @throws {FormatsError} formats/hub-lock-damaged or formats/hub-lock-version.
 */
export function parseHubLock(content: string, at: string, sha256: (text: string) => string): HubLock {
  if (content.length > maxBytes) throw damaged(at, `it is ${content.length} bytes long, more than ${maxBytes}`);
  checkVersion(content, at);
  const stated = checksumLine.exec(content);
  if (stated?.[1] === undefined) throw damaged(at, 'its last line is not `checksum = "…"`');
  const body = content.slice(0, stated.index);
  const actual = sha256(body);
  if (actual !== stated[1]) throw damaged(at, `its text hashes to ${actual}, but its last line says ${stated[1]}`);
  const lock = parseBody(body, at);
  if (formatBody(lock) !== body)
    throw damaged(at, "its text is not the canonical one: sorting, spacing or spelling differs");
  checkUnique(lock, at);
  return lock;
}

function checkUnique({ lockfiles, targets, hosts, crates }: HubLock, at: string): void {
  const comparePaths = (a: HubLockfile, b: HubLockfile): number => compareText(a.path, b.path);
  if (
    hasTwins(crates, compareCrates) ||
    hasTwins(lockfiles, comparePaths) ||
    hasTwins(targets, compareText) ||
    hasTwins(hosts, compareText)
  )
    throw damaged(at, "it lists something twice");
}

function hasTwins<Item>(sorted: readonly Item[], compare: (a: Item, b: Item) => number): boolean {
  return sorted.some((item, at) => {
    const next = sorted[at + 1];
    return next !== undefined && compare(item, next) === 0;
  });
}

function checkVersion(content: string, at: string): void {
  if (/^(?:<{7}|={7}|>{7})/m.test(content)) throw damaged(at, "it holds the markers of an unresolved merge");
  const version = /^version = (\d+)$/m.exec(content)?.[1];
  if (version === undefined) throw damaged(at, "it has no line `version = …`");
  if (Number(version) === hubLockVersion) return;
  throw new FormatsError({
    code: "formats/hub-lock-version",
    what: `it has version ${version}, but this cargo-hub reads version ${hubLockVersion}`,
    where: at,
    help: "use the cargo-hub that wrote it, or a newer one",
  });
}

function parseBody(body: string, at: string): HubLock {
  const lines = body.split("\n");
  const cursor = { at: 2 };
  const lockfiles = readBlock(lines, cursor, { key: "lockfiles", at, read: readLockfile });
  const targets = readInline(lines[cursor.at++], "targets");
  const hosts = readInline(lines[cursor.at++], "hosts");
  if (targets === undefined || hosts === undefined)
    throw damaged(`${at}:${cursor.at}`, "`targets` or `hosts` is not where it belongs");
  const crates = readBlock(lines, cursor, { key: "crates", at, read: readCrate });
  if (crates.length > maxCrates) throw damaged(at, `it lists ${crates.length} crates, more than ${maxCrates}`);
  return { lockfiles, targets, hosts, crates };
}

interface BlockReader<Item> {
  readonly key: string;
  readonly at: string;
  readonly read: (line: string) => Item | undefined;
}

function readBlock<Item>(lines: readonly string[], cursor: { at: number }, block: BlockReader<Item>): Item[] {
  const first = lines[cursor.at++];
  if (first === `${block.key} = []`) return [];
  if (first !== `${block.key} = [`)
    throw damaged(`${block.at}:${cursor.at}`, `\`${block.key} = [\` is not where it belongs`);
  const items: Item[] = [];
  for (let line = lines[cursor.at++]; line !== "]"; line = lines[cursor.at++]) {
    const item = line === undefined ? undefined : block.read(line);
    if (item === undefined) throw damaged(`${block.at}:${cursor.at}`, `this line of \`${block.key}\` cannot be read`);
    items.push(item);
  }
  return items;
}

function readInline(line: string | undefined, key: string): string[] | undefined {
  const inside = new RegExp(`^${key} = \\[((?:${text}(?:, )?)*)\\]$`).exec(line ?? "")?.[1];
  if (inside === undefined) return undefined;
  return [...inside.matchAll(new RegExp(text, "g"))].map((match) => unquoteToml(match[1] ?? ""));
}

function readLockfile(line: string): HubLockfile | undefined {
  const found = lockfileLine.exec(line);
  if (found?.[1] === undefined || found[2] === undefined) return undefined;
  return { path: unquoteToml(found[1]), sha256: found[2] };
}

function readCrate(line: string): HubCrate | undefined {
  const found = crateLine.exec(line);
  if (found === null) return undefined;
  const [
    ,
    source = "",
    name = "",
    version = "",
    sha256 = "",
    size = "",
    kind = "",
    digest = "",
    runs = "",
    license = "",
  ] = found;
  return {
    source: unquoteToml(source),
    name: unquoteToml(name),
    version: unquoteToml(version),
    sha256,
    size: Number(size),
    kind: kind === "stub" || kind === "git" ? kind : "full",
    line: digest,
    runs: readRuns(runs),
    license: unquoteToml(license),
  };
}

function readRuns(list: string): BuildTimeCode[] {
  const runs: BuildTimeCode[] = [];
  if (list.includes("build-script")) runs.push("build-script");
  if (list.includes("proc-macro")) runs.push("proc-macro");
  return runs;
}

function damaged(where: string, what: string): FormatsError {
  return new FormatsError({
    code: "formats/hub-lock-damaged",
    what,
    where,
    help: "take the committed file again (`git checkout -- .cargo/hub.lock`), or let `cargo-hub verify --repair` or `cargo-hub fill` make it anew",
  });
}
