import { spawn } from "node:child_process";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { createGunzip } from "node:zlib";
import { gitTestEnvironment } from "./git-repository.ts";

export interface GitServerOptions {
  /** Directory whose repositories are served, at `/<path below it>`. */
  readonly root: string;
  /** Version 0 of the protocol only, which gives no commits that are not advertised. */
  readonly oldProtocol?: boolean;
  /** Serves files as they lie there, as a web server without git does. */
  readonly dumb?: boolean;
  /** `user:password` that is demanded. */
  readonly credentials?: string;
}

/** Repositories over http on loopback, by `git http-backend`. */
export interface GitServer {
  /** `http://127.0.0.1:41234`, without a slash at its end. */
  readonly origin: string;
  /** `METHOD /path?query status` of each request. */
  readonly requests: string[];
  /** What happens to requests from now on: answered, refused with this status, left without any answer, or torn in the middle. */
  fault: "none" | "stall" | "tear" | number;
  close(): Promise<void>;
}

/** Starts a server on a free port of 127.0.0.1; git and cargo can clone from it. */
export async function startGitServer(options: GitServerOptions): Promise<GitServer> {
  const open = new Set<Socket>();
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    response.once("close", () => requests.push(`${request.method} ${request.url} ${response.statusCode}`));
    answer(request, response, { options, fault: door.fault });
  });
  server.on("connection", (socket) => {
    open.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const door: GitServer = {
    origin: `http://127.0.0.1:${port}`,
    requests,
    fault: "none",
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
  return door;
}

interface Situation {
  readonly options: GitServerOptions;
  readonly fault: GitServer["fault"];
}

function answer(request: IncomingMessage, response: ServerResponse, { options, fault }: Situation): void {
  if (fault === "stall") return;
  if (typeof fault === "number") {
    response.writeHead(fault).end("refused\n");
    return;
  }
  const wanted = options.credentials;
  if (wanted !== undefined && request.headers.authorization !== `Basic ${Buffer.from(wanted).toString("base64")}`) {
    response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end();
    return;
  }
  runBackend(request, response, { options, fault });
}

function runBackend(request: IncomingMessage, response: ServerResponse, { options, fault }: Situation): void {
  const url = new URL(request.url ?? "/", "http://loopback.example");
  const protocol = request.headers["git-protocol"];
  const env: Record<string, string> = {
    ...gitTestEnvironment,
    GIT_PROJECT_ROOT: options.root,
    GIT_HTTP_EXPORT_ALL: "1",
    PATH_INFO: decodeURIComponent(url.pathname),
    QUERY_STRING: options.dumb === true ? "" : url.search.slice(1),
    REQUEST_METHOD: request.method ?? "GET",
    CONTENT_TYPE: request.headers["content-type"] ?? "",
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "safe.directory",
    GIT_CONFIG_VALUE_0: "*",
    ...(typeof protocol === "string" && options.oldProtocol !== true ? { GIT_PROTOCOL: protocol } : {}),
  };
  const child = spawn("git", ["http-backend"], { env, stdio: ["pipe", "pipe", "ignore"] });
  child.stdin.on("error", () => undefined);
  const isGzip = request.headers["content-encoding"] === "gzip";
  (isGzip ? request.pipe(createGunzip()) : request).pipe(child.stdin);
  let head = Buffer.alloc(0);
  child.stdout.on("data", (piece: Buffer) => {
    if (response.headersSent) {
      response.write(piece);
      return;
    }
    head = Buffer.concat([head, piece]);
    const end = head.indexOf("\r\n\r\n");
    if (end === -1) return;
    let status = 200;
    for (const line of head.subarray(0, end).toString("latin1").split("\r\n")) {
      const [name = "", value = ""] = line.split(/: (.*)/s);
      if (name === "Status") status = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.writeHead(status);
    const body = head.subarray(end + 4);
    response.write(body.subarray(0, fault === "tear" ? body.length >> 1 : body.length));
    if (fault === "tear") response.destroy();
  });
  child.once("close", () => response.end());
  response.once("close", () => child.kill());
}
