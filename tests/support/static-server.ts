import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, normalize } from "node:path";

/** A web server that knows nothing but files. */
export interface StaticServer {
  /** `http://127.0.0.1:41234`, without a slash at its end. */
  readonly origin: string;
  /** Paths that were asked for, as sent. */
  readonly paths: string[];
  /** Serves another directory from now on. */
  serve(directory: string): void;
  close(): Promise<void>;
}

/** Starts one on a free port of 127.0.0.1; until `serve` there is nothing to be found. */
export async function startStaticServer(): Promise<StaticServer> {
  let root: string | undefined;
  const paths: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    paths.push(path);
    try {
      const file = join(root ?? "/nonexistent", normalize(decodeURIComponent(path)));
      response.writeHead(200).end(readFileSync(file));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${addressOf(server.address()).port}`,
    paths,
    serve(directory) {
      root = directory;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address;
}
