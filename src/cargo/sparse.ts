import { HubError } from "../errors/index.ts";
import { loginUrlOf } from "./credentials/login-url.ts";
import { indexPath } from "./names.ts";

/** What can be wrong with the address of a sparse registry. */
export type SparseErrorCode = "cargo/sparse-root-invalid";

/** An address that can not be the root of a sparse registry. */
export class SparseError extends HubError<SparseErrorCode> {}

/** A GET request, not yet sent. Header names are in lower case. */
export interface HttpRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** An HTTP answer, wholly received. */
export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case; of a repeated header the first value counts. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The body after content decoding: bytes, or text that was decoded from valid UTF-8. */
  readonly body: Uint8Array | string;
}

/** What a server gave to recognise its file by later. */
export type Validator = { readonly etag: string } | { readonly lastModified: string };

/** What a sparse registry can say to a request for an index file or for `config.json`. */
export type SparseAnswer =
  | { readonly kind: "fresh"; readonly body: string; readonly validator: Validator | undefined }
  /** The copy that the request's validator belongs to is still right. */
  | { readonly kind: "unchanged" }
  /** For `config.json`: there is no registry here. */
  | { readonly kind: "no-such-package" }
  /** A token is needed, or the one sent is refused. `loginUrl` is where a person gets one. */
  | { readonly kind: "unauthorized"; readonly loginUrl: string | undefined }
  /** Any other status. Whether to try again is the sender's decision. */
  | { readonly kind: "refused"; readonly status: number };

/**
 * The request for one package's index file. Sends nothing.
 *
 * @param root The registry's root as `https://…/` or `sparse+https://…/`; it ends in a slash.
 * @param name The package's name in any letter case.
 * @param validator What came with the copy at hand, to receive `unchanged` instead of the whole file.
 * @throws {SparseError} `cargo/sparse-root-invalid`.
 * @see The Cargo Book, "Sparse Protocol".
 */
export function sparseRequest(root: string, name: string, validator?: Validator): HttpRequest {
  return { url: checkedRoot(root) + indexPath(name), headers: headersFor(validator) };
}

/**
 * The request for a registry's `config.json`. Cargo never sends a validator for it.
 *
 * @throws {SparseError} `cargo/sparse-root-invalid`.
 */
export function configRequest(root: string): HttpRequest {
  return { url: `${checkedRoot(root)}config.json`, headers: headersFor(undefined) };
}

/** What an answer to {@link sparseRequest} or {@link configRequest} means. Redirects are followed before. */
export function readSparseAnswer(answer: HttpAnswer): SparseAnswer {
  switch (answer.status) {
    case 200:
      return { kind: "fresh", body: textOf(answer.body), validator: validatorOf(answer) };
    case 304:
      return { kind: "unchanged" };
    case 404:
    case 410:
    case 451:
      return { kind: "no-such-package" };
    case 401:
      return { kind: "unauthorized", loginUrl: loginUrlOf(headerOf(answer, "www-authenticate") ?? "") };
    default:
      return { kind: "refused", status: answer.status };
  }
}

/** The «index version» under which cargo caches a file that came with `validator`; without one `Unknown`. */
export function indexVersionOf(validator: Validator | undefined): string {
  if (validator === undefined) return "Unknown";
  return "etag" in validator ? `etag: ${validator.etag}` : `last-modified: ${validator.lastModified}`;
}

/** The validator inside a cache file's «index version»; `undefined` when it holds none, as `Unknown` does. */
export function validatorFromIndexVersion(indexVersion: string): Validator | undefined {
  if (indexVersion.startsWith("etag: ")) return { etag: indexVersion.slice("etag: ".length) };
  if (indexVersion.startsWith("last-modified: ")) return { lastModified: indexVersion.slice("last-modified: ".length) };
  return undefined;
}

function headersFor(validator: Validator | undefined): Record<string, string> {
  const headers: Record<string, string> = { accept: "text/plain", "cargo-protocol": "version=1" };
  if (validator === undefined) return headers;
  if ("etag" in validator) headers["if-none-match"] = validator.etag;
  else headers["if-modified-since"] = validator.lastModified;
  return headers;
}

function checkedRoot(root: string): string {
  const url = root.startsWith("sparse+") ? root.slice("sparse+".length) : root;
  if (/^https?:\/\/[^/]/i.test(url) && url.endsWith("/")) return url;
  throw new SparseError({
    code: "cargo/sparse-root-invalid",
    what: `${JSON.stringify(root)} can not be the root of a sparse registry: it must begin with http:// or https:// and end in a slash`,
    where: root,
    help: "correct the registry's address in the Cargo configuration, for example `sparse+https://registry.example/index/`",
  });
}

function validatorOf(answer: HttpAnswer): Validator | undefined {
  const etag = headerOf(answer, "etag");
  if (etag !== undefined && etag !== "") return { etag };
  const lastModified = headerOf(answer, "last-modified");
  return lastModified === undefined || lastModified === "" ? undefined : { lastModified };
}

function headerOf(answer: HttpAnswer, name: string): string | undefined {
  const value = answer.headers[name];
  return (typeof value === "string" ? value : value?.[0])?.trim();
}

/**
 * Decodes an index file. Bytes that are not UTF-8 make only their own line unusable, as in cargo: such lines are left
 * out, because a repaired text would no longer be what the registry signed for.
 */
function textOf(body: Uint8Array | string): string {
  if (typeof body === "string") return body;
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    return decoder.decode(body);
  } catch {
    return decodableLines(body, decoder).join("\n");
  }
}

function decodableLines(body: Uint8Array, decoder: TextDecoder): string[] {
  const lines: string[] = [];
  for (let start = 0; start <= body.length; ) {
    const newline = body.indexOf(10, start);
    const end = newline === -1 ? body.length : newline;
    try {
      lines.push(decoder.decode(body.subarray(start, end)));
    } catch {
      lines.push("");
    }
    start = end + 1;
  }
  return lines;
}
