import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from "node:http2";
import { ClosedEarly, type Job } from "./exchange.ts";
import type { OpenSocket } from "./open-socket.ts";

/**
 * How much the server may send ahead. The session's window decides how fast many small files come over a long line; a
 * stream's window is what a body may take in memory while it waits for room.
 */
const STREAM_WINDOW_BYTES = 2 << 20;
const SESSION_WINDOW_BYTES = 16 << 20;

/** REFUSED_STREAM: the server says that it did nothing for this request. */
const REFUSED_STREAM = 7;

/** Told what becomes of a session. */
export interface SessionOwner {
  /** It can take another request. */
  hasRoom(): void;
  /** An answer has begun. */
  answered(): void;
  /** It takes no more requests; those under way may still end well. */
  leaving(session: Http2Lane): void;
  /** It is over. */
  ended(session: Http2Lane): void;
  /** The server did not answer this request because its session was ending: it is to be sent on another one. */
  unread(job: Job, cause: unknown): void;
}

/** One HTTP/2 session to one origin, which carries many requests at once. */
export class Http2Lane {
  readonly #session: ClientHttp2Session;
  readonly #owner: SessionOwner;
  readonly #maxStreams: number;
  #active = 0;
  #isGone = false;

  private constructor(session: ClientHttp2Session, owner: SessionOwner, maxStreams: number) {
    this.#session = session;
    this.#owner = owner;
    this.#maxStreams = maxStreams;
    // Every stream reports its own failure; the session's error adds nothing to it.
    session.on("error", () => this.#leave());
    session.on("goaway", () => this.#leave());
    session.on("close", () => {
      this.#leave();
      owner.ended(this);
    });
  }

  /** Starts a session on a connection on which ALPN chose h2. Loads node:http2, which takes 6 ms, only now. */
  static async open(
    open: OpenSocket,
    {
      origin,
      owner,
      maxStreams,
    }: { readonly origin: string; readonly owner: SessionOwner; readonly maxStreams: number },
  ): Promise<Http2Lane> {
    const http2 = await import("node:http2");
    const session = http2.connect(origin, {
      createConnection: () => open.socket,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES },
      maxSessionMemory: 128,
    });
    if (session.connecting) session.once("connect", () => session.setLocalWindowSize(SESSION_WINDOW_BYTES));
    else session.setLocalWindowSize(SESSION_WINDOW_BYTES);
    return new Http2Lane(session, owner, maxStreams);
  }

  /** True while another request may be sent. */
  get hasRoom(): boolean {
    const allowed = this.#session.remoteSettings?.maxConcurrentStreams ?? this.#maxStreams;
    return !this.#isGone && this.#active < Math.min(allowed, this.#maxStreams);
  }

  send(job: Job): void {
    const { url, headers } = job.request;
    let stream: ClientHttp2Stream;
    if (this.#active === 0) this.#session.ref();
    try {
      stream = this.#session.request({ ...headers, ":path": url.pathname + url.search }, { endStream: true });
    } catch (error) {
      this.#leave();
      this.#owner.unread(job, error);
      return;
    }
    this.#active += 1;
    this.#follow(stream, job);
  }

  destroy(): void {
    this.#isGone = true;
    this.#session.destroy();
  }

  #follow(stream: ClientHttp2Stream, job: Job): void {
    const { sink } = job;
    let isOver = false;
    let sawHead = false;
    let failure: unknown;
    sink.started({
      hold: () => void stream.pause(),
      release: () => void stream.resume(),
      abort: () => {
        isOver = true;
        stream.destroy();
      },
    });
    stream.on("response", (headers: IncomingHttpHeaders & { ":status"?: number }) => {
      sawHead = true;
      this.#owner.answered();
      if (!isOver) sink.head({ status: headers[":status"] ?? 0, headers: firstValues(headers) });
    });
    stream.on("data", (chunk: Uint8Array) => {
      if (!isOver) sink.data(chunk);
    });
    stream.on("end", () => {
      // A stream that is reset ends too; its code tells the difference.
      if (isOver || !sawHead || stream.rstCode !== 0 || stream.aborted) return;
      isOver = true;
      sink.end();
    });
    stream.on("error", (error) => {
      failure = error;
    });
    stream.on("close", () => {
      this.#active -= 1;
      if (this.#active === 0 && !this.#isGone) this.#session.unref();
      if (!isOver) {
        isOver = true;
        const cause = failure ?? new ClosedEarly();
        if (!sawHead && (stream.rstCode === REFUSED_STREAM || this.#isGone)) this.#owner.unread(job, cause);
        else sink.failed(cause);
      }
      if (this.hasRoom) this.#owner.hasRoom();
    });
  }

  #leave(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#session.close();
    this.#owner.leaving(this);
  }
}

function firstValues(headers: IncomingHttpHeaders): Record<string, string> {
  const first: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(headers)) {
    const text = Array.isArray(value) ? value[0] : value;
    if (typeof text === "string" && !name.startsWith(":")) first[name] = text;
  }
  return first;
}
