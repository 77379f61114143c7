import { EventEmitter, once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { expect, test } from "vitest";
import {
  CRATES_IO,
  folderOfFiles,
  indexLineOf,
  isSha256,
  ManifestError,
  parseIndexEntry,
  parseSourceId,
  publishedManifest,
  type Sha256,
} from "../../src/cargo/index.ts";
import { cargoWorld } from "./cargo-world.ts";

function sha(digit: string): Sha256 {
  const text = digit.repeat(64);
  if (!isSha256(text)) throw new Error("not a digest");
  return text;
}

const checksum = sha("a");
const head = '[package]\nname = "x"\nversion = "1.2.3"\n';

function line(text: string, registry = CRATES_IO): string {
  return indexLineOf(head + text, "Cargo.toml", { checksum, registry });
}

test("a line has crates.io's keys in crates.io's order", () => {
  const text = line(
    'links = "z"\nrust-version = "1.70"\n[dependencies]\nb = { version = "1", optional = true }\nr = { package = "real", version = "=1.0.0" }\n[features]\nnew = ["dep:b"]\nold = []\n',
  );
  expect(text).toBe(
    `{"name":"x","vers":"1.2.3","deps":[{"name":"b","req":"^1","features":[],"optional":true,"default_features":true,"target":null,"kind":"normal"},{"name":"r","req":"=1.0.0","features":[],"optional":false,"default_features":true,"target":null,"kind":"normal","package":"real"}],"cksum":"${checksum}","features":{"old":[]},"features2":{"new":["dep:b"]},"yanked":false,"links":"z","rust_version":"1.70","v":2}`,
  );
  expect(parseIndexEntry(text, "x:1").features.get("new")).toEqual(["dep:b"]);
});

test("a registry is named where it is not the crate's own", () => {
  const other = parseSourceId("sparse+http://127.0.0.1:1/a/", "x");
  const text =
    '[dependencies]\na = "1"\nb = { version = "1", registry-index = "sparse+http://127.0.0.1:1/a/" }\nc = { version = "1", registry-index = "https://example.org/c" }\n';
  expect(registries(line(text))).toEqual([undefined, "sparse+http://127.0.0.1:1/a/", "https://example.org/c"]);
  expect(registries(line(text, other))).toEqual([CRATES_IO.url, undefined, "https://example.org/c"]);
});

/** Of each of the dependencies a, b and c. */
function registries(json: string): unknown[] {
  return [...json.matchAll(/"name":"[abc]"[^}]*?(?:"registry":"([^"]*)")?\}/g)].map((match) => match[1]);
}

test("a dev-dependency without a version is left out", () => {
  expect(line('[dev-dependencies]\na = { path = "../a" }\n')).toContain('"deps":[]');
});

test.each([
  ['[dependencies]\na = { path = "../a" }\n', "Cargo.toml:5"],
  ['[target."cfg(unix)".build-dependencies]\na = { git = "https://example.org/a" }\n', "Cargo.toml:5"],
  ['[dependencies]\na = { version = "1", registry = "corp" }\n', "Cargo.toml:5"],
])("no line can state %j", (text, where) => {
  let found: unknown;
  try {
    line(text);
  } catch (error) {
    found = error;
  }
  expect(found).toBeInstanceOf(ManifestError);
  expect(found).toMatchObject({ where });
});

/** What a registry makes of the JSON that cargo sends, by the Cargo Book. */
function convert(sent: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { name, vers, links, rust_version } = sent;
  const deps = asList(sent["deps"]).map((dep) => {
    const { optional, default_features, features, version_req, target, kind, registry } = dep;
    const renamed = dep["explicit_name_in_toml"];
    return {
      name: renamed ?? dep["name"],
      req: version_req,
      features,
      optional,
      default_features,
      target: target ?? null,
      kind,
      ...(registry == null ? {} : { registry }),
      ...(renamed == null ? {} : { package: dep["name"] }),
    };
  });
  const all = Object.entries(asRecord(sent["features"]));
  const newer = all.filter(isNewer);
  return {
    name,
    vers,
    deps,
    cksum: checksum,
    features: Object.fromEntries(all.filter((entry) => !isNewer(entry))),
    ...(newer.length === 0 ? {} : { features2: Object.fromEntries(newer), v: 2 }),
    yanked: false,
    ...(links == null ? {} : { links }),
    ...(rust_version == null ? {} : { rust_version }),
  };
}

function isNewer([, values]: [string, unknown]): boolean {
  return /"dep:|\?\//.test(JSON.stringify(values));
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) throw new Error("not an object");
  return Object.fromEntries(Object.entries(value));
}

