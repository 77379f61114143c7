import type { BodyBuffer } from "./body-buffer.ts";
import type { ResponseHead } from "./http1-reader.ts";
import { type AttemptFailure, RegistryError, shownUrl } from "./registry-error.ts";
import { type Received, type ReceivingContext, ResponseReceiver } from "./response-receiver.ts";
import type { Transport } from "./transport.ts";

/** One file to get. */
export interface FileRequest {
  /** May hold a user name and password; they are sent to this origin only. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly limitBytes: number;
  readonly body: BodyBuffer;
  /** See {@link ResponseReceiver}. */
  accepts(head: ResponseHead): boolean | AttemptFailure;
  onBytes?(count: number): void;
}

export interface SendingContext extends ReceivingContext {
  readonly transport: Transport;
}

/**
 * Reads the address of a file.
 *
 * @throws {RegistryError} registry/bad-address
 */
export function fileUrl(text: string, schemes: readonly string[]): URL {
  let url: URL | undefined;
  try {
    url = new URL(text);
  } catch {
    url = undefined;
  }
  if (url !== undefined && schemes.includes(url.protocol)) return url;
  throw new RegistryError({
    code: "registry/bad-address",
    what: `${JSON.stringify(shownUrl(text))} is not an address with one of the schemes ${schemes.join(" ")}`,
    help: "check the registry's address, and the `dl` entry in its config.json",
  });
}

const MAX_REDIRECTS = 10;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Sends one request and follows redirects, at most 10. Validators and ranges go along on every hop, as with cargo;
 * credentials only to the origin they were meant for.
 *
 * @returns The last answer, and the URL it came from.
 */
export async function fetchFollowing(
  context: SendingContext,
  request: FileRequest,
): Promise<Received & { readonly url: URL }> {
  const { authorization = basicAuthorization(request.url), ...open } = request.headers;
  let url = request.url;
  for (let hop = 0; ; hop += 1) {
    const isOwn = authorization !== undefined && url.origin === request.url.origin;
    const received = await send(context, { ...request, url, headers: isOwn ? { ...open, authorization } : open });
    if (received.kind !== "other" || !REDIRECTS.has(received.head.status)) return { ...received, url };
    const location = received.head.headers["location"];
    if (location === undefined) return { ...received, url };
    if (hop === MAX_REDIRECTS) return { kind: "failed", failure: redirectLoop(request.url, url), url };
    const next = resolved(location, url);
    if (next === undefined) return { kind: "failed", failure: badLocation(location, url), url };
    url = next;
  }
}

function send(context: SendingContext, request: FileRequest): Promise<Received> {
  return new Promise((resolve) => {
    const receiver = new ResponseReceiver(request, context, resolve);
    try {
      context.transport.send({ url: request.url, headers: sendable(request.headers) }, receiver);
    } catch (error) {
      receiver.failed(error);
    }
  });
}

/** Leaves out headers whose value a header can not hold: a validator from a damaged file must not end the head early. */
function sendable(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const good = Object.entries(headers).filter(([, value]) => /^[\t -~\x80-\xff]*$/.test(value));
  return good.length === Object.keys(headers).length ? headers : Object.fromEntries(good);
}

/** The header for a user name and password in a URL. */
function basicAuthorization({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(plain).toString("base64")}`;
}

function resolved(location: string, base: URL): URL | undefined {
  try {
    const url = new URL(location, base);
    return url.protocol === "http:" || url.protocol === "https:" ? url : undefined;
  } catch {
    return undefined;
  }
}

function redirectLoop(from: URL, last: URL): AttemptFailure {
  return {
    error: new RegistryError({
      code: "registry/redirect-loop",
      what: `the server redirects more than ${MAX_REDIRECTS} times; the last address was ${shownUrl(last)}`,
      where: shownUrl(from),
      help: "check the address; if it is right, tell whoever runs the registry",
    }),
    next: "give-up",
  };
}

function badLocation(location: string, from: URL): AttemptFailure {
  return {
    error: new RegistryError({
      code: "registry/bad-response",
      what: `the server redirects to ${JSON.stringify(shownUrl(location).slice(0, 200))}, which is no http or https address`,
      where: shownUrl(from),
      help: "check the address; if it is right, tell whoever runs the registry",
    }),
    next: "give-up",
  };
}
