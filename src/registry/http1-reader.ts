/** Status and headers of a response. Names in lower case; of a repeated header the first value counts, but challenges are all kept. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Told what arrives. After `head` come any number of `data` and one `end`. */
export interface ReaderSink {
  head(head: ResponseHead): void;
  /** `chunk` is valid only during the call. */
  data(chunk: Uint8Array): void;
  end(): void;
}

/** Bytes that are not an HTTP/1.1 response. */
export class Http1SyntaxError extends Error {}

const MAX_HEAD_BYTES = 64 * 1024;
const MAX_CHUNK_LINE_BYTES = 4096;
const MAX_TRAILER_BYTES = 16 * 1024;
const HEAD_END = Buffer.from("\r\n\r\n", "latin1");

type State = "idle" | "head" | "fixed" | "until-close" | "chunk-size" | "chunk" | "chunk-end" | "trailers";

/**
 * Reads the responses of one HTTP/1.1 connection, one after the other; no socket in it.
 *
 * Strict where leniency lets two readers disagree about where a response ends: only CRLF ends a line of the head, no
 * folded lines, one `Content-Length`, `chunked` as the only transfer coding.
 *
 * @see RFC 9112.
 */
export class Http1Reader {
  readonly #sink: ReaderSink;
  #state: State = "idle";
  /** Bytes left of the body or chunk; bytes seen of a chunk line or the trailers. */
  #count = 0;
  #partialHead: Buffer | undefined;
  #line = "";
  #held = false;
  #keepAlive = false;

  constructor(sink: ReaderSink) {
    this.#sink = sink;
  }

  /** True when another request may follow on this connection. */
  get isReusable(): boolean {
    return this.#state === "idle" && this.#keepAlive;
  }

  /** Announces that a request was sent. */
  expectResponse(): void {
    this.#state = "head";
    this.#partialHead = undefined;
  }

