import type { HttpRequest, Secret } from "../cargo/index.ts";
import { type Attempt, type AttemptContext, withRetries } from "./attempts.ts";
import { BodyBuffer } from "./body-buffer.ts";
import { decodeContent } from "./content-coding.ts";
import { statusFailure } from "./failure.ts";
import { fetchFollowing, fileUrl } from "./following.ts";
import type { ResponseHead } from "./http1-reader.ts";
import { type AttemptFailure, RegistryError, shownUrl } from "./registry-error.ts";
import { secretsIn, withoutSecrets } from "./without-secrets.ts";

/** The largest index file or config.json that is accepted; the largest of crates.io has some 4 MB. */
const MAX_INDEX_BYTES = 64 << 20;

/** An answer that means something by its status: 200 with the decoded body, or one of the `expected` ones without. */
export interface SmallFile {
  readonly head: ResponseHead;
  readonly body: Uint8Array;
}

/** Which file of an index is wanted. */
export interface SmallFileOrder {
  readonly request: HttpRequest;
  /** Statuses that are answers besides 200. */
  readonly expected: readonly number[];
  /** Sent to the origin of the address, and nowhere else. */
  readonly token?: Secret | undefined;
}

/** Gets a file of an index, with retries. Statuses other than 200 and the expected ones are failures. */
export async function fetchSmallFile(
  context: AttemptContext,
  { request, expected, token }: SmallFileOrder,
): Promise<Attempt<SmallFile>> {
  const url = fileUrl(request.url, ["http:", "https:"]);
  const own = { ...request.headers, ...context.commonHeaders, "accept-encoding": "gzip" };
  const headers = token === undefined ? own : { ...own, authorization: token.expose() };
  const secrets = secretsIn(url, token);
  const attempt = async (): Promise<Attempt<SmallFile>> => {
    const body = new BodyBuffer(false);
    const received = await fetchFollowing(context, {
      url,
      headers,
      limitBytes: MAX_INDEX_BYTES,
      body,
      accepts: ({ status }) => status === 200,
    });
    if (received.kind === "failed") return received;
    const { head } = received;
    if (received.kind === "other") {
      if (expected.includes(head.status)) return { kind: "done", value: { head, body: new Uint8Array() } };
      return { kind: "failed", failure: statusFailure(head, received.url, received.start) };
    }
    const decoded = decodeContent(body.bytes, { head, url: received.url, limitBytes: MAX_INDEX_BYTES });
    if (decoded.kind === "failed") return decoded;
    if (isWebPage(head, decoded.bytes)) return { kind: "failed", failure: notARegistry(received.url, "a web page") };
    if (token !== undefined && repeats(decoded.bytes, token)) return { kind: "failed", failure: echoed(received.url) };
    return { kind: "done", value: { head, body: decoded.bytes } };
  };
  return withRetries(context, url, async () => withoutSecrets(await attempt(), secrets));
}

/** Shorter tokens would be found by chance. */
const SHORTEST_NOTICED_TOKEN = 8;

function repeats(body: Uint8Array, token: Secret): boolean {
  const text = token.expose();
  const words = [text, ...text.split(/\s+/)].filter(({ length }) => length >= SHORTEST_NOTICED_TOKEN);
  return words.some((word) => Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes(word));
}

/** What the registry sends is kept in hubs, which everybody may read. */
function echoed(url: URL): AttemptFailure {
  return {
    error: new RegistryError({
      code: "registry/token-echoed",
      what: "the registry repeats the token in this file, which would come into the hub with it",
      where: shownUrl(url),
      help: "ask whoever runs the registry to leave the token out of its files; then get a new token, because caches may have seen this one",
    }),
    next: "give-up",
  };
}

/** Whether an answer is a page for people: a login wall, a captive portal, an error page with status 200. */
export function isWebPage(head: ResponseHead, body: Uint8Array): boolean {
  let at = body[0] === 0xef ? 3 : 0;
  while (at < body.length && (body[at] ?? 0) <= 0x20) at += 1;
  return body[at] === 0x3c && /html|xml/i.test(head.headers["content-type"] ?? "html");
}

/** The answer is not what a registry sends. */
export function notARegistry(url: URL, found: string): AttemptFailure {
  return {
    error: new RegistryError({
      code: "registry/not-a-registry",
      what: `the answer is ${found}, not a file of a registry`,
      where: shownUrl(url),
      help: "open the address in a browser: sign in to the network if it asks for that, else correct the registry's address",
    }),
    next: "give-up",
  };
}
