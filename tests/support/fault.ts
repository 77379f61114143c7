import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";

export type AnyRequest = IncomingMessage | Http2ServerRequest;
export type AnyResponse = ServerResponse | Http2ServerResponse;

/**
 * One way in which a server misbehaves. `times` limits it to the first so many requests; absent means always.
 *
 * `{authorization}` in a body, a header or an address stands for what the request showed.
 */
export type Fault = { readonly times?: number } & (
  | {
      readonly kind: "status";
      readonly status: number;
      /** Value of `Retry-After`. */
      readonly retryAfter?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** Accepts the request and never answers. */
  | { readonly kind: "hang" }
  /** Sends the head and the first `afterBytes` bytes of the body, then tears the connection. */
  | { readonly kind: "drop"; readonly afterBytes: number }
  /** Tears the connection before any answer. */
  | { readonly kind: "refuse" }
  /** Promises `by` bytes more (or, negative, fewer) than it sends. */
  | { readonly kind: "length"; readonly by: number }
  /** Sends the right number of bytes, with the one at `at` flipped. */
  | { readonly kind: "wrong-bytes"; readonly at?: number }
  /** Sends `bytes` bytes every `everyMs`. */
  | { readonly kind: "trickle"; readonly bytes: number; readonly everyMs: number }
  | { readonly kind: "redirect"; readonly to: string; readonly status?: number }
  /** A web page with status 200, as captive portals and login walls send it. */
  | { readonly kind: "html" }
  /** Sends the body without a length, in chunks. */
  | { readonly kind: "chunked" }
);

/** What the registry would have sent. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What both protocols' responses offer alike. */
interface Answer {
  head(status: number, headers: Record<string, string>): void;
  write(chunk: Uint8Array): void;
  end(chunk?: Uint8Array): void;
  /** Stops in the middle of the body: orderly (as a server that thinks it is done) or not. */
  stop(how: "orderly" | "torn"): void;
}

function answerOn(response: AnyResponse): Answer {
  if ("stream" in response) {
    return {
      head: (status, headers) => void response.writeHead(status, headers),
      write: (chunk) => void response.write(chunk),
      end: (chunk) => void (chunk === undefined ? response.end() : response.end(chunk)),
      stop: (how) => void (how === "orderly" ? response.end() : response.stream.session?.destroy()),
    };
  }
  return {
    head: (status, headers) => void response.writeHead(status, headers),
    write: (chunk) => void response.write(chunk),
    end: (chunk) => void (chunk === undefined ? response.end() : response.end(chunk)),
    stop: (how) => void (how === "orderly" ? response.socket?.end() : response.socket?.destroy()),
  };
}

/** Sends `reply` as it is. */
export function sendReply(response: AnyResponse, reply: Reply): void {
  const answer = answerOn(response);
  answer.head(reply.status, { ...reply.headers, "content-length": String(reply.body.length) });
  answer.end(reply.body);
}

/** Sends `reply` spoiled by `fault`, and gives the status that went out (0: none). */
export function sendFaulty(
  request: AnyRequest,
  response: AnyResponse,
  { fault, reply }: { fault: Fault; reply: Reply },
): number {
  const filled = (text: string): string => text.replaceAll("{authorization}", request.headers.authorization ?? "");
  const plain = (status: number, headers: Readonly<Record<string, string>>, text: string): number => {
    const own = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, filled(value)]));
    sendReply(response, { status, headers: own, body: Buffer.from(filled(text)) });
    return status;
  };
  switch (fault.kind) {
    case "status": {
      const retryAfter = fault.retryAfter === undefined ? {} : { "retry-after": fault.retryAfter };
      return plain(fault.status, { ...retryAfter, ...fault.headers }, fault.body ?? "");
    }
    case "redirect":
      return plain(fault.status ?? 302, { location: fault.to }, "");
    case "html":
      return plain(200, { "content-type": "text/html; charset=utf-8" }, "<!DOCTYPE html>\n<title>Sign in</title>\n");
    case "hang":
      return 0;
    case "refuse":
      request.socket.destroy();
      return 0;
    case "drop":
    case "length":
    case "wrong-bytes":
    case "trickle":
    case "chunked":
      break;
  }
  return sendSpoiled(response, { fault, reply });
}

type BodyFault = Extract<Fault, { kind: "drop" | "length" | "wrong-bytes" | "trickle" | "chunked" }>;

function sendSpoiled(response: AnyResponse, { fault, reply }: { fault: BodyFault; reply: Reply }): number {
  const answer = answerOn(response);
  const { body, headers, status } = reply;
  const head = (length: number): void => answer.head(status, { ...headers, "content-length": String(length) });
  switch (fault.kind) {
    case "drop":
      head(body.length);
      answer.write(body.subarray(0, fault.afterBytes));
      setTimeout(() => answer.stop("torn"), 20);
      break;
    case "length":
      head(body.length + fault.by);
      answer.write(body);
      setTimeout(() => answer.stop("orderly"), 20);
      break;
    case "wrong-bytes": {
      const copy = Uint8Array.from(body);
      const at = fault.at ?? Math.floor(body.length / 2);
      copy[at] = (copy[at] ?? 0) ^ 1;
      head(copy.length);
      answer.end(copy);
      break;
    }
    case "trickle":
      head(body.length);
      trickle(answer, body, fault);
      break;
    case "chunked":
      answer.head(status, headers);
      for (let at = 0; at < body.length; at += 1000) answer.write(body.subarray(at, at + 1000));
      answer.end();
      break;
  }
  return status;
}

function trickle(answer: Answer, body: Uint8Array, pace: { readonly bytes: number; readonly everyMs: number }): void {
  let at = 0;
  const timer = setInterval(() => {
    answer.write(body.subarray(at, at + pace.bytes));
    at += pace.bytes;
    if (at < body.length) return;
    clearInterval(timer);
    answer.end();
  }, pace.everyMs);
  timer.unref();
}
