import { createServer, type Server } from "node:http";
import { createSecureServer, type Http2SecureServer, type Http2Session } from "node:http2";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { gzipSync } from "node:zlib";
import type { TlsMaterial } from "./certificate.ts";
import type { BuiltCrate, CrateSpec } from "./crate-builder.ts";
import { type AnyRequest, type AnyResponse, type Fault, type Reply, sendFaulty, sendReply } from "./fault.ts";
import { entityTag, RegistryContent } from "./registry-content.ts";

export interface RegistryOptions {
  readonly crates: readonly (CrateSpec | BuiltCrate)[];
  /** Path pattern → fault; see {@link LoopbackRegistry.setFault}. */
  readonly faults?: Readonly<Record<string, Fault>>;
  /** With it the registry speaks https, and HTTP/2 unless `http2` is false. */
  readonly tls?: TlsMaterial;
  readonly http2?: boolean;
  /** Template for `dl`; `{origin}` is the server's own address. */
  readonly dl?: string;
  /** More keys of config.json, or other values: `{ "auth-required": true }`. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Answers Range requests; true unless told. */
  readonly ranges?: boolean;
  /** Sends ETags and answers If-None-Match; true unless told. */
  readonly entityTags?: boolean;
  /** Compresses index files for clients that accept it. */
  readonly gzip?: boolean;
  /** Compresses crate files whether the client accepts it or not, as some file servers do. */
  readonly gzipCrates?: boolean;
  /** Demanded on every request; others get 401. */
  readonly token?: string | undefined;
}

/** One request the registry got. */
export interface LoggedRequest {
  readonly method: string;
  /** Path and query as sent; for a proxy's absolute form the whole URL. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly httpVersion: string;
  /** Which connection brought it: 1, 2, … */
  readonly connection: number;
  /** 0 until answered, and for an answer that never comes. */
  status: number;
}

export interface LoopbackRegistry {
  /** `http://127.0.0.1:41234/index/`: the sparse root, without `sparse+`. */
  readonly url: string;
  readonly origin: string;
  /** Every request since the start, in order of arrival. Set `length = 0` to forget them. */
  readonly requests: LoggedRequest[];
  /** Paths of the requests, for short assertions. */
  paths(): string[];
  /** The first pattern (a part of the path, or a RegExp) that fits a request spoils its answer. `undefined` heals. */
  setFault(pathPattern: string | RegExp, fault: Fault | undefined): void;
  add(crate: CrateSpec | BuiltCrate): BuiltCrate;
  /** The crate as built, with checksum and bytes. */
  built(name: string, version: string): BuiltCrate;
  remove(name: string): void;
  replaceIndexLine(name: string, version: string, line: string | ((line: string) => string)): void;
  yank(name: string, version: string): void;
  /** Stops listening and tears every connection. */
  close(): Promise<void>;
}

/**
 * Starts a sparse registry on a free port of 127.0.0.1; cargo itself can resolve, fetch and build from it.
 *
 * The index is at `/index/`, crates are at `/crates/<name>/<name>-<version>.crate` unless `dl` says otherwise.
 */
export async function startRegistry(options: RegistryOptions): Promise<LoopbackRegistry> {
  const requests: LoggedRequest[] = [];
  const faults: FaultRule[] = [];
  const door = await listen(options, (request, response) => {
    const logged = logRequest(request, door.connectionOf(request));
    requests.push(logged);
    const reply = answer(request, { content, options });
    const rule = faults.find(({ pattern, left }) => left > 0 && fits(pattern, logged.path));
    if (rule !== undefined) {
      rule.left -= 1;
      logged.status = sendFaulty(request, response, { fault: rule.fault, reply });
    } else {
      logged.status = reply.status;
      sendReply(response, reply);
    }
  });
  const content = new RegistryContent(door.origin, options.dl ?? "{origin}/crates/{crate}/{crate}-{version}.crate");
  for (const crate of options.crates) content.add(crate);
  const registry: LoopbackRegistry = {
    url: `${door.origin}/index/`,
    origin: door.origin,
    requests,
    paths: () => requests.map(({ path }) => path),
    setFault(pattern, fault) {
      const key = String(pattern);
      const present = faults.findIndex((rule) => String(rule.pattern) === key);
      if (present !== -1) faults.splice(present, 1);
      if (fault !== undefined) faults.push({ pattern, fault, left: fault.times ?? Number.POSITIVE_INFINITY });
    },
    add: (crate) => content.add(crate),
    built: (name, version) => content.built(name, version),
    remove: (name) => content.remove(name),
    replaceIndexLine(name, version, line) {
      content.editLine(name, version, typeof line === "string" ? () => line : line);
    },
    yank(name, version) {
      content.editLine(name, version, (line) => line.replace('"yanked":false', '"yanked":true'));
    },
    close: () => door.close(),
  };
  for (const [pattern, fault] of Object.entries(options.faults ?? {})) registry.setFault(pattern, fault);
  return registry;
}

