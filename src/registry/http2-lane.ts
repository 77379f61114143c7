import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from "node:http2";
import { ClosedEarly, type ExchangeSink, type WireRequest } from "./exchange.ts";
import type { OpenSocket } from "./open-socket.ts";

/** How much the server may send ahead: with less, one round trip limits a fast line. */
const STREAM_WINDOW_BYTES = 8 << 20;
const SESSION_WINDOW_BYTES = 16 << 20;

/** REFUSED_STREAM: the server says that it did nothing for this request. */
const REFUSED_STREAM = 7;

/** Told when a session can take more, and when it takes no more. */
export interface SessionOwner {
  hasRoom(): void;
  gone(session: Http2Lane): void;
  /** The server did not look at this request (its session was ending): send it on another one. */
  stale(sink: ExchangeSink, request: WireRequest): void;
}

/** One HTTP/2 session to one origin, which carries many requests at once. */
export class Http2Lane {
  readonly #session: ClientHttp2Session;
  readonly #owner: SessionOwner;
  readonly #maxStreams: number;
  #active = 0;
  #served = 0;
  #isGone = false;

  private constructor(session: ClientHttp2Session, owner: SessionOwner, maxStreams: number) {
    this.#session = session;
    this.#owner = owner;
    this.#maxStreams = maxStreams;
    // Every stream reports its own failure; the session's error adds nothing to it.
    session.on("error", () => this.#leave());
    session.on("goaway", () => this.#leave());
    session.on("close", () => this.#leave());
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

  send(request: WireRequest, sink: ExchangeSink): void {
    const { url, headers } = request;
    let stream: ClientHttp2Stream;
    if (this.#active === 0) this.#session.ref();
    try {
      stream = this.#session.request({ ...headers, ":path": url.pathname + url.search }, { endStream: true });
    } catch (error) {
      this.#leave();
      if (this.#served > 0) this.#owner.stale(sink, request);
      else sink.failed(error);
      return;
    }
    this.#active += 1;
    this.#follow(stream, { request, sink });
  }

  destroy(): void {
    this.#isGone = true;
    this.#session.destroy();
  }

  #follow(
    stream: ClientHttp2Stream,
    { request, sink }: { readonly request: WireRequest; readonly sink: ExchangeSink },
  ): void {
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
      if (!isOver) sink.head({ status: headers[":status"] ?? 0, headers: firstValues(headers) });
    });
    stream.on("data", (chunk: Uint8Array) => {
      if (!isOver) sink.data(chunk);
    });
    stream.on("end", () => {
      // A stream that is reset ends too; its code tells the difference.
      if (isOver || !sawHead || stream.rstCode !== 0 || stream.aborted) return;
      isOver = true;
      this.#served += 1;
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
        if (!sawHead && this.#served > 0 && (stream.rstCode === REFUSED_STREAM || this.#isGone))
          this.#owner.stale(sink, request);
        else sink.failed(failure ?? new ClosedEarly());
      }
      if (this.hasRoom) this.#owner.hasRoom();
    });
  }

  #leave(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#session.close();
    this.#owner.gone(this);
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
