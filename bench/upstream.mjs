// The upstream both sides fetch from: nginx on loopback, serving whole index files and crates out of the cache.
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cacheOf } from "./fetch-workloads.mjs";
import { cache } from "./workloads.mjs";

const index = join(cache, "upstream", "index");

/** Writes the index files as a registry serves them, from the cache files that cargo keeps. */
function writeIndex() {
  const source = join(cacheOf("index"), ".cache");
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const from = join(entry.parentPath ?? entry.path, entry.name);
    const to = join(index, relative(source, from));
    if (existsSync(to) && statSync(to).mtimeMs >= statSync(from).mtimeMs) continue;
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, indexLines(readFileSync(from), from));
  }
}

/** A cache file: format 3, schema 2 (four bytes), index version, then version and JSON in turn, each ended by NUL. */
function indexLines(bytes, path) {
  if (bytes[0] !== 3 || bytes.readUInt32LE(1) !== 2)
    throw new Error(`${path} is not an index cache file that this reads`);
  const [, ...parts] = bytes.toString("utf8", 5).split("\0");
  return parts
    .filter((_part, at) => at % 2 === 1)
    .map((line) => `${line}\n`)
    .join("");
}

/**
 * Starts nginx as a process of its own, with everything it writes in one temporary directory.
 *
 * @returns {Promise<{ root: string, stop(): void }>} the sparse registry's root, with a slash at its end
 */
export async function startUpstream() {
  writeIndex();
  const port = await freePort();
  const root = `http://127.0.0.1:${port}/`;
  const directory = mkdtempSync(join(tmpdir(), "cargo-hub-bench-nginx-"));
  writeFileSync(join(directory, "config.json"), JSON.stringify({ dl: `${root}crates/{crate}-{version}.crate` }));
  writeFileSync(join(directory, "nginx.conf"), configuration(directory, port));
  const program = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/opt/homebrew/bin/nginx"].find((path) =>
    existsSync(path),
  );
  const nginx = spawn(program ?? "nginx", ["-p", directory, "-c", join(directory, "nginx.conf"), "-e", "stderr"], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  let failed;
  nginx.once("error", (error) => {
    failed = error;
  });
  nginx.once("exit", (code, signal) => {
    failed ??= new Error(`nginx ended (${signal ?? code})`);
  });
  const stop = () => {
    nginx.kill("SIGTERM");
    rmSync(directory, { recursive: true, force: true });
  };
  process.once("exit", stop);
  while (!(await answers(port))) {
    if (failed !== undefined) throw new Error(`nginx is needed as the upstream: ${failed.message}`);
    await sleep(20);
  }
  return { root, stop };
}

function configuration(directory, port) {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `daemon off;
master_process off;
pid "${directory}/pid";
error_log stderr warn;
events { worker_connections 1024; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  etag on;
  keepalive_requests 1000000;
  default_type text/plain;
${temporary.map((name) => `  ${name}_temp_path "${directory}/${name}";\n`).join("")}
  server {
    listen 127.0.0.1:${port} backlog=1024;
    location = /config.json { alias "${directory}/config.json"; }
    location /crates/ { alias "${cacheOf("cache")}/"; default_type application/octet-stream; }
    location / { root "${index}"; }
  }
}
`;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
