import { createServer, request as httpRequest } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect, type Socket } from "node:net";
import type { TlsMaterial } from "../support/certificate.ts";

/** A proxy that forwards absolute-form requests and tunnels CONNECT. */
export interface LoopbackProxy {
  readonly port: number;
  /** `GET http://…` or `CONNECT host:port`, in order. */
  readonly asked: string[];
  close(): Promise<void>;
}

export interface ProxyOptions {
  readonly tls?: TlsMaterial;
  /** `user:password` that must be shown. */
  readonly credentials?: string;
  /** Answered to every CONNECT instead of a tunnel. */
  readonly refuseWith?: number;
}

export async function startProxy(options: ProxyOptions = {}): Promise<LoopbackProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const expected = options.credentials && `Basic ${Buffer.from(options.credentials).toString("base64")}`;
  const server =
    options.tls === undefined
      ? createServer()
      : createTlsServer({ key: options.tls.key, cert: options.tls.certificate });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("request", (request, response) => {
    asked.push(`${request.method ?? ""} ${request.url ?? ""}`);
    const { "proxy-authorization": shown, ...headers } = request.headers;
    if (expected !== undefined && shown !== expected) {
      response.writeHead(407).end("who are you");
      return;
    }
    const onwards = httpRequest(request.url ?? "", { method: request.method ?? "GET", headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onwards.on("error", () => response.destroy());
    request.pipe(onwards);
  });
  server.on("connect", (request, client: Socket) => {
    asked.push(`CONNECT ${request.url ?? ""}`);
    const status =
      options.refuseWith ?? (expected !== undefined && request.headers["proxy-authorization"] !== expected ? 407 : 200);
    if (status !== 200) {
      client.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const [host = "", port = ""] = (request.url ?? "").split(":");
    const onwards = connect(Number(port), host, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      onwards.pipe(client);
      client.pipe(onwards);
    });
    sockets.add(onwards);
    onwards.on("error", () => client.destroy());
    client.on("error", () => onwards.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    asked,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