interface FaultRule {
  readonly pattern: string | RegExp;
  readonly fault: Fault;
  left: number;
}

function fits(pattern: string | RegExp, path: string): boolean {
  return typeof pattern === "string" ? path.includes(pattern) : pattern.test(path);
}

function logRequest(request: AnyRequest, connection: number): LoggedRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value);
  const { method = "GET", url: path = "/", httpVersion } = request;
  return { method, path, headers, httpVersion, connection, status: 0 };
}

interface World {
  readonly content: RegistryContent;
  readonly options: RegistryOptions;
}

/** What a faultless registry answers. */
function answer(request: AnyRequest, { content, options }: World): Reply {
  const { headers } = request;
  const path = decodeURI(new URL(request.url ?? "/", "http://loopback.example").pathname);
  const nothing = new Uint8Array();
  if (options.token !== undefined && headers.authorization !== options.token) {
    const login = 'Cargo login_url="https://login.example/"';
    return { status: 401, headers: { "www-authenticate": login }, body: Buffer.from("token needed") };
  }
  const isIndex = path.startsWith("/index/");
  const file = path.slice("/index/".length);
  let body = isIndex ? content.indexFile(file) : content.crateFile(path);
  if (path === "/index/config.json") body = Buffer.from(content.config(options.config ?? {}));
  if (body === undefined) return { status: 404, headers: {}, body: Buffer.from("no such file\n") };
  const common: Record<string, string> = { "content-type": isIndex ? "text/plain" : "application/gzip" };
  if (options.entityTags !== false) {
    common["etag"] = entityTag(body);
    if (headers["if-none-match"] === common["etag"]) return { status: 304, headers: common, body: nothing };
  }
  if (options.gzip === true && isIndex && headers["accept-encoding"]?.includes("gzip") === true) {
    return { status: 200, headers: { ...common, "content-encoding": "gzip" }, body: gzipSync(body) };
  }
  if (options.gzipCrates === true && !isIndex) {
    return { status: 200, headers: { ...common, "content-encoding": "gzip" }, body: gzipSync(body) };
  }
  return options.ranges === false || isIndex
    ? { status: 200, headers: common, body }
    : ranged(request, { body, common });
}

function ranged(request: AnyRequest, { body, common }: { body: Uint8Array; common: Record<string, string> }): Reply {
  const headers = { ...common, "accept-ranges": "bytes" };
  const wanted = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const condition = request.headers["if-range"];
  if (wanted === null || (condition !== undefined && condition !== common["etag"]))
    return { status: 200, headers, body };
  const first = Number(wanted[1]);
  const last = Math.min(wanted[2] === "" ? body.length - 1 : Number(wanted[2]), body.length - 1);
  const total = String(body.length);
  if (first > last)
    return { status: 416, headers: { ...headers, "content-range": `bytes */${total}` }, body: new Uint8Array() };
  const range = `bytes ${String(first)}-${String(last)}/${total}`;
  return { status: 206, headers: { ...headers, "content-range": range }, body: body.subarray(first, last + 1) };
}

interface Door {
  readonly origin: string;
  connectionOf(request: AnyRequest): number;
  close(): Promise<void>;
}

type Handler = (request: AnyRequest, response: AnyResponse) => void;

async function listen(options: RegistryOptions, handler: Handler): Promise<Door> {
  const numbers = new WeakMap<object, number>();
  const open = new Set<Socket>();
  const sessions = new Set<Http2Session>();
  let count = 0;
  const server = makeServer(options, handler);
  server.on(options.tls === undefined ? "connection" : "secureConnection", (socket: Socket | TLSSocket) => {
    if (!("alpnProtocol" in socket && socket.alpnProtocol === "h2")) {
      count += 1;
      numbers.set(socket, count);
    }
    open.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => open.delete(socket));
  });
  server.on("session", (session: Http2Session) => {
    count += 1;
    numbers.set(session, count);
    sessions.add(session);
    session.on("error", () => session.destroy());
    session.once("close", () => sessions.delete(session));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    origin: `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${String(port)}`,
    connectionOf: (request) => numbers.get(connectionKey(request)) ?? 0,
    async close() {
      for (const session of sessions) session.destroy();
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** HTTP/2 shows only a stand-in for its socket, so a session stands for the connection there. */
function connectionKey(request: AnyRequest): object {
  return "stream" in request ? (request.stream.session ?? request.socket) : request.socket;
}

function makeServer(options: RegistryOptions, handler: Handler): Server | TlsServer | Http2SecureServer {
  if (options.tls === undefined) return createServer({ keepAliveTimeout: 60_000 }, handler);
  const { key, certificate } = options.tls;
  if (options.http2 === false) return createTlsServer({ key, cert: certificate }, handler);
  // Tests send many megabytes at once; Node's 10 MB per session would refuse streams.
  return createSecureServer({ key, cert: certificate, allowHTTP1: true, maxSessionMemory: 1000 }, handler);
}
