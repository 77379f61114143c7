import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Secret, Sha256 } from "../cargo/index.ts";
import { type Attempt, type AttemptContext, withRetries } from "./attempts.ts";
import { BodyBuffer } from "./body-buffer.ts";
import { decodeContent, isPlain } from "./content-coding.ts";
import { lengthMismatch, statusFailure } from "./failure.ts";
import { type FileRequest, fetchFollowing, fileUrl } from "./following.ts";
import type { ResponseHead } from "./http1-reader.ts";
import { type AttemptFailure, RegistryError, shownUrl } from "./registry-error.ts";
import { isWebPage, notARegistry } from "./small-file.ts";
import { secretsIn, withoutSecrets } from "./without-secrets.ts";

/** The largest crate file that is accepted; crates.io itself takes 10 MB. */
const MAX_CRATE_BYTES = 512 << 20;

/** One crate file to get. */
export interface CrateRequest {
  /** `http:`, `https:` or `file:`. */
  readonly url: string;
  /** What lockfile and index promise. */
  readonly checksum: Sha256;
  readonly name: string;
  readonly version: string;
  /** The file's size, where it is known. */
  readonly expectedBytes?: number | undefined;
  /**
   * The registry whose token is sent along: `sparse+https://…/`, or the URL of its git repository. For registries whose
   * config.json says `auth-required`. As with cargo the token goes to whatever host the registry's `dl` names, but no further.
   */
  readonly authorizedBy?: string | undefined;
}

/**
 * Downloads a crate file and checks it while it comes.
 *
 * Breaks are mended by a Range request where the server allows it. Bytes that are whole but wrong are asked for once more,
 * past any cache, before they are an error.
 */
export async function downloadCrate(
  context: AttemptContext,
  request: CrateRequest,
  token?: Secret,
): Promise<Attempt<Uint8Array>> {
  const url = fileUrl(request.url, ["http:", "https:", "file:"]);
  if (url.protocol === "file:") return { kind: "done", value: await readLocalCrate(url, request) };
  const first = await downloadOnce(context, url, { request, token, headers: {} });
  if (first.kind === "done" || first.failure.next !== "distrust") return first;
  const event = {
    kind: "retry",
    url: shownUrl(url),
    reason: first.failure.error.what,
    retry: 1,
    of: 1,
    waitMs: 0,
  } as const;
  context.onEvent(event);
  return downloadOnce(context, url, {
    request,
    token,
    headers: { "cache-control": "no-cache", pragma: "no-cache" },
  });
}