function asList(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(asRecord) : [];
}

/** A registry that takes one publication and then has a line of every package that is asked for. */
async function publishingRegistry(): Promise<{ url: string; sent: Promise<Buffer>; close: () => void }> {
  const bodies = new EventEmitter();
  const sent = once(bodies, "body").then(([body]) => Buffer.from(body));
  let published = false;
  const server = createServer((request, response) => {
    void answer(request).then(({ status, body }) => response.writeHead(status).end(body));
  });
  const answer = async (request: IncomingMessage): Promise<{ status: number; body: string }> => {
    const origin = originOf(server);
    if (request.method === "PUT") {
      const pieces: Buffer[] = [];
      for await (const piece of request) if (Buffer.isBuffer(piece)) pieces.push(piece);
      published = true;
      bodies.emit("body", Buffer.concat(pieces));
      return { status: 200, body: "{}" };
    }
    if (request.url === "/index/config.json")
      return { status: 200, body: JSON.stringify({ dl: `${origin}/dl`, api: origin }) };
    const name = request.url?.split("/").at(-1) ?? "";
    const version = name === "subject" ? "0.3.1" : "1.0.0";
    if (name === "subject" && !published) return { status: 404, body: "" };
    const features = { more: [], std: [] };
    return {
      status: 200,
      body: JSON.stringify({ name, vers: version, deps: [], cksum: checksum, features, yanked: false }),
    };
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `sparse+${originOf(server)}/index/`, sent, close: () => server.close() };
}

function originOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server does not listen");
  return `http://127.0.0.1:${address.port}`;
}

const DEPENDENCIES = `[dependencies]
own = { version = "1", registry = "loop" }
wide = { version = ">=1, <3", registry = "loop", optional = true }
star = { version = "*", registry = "loop", default-features = false, features = ["more", "std"] }
part = { version = "1.*", registry = "loop" }
renamed = { package = "own", version = "~1.0", registry = "loop", optional = true }
local = { version = "1", registry = "loop", path = "../local" }
[dev-dependencies]
tests = { version = "^1.0.0-alpha.1", registry = "loop" }
gone = { path = "../local", package = "local" }
[build-dependencies]
own = { version = "1.0", registry = "loop" }
[target.'cfg(all(unix, not(target_os = "macos")))'.dependencies]
unix = { version = "1", registry = "loop" }
[target.x86_64-pc-windows-msvc.build-dependencies]
windows = { version = "1", registry = "loop" }
[features]
default = ["std"]
std = ["star/std"]
weak = ["wide?/std"]
named = ["dep:renamed"]
"quoted-1.0" = ["wide/std"]
`;

test("a line is what a registry makes of what cargo publish sends", async () => {
  const registry = await publishingRegistry();
  const manifest = `[package]\nname = "subject"\nversion = "0.3.1"\nedition = "2021"\nrust-version = "1.60"\nlinks = "subject"\ndescription = "d"\nlicense = "MIT"\n${DEPENDENCIES}`;
  const world = cargoWorld({
    "p/Cargo.toml": manifest,
    "p/src/lib.rs": "",
    "p/build.rs": "fn main() {}",
    "local/Cargo.toml": '[package]\nname = "local"\nversion = "1.0.0"\n',
    "local/src/lib.rs": "",
    "p/.cargo/config.toml": `[registries.loop]\nindex = "${registry.url}"\ntoken = "t"\n`,
  });
  const run = await world.cargo("p", "publish", "--no-verify", "--allow-dirty", "--registry", "loop");
  expect(run.ok, run.stderr).toBe(true);
  const body = await registry.sent;
  registry.close();
  const sent = asRecord(JSON.parse(body.subarray(4, 4 + body.readUInt32LE(0)).toString("utf8")));
  const files = ["Cargo.toml", "src/lib.rs", "build.rs"];
  const source = { text: manifest, at: "Cargo.toml", directory: "/p", folder: folderOfFiles(files) };
  const published = publishedManifest(source, { files: new Set(files), registryIndex: () => registry.url });
  const ours = indexLineOf(published, "Cargo.toml", { checksum, registry: parseSourceId(registry.url, "x") });
  expect(JSON.parse(ours)).toEqual(convert(sent));
  world.remove();
});
