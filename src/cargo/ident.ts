import { canonicalUrl, lastPathSegment, urlHost } from "./canonical-url.ts";
import { cratesIoSparseRoot } from "./default-upstream.ts";
import { sipHash128 } from "./sip-hash.ts";
import { CRATES_IO, type GitReference, isCratesIo, type SourceId, type SourceKind } from "./source-id.ts";

const KIND_BYTE: Readonly<Record<SourceKind, number>> = {
  git: 0,
  path: 1,
  registry: 2,
  sparse: 3,
  "local-registry": 4,
  directory: 5,
};

const REFERENCE_BYTE: Readonly<Record<GitReference["kind"], number>> = { tag: 0, branch: 1, rev: 2 };
const DEFAULT_BRANCH_BYTE = 3;
const END_OF_TEXT = 0xff;

/**
 * The name of a registry's directory below `registry/{index,cache,src}`: its host, a hyphen and 16 hexadecimal digits.
 *
 * For the public registry, however it is named, the ident of the protocol that fetches it: sparse unless
 * `registries.crates-io.protocol = "git"` is configured.
 *
 * The same on every machine; cargo before 1.85 used other names.
 */
export function registryIdent(id: SourceId, cratesIoProtocol: "sparse" | "git" = "sparse"): string {
  const source = isCratesIo(id) ? cratesIoSource(cratesIoProtocol) : id;
  const bytes = [KIND_BYTE[source.kind]];
  if (source.kind === "git") pushReference(bytes, source.reference);
  pushText(bytes, canonicalUrl(source));
  return `${urlHost(source)}-${stableHash(Uint8Array.from(bytes))}`;
}

function cratesIoSource(protocol: "sparse" | "git"): SourceId {
  return protocol === "git" ? CRATES_IO : { kind: "sparse", url: cratesIoSparseRoot() };
}

/**
 * The name of a git repository's directory below `git/db` and `git/checkouts`: the last segment of its canonical URL,
 * a hyphen and 16 hexadecimal digits. Branch, tag and commit do not matter.
 *
 * @param url The repository's URL without `git+` and without a reference.
 */
export function gitIdent(url: string): string {
  const canonical = canonicalUrl({ kind: "git", url });
  const bytes: number[] = [];
  pushText(bytes, canonical);
  return `${lastPathSegment(canonical) || "_empty"}-${stableHash(Uint8Array.from(bytes))}`;
}

function pushReference(bytes: number[], reference: GitReference | undefined): void {
  if (reference === undefined) {
    bytes.push(DEFAULT_BRANCH_BYTE);
  } else {
    bytes.push(REFERENCE_BYTE[reference.kind]);
    pushText(bytes, reference.value);
  }
}

function pushText(bytes: number[], text: string): void {
  for (const byte of new TextEncoder().encode(text)) bytes.push(byte);
  bytes.push(END_OF_TEXT);
}

/**
 * The hash in idents: SipHash-1-3 with 128 bits and a zero key, folded into 64 bits, as 16 lower-case hexadecimal
 * digits of its little-endian bytes.
 */
export function stableHash(bytes: Uint8Array): string {
  const { h1, h2 } = sipHash128(bytes);
  let rest = BigInt.asUintN(64, 3n * h1 + h2);
  let text = "";
  for (let byte = 0; byte < 8; byte += 1) {
    text += (rest & 0xffn).toString(16).padStart(2, "0");
    rest >>= 8n;
  }
  return text;
}
