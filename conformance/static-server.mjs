// A web server that knows nothing but files, as a process of its own: claims wait for cargo without letting this one work.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

/** Starts one for `root`, which may be filled later. @returns {Promise<{ origin: string, stop(): void }>} */
export function startStaticServer(root) {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), root], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  process.once("exit", () => child.kill());
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the static server ended with ${code}`)));
    child.stdout.setEncoding("utf8").once("data", (port) => {
      resolve({ origin: `http://127.0.0.1:${port.trim()}`, stop: () => child.kill() });
    });
  });
}

function serve(root) {
  const server = createServer((request, response) => {
    try {
      response.end(readFileSync(join(root, normalize(decodeURIComponent(request.url ?? "/")))));
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) serve(process.argv[2] ?? "");
