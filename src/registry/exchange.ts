import type { ResponseHead } from "./http1-reader.ts";

/** A GET request as the transport sends it. Header names in lower case; user name and password of the URL are not sent by it. */
export interface WireRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the receiver of a response may do while it is under way. */
export interface ExchangeControl {
  /** Stops the flow after the present event, so that the server has to wait. */
  hold(): void;
  /** Lets it flow again. */
  release(): void;
  /** Gives up; nothing more is reported. */
  abort(): void;
}

/** Told how one request fares. First `started`; then `head`, `data`… and `end`, or at any moment `failed`; nothing after those. */
export interface ExchangeSink {
  /** The request is on its way, or a connection for it is being made. May come twice when a kept connection turned out dead. */
  started(control: ExchangeControl): void;
  head(head: ResponseHead): void;
  /** `chunk` is valid only during the call. */
  data(chunk: Uint8Array): void;
  end(): void;
  failed(cause: unknown): void;
}

/** A request with whoever waits for its answer. */
export interface Job {
  readonly request: WireRequest;
  readonly sink: ExchangeSink;
  /** How often it came back unread without any other being answered meanwhile, and how many answers there were then. */
  readonly returns?: { readonly count: number; readonly answers: number };
}

/** The server closed the connection before the response was complete. */
export class ClosedEarly extends Error {
  constructor() {
    super("the server closed the connection before its answer was complete");
  }
}

/** The client was closed while requests were under way. */
export class ClientClosed extends Error {
  constructor() {
    super("the client was closed");
  }
}
