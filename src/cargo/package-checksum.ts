import { HubError } from "../errors/index.ts";
import { isSha256, type Sha256 } from "./sha256.ts";
import { compareUtf8 } from "./utf8-order.ts";

/** Name of the file that makes a directory a package of a directory source. */
export const PACKAGE_CHECKSUM_NAME = ".cargo-checksum.json";

/** What can be wrong with a `.cargo-checksum.json`. */
export type PackageChecksumErrorCode = "cargo/package-checksum-invalid";

/** A `.cargo-checksum.json` that can not be used. */
export class PackageChecksumError extends HubError<PackageChecksumErrorCode> {}

/** The content of a `.cargo-checksum.json`. */
export interface PackageChecksum {
  /** Path below the package's directory, with `/` → checksum of the file. */
  readonly files: ReadonlyMap<string, Sha256>;
  /** Checksum of the crate file; `null` for packages that never had one, such as git packages. */
  readonly package: Sha256 | null;
}

/** A file and its checksum. */
export interface ChecksummedFile {
  /** Path below the package's directory, with `/` on every system. */
  readonly path: string;
  readonly sha256: Sha256;
}

/**
 * Writes a `.cargo-checksum.json` exactly as `cargo vendor` does: one line without a newline, files sorted by the bytes
 * of their paths.
 *
 * @param packageChecksum Checksum of the crate file; `null` when there is none.
 * @see The Cargo Book, "Directory Sources".
 */
export function formatPackageChecksum(files: readonly ChecksummedFile[], packageChecksum: Sha256 | null): string {
  const sorted = files.toSorted((left, right) => compareUtf8(left.path, right.path));
  let text = '{"files":{';
  let separator = "";
  for (const file of sorted) {
    text += `${separator}${JSON.stringify(file.path)}:"${file.sha256}"`;
    separator = ",";
  }
  return `${text}},"package":${packageChecksum === null ? "null" : `"${packageChecksum}"`}}`;
}

/**
 * Reads a `.cargo-checksum.json`. Unknown keys are ignored; `package` may be missing, which means `null`.
 *
 * @param at Where the file stands, for error messages: its path.
 * @throws {PackageChecksumError} `cargo/package-checksum-invalid`, naming the first thing that can not be used.
 */
export function parsePackageChecksum(text: string, at: string): PackageChecksum {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid("it is not JSON", at, cause);
  }
  if (!isObject(value)) throw invalid("it is not a JSON object", at);
  const { files, package: packageChecksum } = value;
  if (!isObject(files)) throw invalid('its entry "files" is not an object', at);
  if (packageChecksum !== undefined && packageChecksum !== null && !isSha256(packageChecksum)) {
    throw invalid('its entry "package" is not a SHA-256 in lower-case hexadecimal', at);
  }
  const checked = new Map<string, Sha256>();
  for (const [path, checksum] of Object.entries(files)) {
    if (!isSha256(checksum)) {
      throw invalid(`its entry for ${JSON.stringify(path)} is not a SHA-256 in lower-case hexadecimal`, at);
    }
    checked.set(path, checksum);
  }
  return { files: checked, package: packageChecksum ?? null };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(reason: string, at: string, cause?: unknown): PackageChecksumError {
  return new PackageChecksumError({
    code: "cargo/package-checksum-invalid",
    what: `this is not a checksum file of cargo: ${reason}`,
    where: at,
    help: "run `cargo-hub verify --repair`, which writes it again from the crate file",
    cause,
  });
}