  /** Makes {@link push} stop after the present event. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
  }

  /**
   * Reads `bytes`, which need not live longer than the call.
   *
   * @returns How many were used; the rest came after the response, or is to be pushed again after {@link release}.
   * @throws {Http1SyntaxError} The connection is of no more use.
   */
  push(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length && !this.#held && this.#state !== "idle") {
      switch (this.#state) {
        case "head":
          at = this.#readHead(bytes, at);
          break;
        case "fixed":
        case "until-close":
        case "chunk":
          at = this.#readBody(bytes, at);
          break;
        case "chunk-size":
        case "chunk-end":
        case "trailers":
          at = this.#readLine(bytes, at);
          break;
      }
    }
    return at;
  }

  /** The connection has ended. @returns True when that completed a response, or none was expected. */
  close(): boolean {
    const complete = this.#state === "until-close";
    if (complete) this.#finish();
    this.#keepAlive = false;
    return complete || this.#state === "idle";
  }

  #readHead(bytes: Buffer, at: number): number {
    const before = this.#partialHead;
    const all = before === undefined ? bytes.subarray(at) : Buffer.concat([before, bytes.subarray(at)]);
    const end = all.indexOf(HEAD_END, before === undefined ? 0 : Math.max(0, before.length - 3));
    if (end === -1 || end > MAX_HEAD_BYTES) {
      if (all.length > MAX_HEAD_BYTES) throw new Http1SyntaxError(`the head has more than ${MAX_HEAD_BYTES} bytes`);
      if (all.length > 4 && !"HTTP/".startsWith(all.toString("latin1", 0, 5))) throw notHttp(all);
      this.#partialHead = before === undefined ? Buffer.from(all) : all;
      return bytes.length;
    }
    this.#partialHead = undefined;
    const parsed = parseHead(all.toString("latin1", 0, end));
    if (parsed.status === 101) throw new Http1SyntaxError("the server switched to another protocol");
    if (parsed.status >= 200) this.#begin(parsed);
    return at + end + HEAD_END.length - (before?.length ?? 0);
  }

  #begin(head: ParsedHead): void {
    this.#keepAlive = head.keepAlive;
    this.#count = head.length ?? 0;
    this.#line = "";
    if (head.status === 204 || head.status === 304) {
      this.#state = "fixed";
      this.#count = 0;
    } else if (head.chunked) this.#state = "chunk-size";
    else this.#state = head.length === undefined ? "until-close" : "fixed";
    if (this.#state === "until-close") this.#keepAlive = false;
    this.#sink.head(head);
    if (this.#state === "fixed" && this.#count === 0) this.#finish();
  }

  #readBody(bytes: Buffer, at: number): number {
    if (this.#state === "until-close") {
      this.#sink.data(at === 0 ? bytes : bytes.subarray(at));
      return bytes.length;
    }
    const end = Math.min(bytes.length, at + this.#count);
    this.#count -= end - at;
    this.#sink.data(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
    if (this.#count === 0) {
      if (this.#state === "fixed") this.#finish();
      else this.#state = "chunk-end";
    }
    return end;
  }

  /** Reads up to the next line feed; the line may be spread over many calls. */
  #readLine(bytes: Buffer, at: number): number {
    const newline = bytes.indexOf(10, at);
    const end = newline === -1 ? bytes.length : newline + 1;
    this.#line += bytes.toString("latin1", at, end);
    if (this.#line.length > (this.#state === "trailers" ? MAX_TRAILER_BYTES : MAX_CHUNK_LINE_BYTES)) {
      throw new Http1SyntaxError("a line between two chunks is too long");
    }
    if (newline === -1) return end;
    if (!this.#line.endsWith("\r\n")) throw new Http1SyntaxError("a line between two chunks does not end in CRLF");
    if (this.#state === "chunk-size") this.#beginChunk(this.#line);
    else if (this.#state === "chunk-end") this.#endChunk(this.#line);
    else if (this.#line === "\r\n" || this.#line.endsWith("\r\n\r\n")) this.#finish();
    return end;
  }

  #beginChunk(line: string): void {
    const size = /^([0-9a-fA-F]{1,12})[ \t]*(?:;[^\r\n]*)?\r\n$/.exec(line)?.[1];
    if (size === undefined) throw new Http1SyntaxError("a chunk begins without its size");
    this.#count = Number.parseInt(size, 16);
    this.#state = this.#count === 0 ? "trailers" : "chunk";
    this.#line = "";
  }

  #endChunk(line: string): void {
    if (line !== "\r\n") throw new Http1SyntaxError("a chunk is longer than its size");
    this.#state = "chunk-size";
    this.#line = "";
  }

  #finish(): void {
    this.#state = "idle";
    this.#sink.end();
  }
}

interface ParsedHead extends ResponseHead {
  readonly keepAlive: boolean;
  readonly chunked: boolean;
  readonly length: number | undefined;
}

/**
 * Reads the head of a response.
 *
 * @param text The head without the empty line that ends it, each byte one character.
 * @throws {Http1SyntaxError}
 */
export function parseHead(text: string): ParsedHead {
  const lines = text.split("\r\n");
  const first = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [^\r\n]*)?$/.exec(lines[0] ?? "");
  if (first === null) throw notHttp(Buffer.from(text.slice(0, 80), "latin1"));
  const headers: Record<string, string> = Object.create(null);
  let length: number | undefined;
  for (let index = 1; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) || /[\0\r\n]/.test(value)) {
      throw new Http1SyntaxError(`header line ${index} is malformed`);
    }
    if (name === "content-length") length = oneLength(length, value);
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else if (name === "www-authenticate") headers[name] = `${before}, ${value}`;
  }
  const coding = headers["transfer-encoding"]?.toLowerCase();
  if (coding !== undefined && coding !== "chunked") throw new Http1SyntaxError(`unknown transfer coding ${coding}`);
  const connection = headers["connection"]?.toLowerCase() ?? "";
  const isClosing = first[1] === "1" ? /\bclose\b/.test(connection) : !/\bkeep-alive\b/.test(connection);
  const chunked = coding !== undefined;
  return {
    status: Number(first[2]),
    headers,
    keepAlive: !isClosing && !(chunked && length !== undefined),
    chunked,
    length,
  };
}

function oneLength(before: number | undefined, value: string): number {
  const length = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isNaN(length) || (before !== undefined && before !== length)) {
    throw new Http1SyntaxError("its Content-Length is not one number");
  }
  return length;
}

function notHttp(bytes: Buffer): Http1SyntaxError {
  const start = bytes.toString("latin1", 0, 40).replaceAll(/[^ -~]/g, "?");
  return new Http1SyntaxError(`the answer is not HTTP/1.1; it begins with ${JSON.stringify(start)}`);
}