interface Order {
  readonly request: CrateRequest;
  readonly token: Secret | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** What of a broken download can be gone on with. */
interface Partial {
  readonly head: ResponseHead;
  readonly totalBytes: number | undefined;
}

async function downloadOnce(context: AttemptContext, url: URL, order: Order): Promise<Attempt<Uint8Array>> {
  const { checksum, name, version, expectedBytes } = order.request;
  const body = new BodyBuffer(true);
  let partial: Partial | undefined;
  let isCoded = false;
  const accepts = (head: ResponseHead): boolean | AttemptFailure => {
    if (head.status === 206 && partial !== undefined) return continues(head, { partial, url, at: body.length }) ?? true;
    if (head.status !== 200) return false;
    body.reset();
    isCoded = !isPlain(head);
    const promised = head.headers["content-length"];
    partial = { head, totalBytes: promised === undefined ? undefined : Number(promised) };
    if (isCoded || expectedBytes === undefined || promised === undefined || Number(promised) === expectedBytes)
      return true;
    return {
      error: lengthMismatch(shownUrl(url), { promised: expectedBytes, received: Number(promised) }),
      next: "distrust",
    };
  };
  const onBytes = (bytes: number): void => context.onEvent({ kind: "received", name, version, bytes });
  const { token } = order;
  const authorization = token === undefined ? {} : { authorization: token.expose() };
  const attempt = async (): Promise<Attempt<Uint8Array>> => {
    const range: Record<string, string> =
      partial === undefined || isCoded || body.length === 0 ? {} : rangeHeaders(partial.head, body.length);
    if (range["range"] === undefined) partial = undefined;
    else context.onEvent({ kind: "resume", url: shownUrl(url), fromBytes: body.length });
    const headers = { accept: "*/*", ...context.commonHeaders, ...authorization, ...order.headers, ...range };
    const received = await inSlot(context, { url, headers, limitBytes: MAX_CRATE_BYTES, body, accepts, onBytes });
    if (received.kind === "failed") return received;
    if (received.kind === "other") {
      if (received.head.status === 416 || received.head.status === 206) {
        partial = undefined;
        return { kind: "failed", failure: rangeRefused(url, received.head.status) };
      }
      return { kind: "failed", failure: statusFailure(received.head, received.url, received.start) };
    }
    partial = undefined;
    return finish(body, { head: received.head, url: received.url, checksum });
  };
  const secrets = secretsIn(url, token);
  return withRetries(context, url, async () => withoutSecrets(await attempt(), secrets));
}

async function inSlot(context: AttemptContext, request: FileRequest): ReturnType<typeof fetchFollowing> {
  const slot = await context.crateSlots.taken(1);
  try {
    return await fetchFollowing(context, request);
  } finally {
    slot.giveBack();
  }
}

/** Headers to go on behind `length` bytes; none when the server gave no sign that it can. */
function rangeHeaders({ headers }: ResponseHead, length: number): Record<string, string> {
  const { etag, "last-modified": lastModified, "accept-ranges": ranges } = headers;
  const range = { range: `bytes=${length}-` };
  if (ranges?.toLowerCase() === "none") return {};
  if (etag !== undefined && !etag.startsWith("W/")) return { ...range, "if-range": etag };
  if (lastModified !== undefined) return { ...range, "if-range": lastModified };
  // Without a validator the checksum alone decides whether both parts belong together.
  return ranges?.toLowerCase() === "bytes" ? range : {};
}

/** Checks that a 206 is the rest of what is here already. */
function continues(
  head: ResponseHead,
  { partial, url, at }: { readonly partial: Partial; readonly url: URL; readonly at: number },
): AttemptFailure | undefined {
  const stated = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(head.headers["content-range"] ?? "");
  const total = stated?.[3] === "*" ? undefined : Number(stated?.[3]);
  const fits =
    Number(stated?.[1]) === at &&
    (partial.totalBytes === undefined || total === undefined || total === partial.totalBytes);
  const sameTag = head.headers["etag"] === undefined || head.headers["etag"] === partial.head.headers["etag"];
  return stated !== null && fits && sameTag && isPlain(head) ? undefined : rangeRefused(url, 206);
}

function rangeRefused(url: URL, status: number): AttemptFailure {
  return {
    error: new RegistryError({
      code: "registry/bad-response",
      what:
        status === 416
          ? "the server has no more bytes of this file (416)"
          : "the server sent another part of the file than it was asked for",
      where: shownUrl(url),
      help: "try again; if it stays, a proxy or the server spoils answers: tell whoever runs it",
    }),
    next: "distrust",
  };
}

interface Whole {
  readonly head: ResponseHead;
  readonly url: URL;
  readonly checksum: Sha256;
}

function finish(body: BodyBuffer, { head, url, checksum }: Whole): Attempt<Uint8Array> {
  let { bytes } = body;
  let actual = body.sha256();
  if (!isPlain(head)) {
    const decoded = decodeContent(bytes, { head, url, limitBytes: MAX_CRATE_BYTES });
    if (decoded.kind === "failed") return decoded;
    bytes = decoded.bytes;
    actual = createHash("sha256").update(bytes).digest("hex");
  }
  if (actual === checksum) return { kind: "done", value: bytes };
  if (isWebPage(head, bytes)) return { kind: "failed", failure: notARegistry(url, "a web page") };
  return {
    kind: "failed",
    failure: { error: checksumMismatch(url, { actual, checksum, size: bytes.length }), next: "distrust" },
  };
}

function checksumMismatch(
  url: URL,
  { actual, checksum, size }: { readonly actual: string; readonly checksum: Sha256; readonly size: number },
): RegistryError {
  return new RegistryError({
    code: "registry/checksum-mismatch",
    what: `the ${size} bytes that came hash to ${actual}, but ${checksum} was promised`,
    where: shownUrl(url),
    help: "do not use this crate: ask whoever runs the registry or mirror why its file differs from the index and the lockfile",
  });
}

/** A `dl` template may lead to a directory; only the checksum is to be checked then. */
async function readLocalCrate(url: URL, { checksum }: CrateRequest): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(url);
  } catch (cause) {
    const what = `the file can not be read: ${cause instanceof Error ? cause.message : String(cause)}`;
    const help = "check the `dl` entry in the registry's config.json, and that the directory is there";
    throw new RegistryError({ code: "registry/not-found", what, where: shownUrl(url), help, cause });
  }
  const actual = createHash("sha256").update(bytes).digest("hex");
  if (actual !== checksum) throw checksumMismatch(url, { actual, checksum, size: bytes.length });
  return bytes;
}
