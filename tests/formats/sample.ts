import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Arbitrary, constantFrom, nat, oneof, record, string, subarray, uniqueArray } from "fast-check";
import type { HubCrate, HubGitPackage, HubLock, HubQuarantine, HubVendoredCrate } from "../../src/formats/index.ts";

export function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** The text of a golden file. */
export function golden(name: string): string {
  return readFileSync(new URL(`../fixtures/formats/${name}`, import.meta.url), "utf8");
}

/** Text of everything TOML escapes, of characters beyond 16 bits, and of plain words. */
function anyText() {
  const odd = Array.from({ length: 0x21 }, (_, code) => String.fromCodePoint(code));
  const unit = constantFrom(
    ...odd,
    '"',
    "\\",
    "\u007f",
    "\u0085",
    "\u2028",
    "\ufeff",
    "é",
    "\ufffd",
    "🦀",
    "a",
    "/",
    "}",
    "]",
    ",",
    "=",
    "#",
  );
  return oneof(constantFrom("MIT OR Apache-2.0", "file:LICENSE", ""), string({ unit, maxLength: 12 }));
}

function anyDigest() {
  return nat().map((number) => sha256(String(number)));
}

function anyCrate() {
  return record<HubCrate>({
    source: anyText(),
    name: anyText(),
    version: anyText(),
    sha256: anyDigest(),
    size: nat(2 ** 31),
    kind: constantFrom("full", "stub", "git"),
    line: anyDigest(),
    runs: subarray(["build-script", "proc-macro"] as const),
    license: anyText(),
  });
}

const anyId = { source: anyText(), name: anyText(), version: anyText() };
const anyFacts = { runs: subarray(["build-script", "proc-macro"] as const), license: anyText() };

function anyCommit() {
  return nat().map((number) => sha256(String(number)).slice(0, number % 3 === 0 ? 64 : 40));
}

function anyRepository() {
  const size = nat(2 ** 31);
  return record({ url: anyText(), commit: anyCommit(), tree: anyCommit(), sha256: anyDigest(), size });
}

function idText({ name, version, source }: Id): string {
  return JSON.stringify([name, version, source]);
}

/** Some items with an id, each id once. */
function anyPackages<Item extends HubCrate | HubVendoredCrate | HubGitPackage | HubQuarantine>(item: Arbitrary<Item>) {
  return uniqueArray(item, { selector: idText, maxLength: 4 });
}

/** Any hub.lock, in no order. */
export function anyHubLock() {
  return record<HubLock>({
    lockfiles: uniqueArray(record({ path: anyText(), sha256: anyDigest() }), {
      selector: ({ path }) => path,
      maxLength: 4,
    }),
    targets: uniqueArray(anyText(), { maxLength: 4 }),
    hosts: uniqueArray(anyText(), { maxLength: 2 }),
    crates: anyPackages(anyCrate()),
    vendored: anyPackages(
      record<HubVendoredCrate>({ ...anyId, sha256: anyDigest(), size: nat(2 ** 31), files: anyDigest(), ...anyFacts }),
    ),
    repositories: uniqueArray(anyRepository(), { selector: ({ url, commit }) => `${commit} ${url}`, maxLength: 3 }),
    packages: anyPackages(
      record<HubGitPackage>({ ...anyId, path: anyText(), size: nat(2 ** 31), files: anyDigest(), ...anyFacts }),
    ),
    quarantine: anyPackages(record<HubQuarantine>({ ...anyId, reason: anyText() })),
  });
}

/** `lock` sorted as its canonical text is: by the bytes of name, version and source. */
export function sorted(lock: HubLock): HubLock {
  return {
    lockfiles: lock.lockfiles.toSorted((a, b) => compareBytes(a.path, b.path)),
    targets: lock.targets.toSorted(compareBytes),
    hosts: lock.hosts.toSorted(compareBytes),
    crates: lock.crates.toSorted(compareIds),
    vendored: lock.vendored.toSorted(compareIds),
    repositories: lock.repositories.toSorted((a, b) => compareBytes(a.url, b.url) || compareBytes(a.commit, b.commit)),
    packages: lock.packages.toSorted(compareIds),
    quarantine: lock.quarantine.toSorted(compareIds),
  };
}

interface Id {
  readonly name: string;
  readonly version: string;
  readonly source: string;
}

function compareIds(a: Id, b: Id): number {
  return compareBytes(a.name, b.name) || compareBytes(a.version, b.version) || compareBytes(a.source, b.source);
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** `body` with a last line that fits it: damage that only the canonical form shows. */
export function resealed(text: string): string {
  const body = text.slice(0, text.lastIndexOf("checksum = "));
  return `${body}checksum = "${sha256(body)}"\n`;
}
