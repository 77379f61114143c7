import { ClosedEarly, type ExchangeControl, type Job, type WireRequest } from "./exchange.ts";
import { Http1Reader, Http1SyntaxError, type ResponseHead } from "./http1-reader.ts";
import type { OpenSocket } from "./open-socket.ts";

/** Told when a connection has time again, and when it is gone. */
export interface ConnectionOwner {
  idle(connection: Http1Connection): void;
  gone(connection: Http1Connection): void;
  /** A kept connection was closed by the server before it answered anything: the request is to be sent on a fresh one. */
  unread(job: Job, cause: unknown): void;
}

/**
 * One HTTP/1.1 connection: one request at a time, kept for the next.
 *
 * Own code because it was measured: node:http and undici take two to three times its processor time per request, and
 * undici 16 ms more to load.
 */
export class Http1Connection implements ExchangeControl {
  readonly #open: OpenSocket;
  readonly #owner: ConnectionOwner;
  readonly #reader: Http1Reader;
  #job: Job | undefined;
  /** Bytes that came while the flow was held. */
  #waiting: Buffer[] = [];
  #isHeld = false;
  #isGone = false;
  #wasUsed = false;
  #sawAnswer = false;
  #closedWhileHeld: { readonly cause: unknown } | undefined;

  constructor(open: OpenSocket, owner: ConnectionOwner) {
    this.#open = open;
    this.#owner = owner;
    this.#reader = new Http1Reader({
      head: (head) => this.#head(head),
      data: (chunk) => this.#job?.sink.data(chunk),
      end: () => this.#end(),
    });
    const { socket } = open;
    open.listen((bytes) => this.#receive(bytes));
    let failure: unknown;
    socket.on("error", (error) => {
      failure = error;
    });
    socket.on("end", () => this.#closed(undefined));
    socket.on("close", () => this.#closed(failure));
  }

  /** Sends `request`; only on a connection that is new or was reported idle. */
  send(job: Job): void {
    this.#job = job;
    this.#sawAnswer = false;
    this.#reader.expectResponse();
    this.#open.socket.ref();
    job.sink.started(this);
    this.#open.socket.write(requestText(job.request, this.#open.proxyHeaders), "latin1");
  }

  hold(): void {
    this.#isHeld = true;
    this.#reader.hold();
    this.#open.socket.pause();
  }

  release(): void {
    if (!this.#isHeld || this.#isGone) return;
    this.#isHeld = false;
    this.#reader.release();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const bytes of waiting) this.#receive(bytes);
    if (this.#closedWhileHeld !== undefined) this.#closed(this.#closedWhileHeld.cause);
    else if (!this.#isGone && !this.#isHeld) this.#open.socket.resume();
  }

  abort(): void {
    this.#job = undefined;
    this.destroy();
  }

  /** Tears the connection; a request under way fails with `cause`. */
  close(cause: Error): void {
    this.#fail(cause);
  }

  /** Tears the connection. A request under way is not told. */
  destroy(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#waiting = [];
    this.#open.socket.destroy();
    this.#owner.gone(this);
  }

  #receive(bytes: Buffer): void {
    if (this.#isGone) return;
    if (this.#isHeld) {
      this.#waiting.push(Buffer.from(bytes));
      return;
    }
    this.#sawAnswer = true;
    let used: number;
    try {
      used = this.#reader.push(bytes);
    } catch (error) {
      if (!(error instanceof Http1SyntaxError)) throw error;
      this.#fail(error);
      return;
    }
    if (used === bytes.length || this.#isGone) return;
    if (this.#isHeld) this.#waiting.push(Buffer.from(bytes.subarray(used)));
    // Bytes that nobody asked for: whatever they are, the next response could not be told from them.
    else this.destroy();
  }

  #head(head: ResponseHead): void {
    this.#job?.sink.head(head);
  }

  #end(): void {
    const job = this.#job;
    this.#job = undefined;
    this.#wasUsed = true;
    if (this.#reader.isReusable && !this.#isGone) {
      this.#open.socket.unref();
      // After the present event, when it is known whether surplus bytes follow.
      queueMicrotask(() => {
        if (!this.#isGone) this.#owner.idle(this);
      });
    } else this.destroy();
    job?.sink.end();
  }

  #closed(cause: unknown): void {
    if (this.#isGone) return;
    if (this.#isHeld) {
      this.#closedWhileHeld = { cause };
      return;
    }
    if (this.#job === undefined) {
      this.destroy();
      return;
    }
    if (cause === undefined && this.#reader.close()) return;
    this.#fail(cause ?? new ClosedEarly());
  }

  #fail(cause: unknown): void {
    const job = this.#job;
    this.#job = undefined;
    this.destroy();
    if (job === undefined) return;
    if (this.#wasUsed && !this.#sawAnswer) this.#owner.unread(job, cause);
    else job.sink.failed(cause);
  }
}

/** The text of a GET request. Header values were checked when the settings and answers that they come from were read. */
function requestText(
  { url, headers }: WireRequest,
  proxyHeaders: Readonly<Record<string, string>> | undefined,
): string {
  const path = url.pathname + url.search;
  let text = `GET ${proxyHeaders === undefined ? path : url.origin + path} HTTP/1.1\r\nhost: ${url.host}\r\n`;
  for (const name in headers) text += `${name}: ${headers[name] ?? ""}\r\n`;
  for (const name in proxyHeaders) text += `${name}: ${proxyHeaders[name] ?? ""}\r\n`;
  return `${text}\r\n`;
}
