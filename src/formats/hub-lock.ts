import { FormatsError } from "./formats-error.ts";
import {
  type Block,
  cratesBlock,
  formatBlock,
  formatInline,
  hasTwins,
  lockfilesBlock,
  packagesBlock,
  quarantineBlock,
  readInline,
  repositoriesBlock,
  vendoredBlock,
} from "./hub-lock-blocks.ts";
import type { HubLock } from "./hub-lock-records.ts";
import { compareText } from "./utf8-order.ts";

/** The highest version this program reads. It writes the lowest one that can say everything. */
export const hubLockVersion = 2;

const heading =
  "# Written by cargo-hub: what the hub in this directory holds. Review it like Cargo.lock; `cargo-hub fill` makes it anew.\n";
const maxBytes = 64 * 1024 * 1024;
const maxCrates = 200_000;

/** The hub.lock of a hub that holds nothing. */
export const emptyHubLock: HubLock = {
  lockfiles: [],
  targets: [],
  hosts: [],
  crates: [],
  vendored: [],
  repositories: [],
  packages: [],
  quarantine: [],
};

/**
 * The canonical text of hub.lock, docs/formats/hub-lock.md.
 *
 * @param sha256 Hashes UTF-8 text to lower-case hex; this room has no hash of its own.
 */
export function formatHubLock(lock: HubLock, sha256: (text: string) => string): string {
  const body = formatBody(lock);
  return `${body}checksum = "${sha256(body)}"\n`;
}

function versionFor({ vendored, repositories, packages, quarantine }: HubLock): number {
  return vendored.length + repositories.length + packages.length + quarantine.length === 0 ? 1 : 2;
}

function formatBody(lock: HubLock): string {
  const version = versionFor(lock);
  const more =
    version === 1
      ? ""
      : formatBlock(vendoredBlock, lock.vendored) +
        formatBlock(repositoriesBlock, lock.repositories) +
        formatBlock(packagesBlock, lock.packages) +
        formatBlock(quarantineBlock, lock.quarantine);
  return (
    `${heading}version = ${version}\n` +
    formatBlock(lockfilesBlock, lock.lockfiles) +
    formatInline("targets", lock.targets) +
    formatInline("hosts", lock.hosts) +
    formatBlock(cratesBlock, lock.crates) +
    more
  );
}

const checksumLine = /checksum = "([0-9a-f]{64})"\n$/;

/**
 * Reads hub.lock strictly: anything but canonical text with a right checksum is damage.
 *
 * @param content The file's text. When all its line ends are CRLF, as git may have made them, they are read as LF.
 * @param at Its path, for error messages.
 * @param sha256 As for {@link formatHubLock}.
 * @throws {FormatsError} formats/hub-lock-damaged or formats/hub-lock-version.
 */
export function parseHubLock(content: string, at: string, sha256: (text: string) => string): HubLock {
  if (content.length > maxBytes) throw damaged(at, `it is ${content.length} bytes long, more than ${maxBytes}`);
  const canonical = withLineFeeds(content);
  checkVersion(canonical, at);
  const stated = checksumLine.exec(canonical);
  if (stated?.[1] === undefined) throw damaged(at, 'its last line is not `checksum = "…"`');
  const body = canonical.slice(0, stated.index);
  const actual = sha256(body);
  if (actual !== stated[1]) throw damaged(at, `its text hashes to ${actual}, but its last line says ${stated[1]}`);
  const lock = parseBody(body, at);
  if (formatBody(lock) !== body)
    throw damaged(at, "its text is not the canonical one: sorting, spacing or spelling differs");
  checkUnique(lock, at);
  return lock;
}

function withLineFeeds(content: string): string {
  if (!content.includes("\r\n")) return content;
  const canonical = content.replaceAll("\r\n", "\n");
  return canonical.replaceAll("\n", "\r\n") === content ? canonical : content;
}

function checkUnique(lock: HubLock, at: string): void {
  if (
    hasTwins(lock.lockfiles, lockfilesBlock.compare) ||
    hasTwins(lock.targets, compareText) ||
    hasTwins(lock.hosts, compareText) ||
    hasTwins(lock.crates, cratesBlock.compare) ||
    hasTwins(lock.vendored, vendoredBlock.compare) ||
    hasTwins(lock.repositories, repositoriesBlock.compare) ||
    hasTwins(lock.packages, packagesBlock.compare) ||
    hasTwins(lock.quarantine, quarantineBlock.compare)
  )
    throw damaged(at, "it lists something twice");
}

function checkVersion(content: string, at: string): void {
  if (/^(?:<{7}|={7}|>{7})/m.test(content)) throw damaged(at, "it holds the markers of an unresolved merge");
  const version = /^version = (\d+)$/m.exec(content)?.[1];
  if (version === undefined) throw damaged(at, "it has no line `version = …`");
  if (Number(version) >= 1 && Number(version) <= hubLockVersion) return;
  throw new FormatsError({
    code: "formats/hub-lock-version",
    what: `it has version ${version}, but this cargo-hub reads versions 1 to ${hubLockVersion}`,
    where: at,
    help: "use the cargo-hub that wrote it, or a newer one",
  });
}

function parseBody(body: string, at: string): HubLock {
  const lines = body.split("\n");
  const cursor: Cursor = { lines, next: 2, at };
  const lockfiles = readBlock(cursor, lockfilesBlock);
  const targets = readInline(lines[cursor.next++], "targets");
  const hosts = readInline(lines[cursor.next++], "hosts");
  if (targets === undefined || hosts === undefined)
    throw damaged(`${at}:${cursor.next}`, "`targets` or `hosts` is not where it belongs");
  const crates = readBlock(cursor, cratesBlock);
  const first = { ...emptyHubLock, lockfiles, targets, hosts, crates };
  if (lines[1] === "version = 1") return first;
  return {
    ...first,
    vendored: readBlock(cursor, vendoredBlock),
    repositories: readBlock(cursor, repositoriesBlock),
    packages: readBlock(cursor, packagesBlock),
    quarantine: readBlock(cursor, quarantineBlock),
  };
}

interface Cursor {
  readonly lines: readonly string[];
  readonly at: string;
  next: number;
}

function readBlock<Item>(cursor: Cursor, block: Block<Item>): Item[] {
  const { lines, at } = cursor;
  const first = lines[cursor.next++];
  if (first === `${block.key} = []`) return [];
  if (first !== `${block.key} = [`)
    throw damaged(`${at}:${cursor.next}`, `\`${block.key} = [\` is not where it belongs`);
  const items: Item[] = [];
  for (let line = lines[cursor.next++]; line !== "]"; line = lines[cursor.next++]) {
    const inside = line?.startsWith(" ") === true && line.endsWith(",") ? line.slice(1, -1) : undefined;
    const item = inside === undefined ? undefined : block.read(inside);
    if (item === undefined) throw damaged(`${at}:${cursor.next}`, `this line of \`${block.key}\` cannot be read`);
    items.push(item);
    if (items.length > maxCrates) throw damaged(at, `it lists more than ${maxCrates} items in \`${block.key}\``);
  }
  return items;
}

function damaged(where: string, what: string): FormatsError {
  return new FormatsError({
    code: "formats/hub-lock-damaged",
    what,
    where,
    help: "take the committed file again (`git checkout -- .cargo/hub.lock`), or let `cargo-hub verify --repair` or `cargo-hub fill` make it anew",
  });
}
