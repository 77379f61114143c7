import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createSecureServer } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { makeCertificate } from "../support/certificate.ts";
import { download, errorOf, openClient } from "./open-client.ts";
import { closeLater, lab, noise, world } from "./worlds.ts";

const tls = makeCertificate();
const directory = mkdtempSync(join(tmpdir(), "cargo-hub-ca-"));
const cainfo = join(directory, "ca.pem");
writeFileSync(cainfo, tls.authority);
afterAll(() => rmSync(directory, { recursive: true }));

test("one HTTP/2 session carries many files", async () => {
  const crates = Array.from({ length: 200 }, (_, index) => ({ name: `lab-${index}`, version: "1.0.0" }));
  const { registry, client } = await world({ tls, crates }, { http: { cainfo }, jobs: 8 });
  await Promise.all(crates.map(({ name }) => client.index(registry.url, name)));
  await Promise.all(crates.map((crate) => download(client, registry, crate)));
  expect(registry.requests).toHaveLength(400);
  expect(new Set(registry.requests.map(({ httpVersion }) => httpVersion))).toEqual(new Set(["2.0"]));
  expect(new Set(registry.requests.map(({ connection }) => connection)).size).toBe(1);
});

test("a server that offers only HTTP/1.1 gets it, on the connections allowed", async () => {
  const crates = Array.from({ length: 30 }, (_, index) => ({ name: `lab-${index}`, version: "1.0.0" }));
  const { registry, client } = await world({ tls, http2: false, crates }, { http: { cainfo }, jobs: 3 });
  await Promise.all(crates.map((crate) => download(client, registry, crate)));
  expect(new Set(registry.requests.map(({ httpVersion }) => httpVersion))).toEqual(new Set(["1.1"]));
  expect(new Set(registry.requests.map(({ connection }) => connection)).size).toBe(3);
});

test("http.multiplexing = false keeps to HTTP/1.1", async () => {
  const { registry, client } = await world({ tls }, { http: { cainfo, multiplexing: false } });
  await client.index(registry.url, "lab");
  expect(registry.requests[0]?.httpVersion).toBe("1.1");
});

test("a download that breaks over HTTP/2 goes on behind what came", async () => {
  const { registry, client } = await world(
    { tls, faults: { "/crates/": { kind: "drop", afterBytes: 20_000, times: 1 } } },
    { http: { cainfo } },
  );
  expect((await download(client, registry, lab)).length).toBe(registry.built("lab", "1.0.0").crate.length);
  expect(registry.requests.map(({ headers }) => headers["range"])).toEqual([undefined, "bytes=20000-"]);
  expect(registry.requests.map(({ connection }) => connection)).toEqual([1, 2]);
});

test("a length that lies over HTTP/2 is found", async () => {
  const { registry, client } = await world({ tls, ranges: false, entityTags: false }, { http: { cainfo }, retry: 1 });
  const size = registry.built("lab", "1.0.0").crate.length;
  registry.setFault("/crates/", { kind: "length", by: 500 });
  const error = await errorOf(download(client, registry, lab));
  expect(error).toMatchObject({
    code: "registry/length-mismatch",
    what: `${size + 500} bytes were promised, but ${size} came`,
  });
});

test("a server that hangs over HTTP/2 is left, and the session serves others", async () => {
  const { registry, client } = await world(
    { tls, faults: { "/crates/": { kind: "hang" } } },
    { http: { cainfo, timeoutSeconds: 0.2 }, retry: 0 },
  );
  expect((await errorOf(download(client, registry, lab))).code).toBe("registry/timeout");
  await client.index(registry.url, "lab");
  expect(new Set(registry.requests.map(({ connection }) => connection)).size).toBe(1);
});

test("statuses and redirects work over HTTP/2", async () => {
  const { registry, client } = await world(
    { tls, faults: { "/3/l/lab": { kind: "status", status: 503, times: 1 } } },
    { http: { cainfo } },
  );
  expect((await client.index(registry.url, "lab")).kind).toBe("fresh");
  registry.setFault("/index/3/o", { kind: "redirect", to: "/index/3/l/lab" });
  expect((await client.index(registry.url, "old")).kind).toBe("fresh");
  expect((await client.index(registry.url, "none")).kind).toBe("no-such-package");
});

test("large bodies wait for each other over HTTP/2 too", async () => {
  const crates = [{ name: "lab", version: "1.0.0", files: { "src/noise.rs": noise(16_000_000) } }];
  const { registry, client } = await world({ tls, crates }, { http: { cainfo } });
  const sizes = await Promise.all(
    Array.from({ length: 10 }, async () => (await download(client, registry, lab)).length),
  );
  expect(new Set(sizes)).toEqual(new Set([registry.built("lab", "1.0.0").crate.length]));
});

test("an authority that nobody named is not trusted, and asked only once", async () => {
  const { registry, client } = await world({ tls });
  const error = await errorOf(client.index(registry.url, "lab"));
  expect(error.code).toBe("registry/tls-untrusted");
  expect(error.where).toBe(`${registry.url}3/l/lab`);
  expect(client.waits).toEqual([]);
});

test.each(["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"])("%s names authorities", async (name) => {
  const { registry, client } = await world({ tls }, { env: { [name]: cainfo } });
  expect((await client.index(registry.url, "lab")).kind).toBe("fresh");
});

test("http.cainfo is the only authority when it is set", async () => {
  const other = join(directory, "other.pem");
  writeFileSync(other, makeCertificate().authority);
  const { registry, client } = await world({ tls }, { http: { cainfo: other }, env: { SSL_CERT_FILE: cainfo } });
  expect((await errorOf(client.index(registry.url, "lab"))).code).toBe("registry/tls-untrusted");
});

test("a certificate for another name is not accepted", async () => {
  const { registry, client } = await world({ tls }, { http: { cainfo } });
  const wrong = makeCertificate(["other.example"]);
  const { registry: other } = await world({ tls: wrong });
  writeFileSync(join(directory, "wrong.pem"), wrong.authority);
  const { client: trusting } = await world({}, { http: { cainfo: join(directory, "wrong.pem") } });
  expect((await errorOf(trusting.index(other.url, "lab"))).code).toBe("registry/tls-untrusted");
  expect((await client.index(registry.url, "lab")).kind).toBe("fresh");
});

test.each([
  ["a file that is not there", "missing.pem", undefined],
  ["a file that is no PEM", "text.pem", "hello"],
  ["a damaged PEM", "damaged.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"],
])("http.cainfo with %s is refused by its path", async (_what, name, text) => {
  const path = join(directory, name);
  if (text !== undefined) writeFileSync(path, text);
  const { registry, client } = await world({ tls }, { http: { cainfo: path } });
  expect(await errorOf(client.index(registry.url, "lab"))).toMatchObject({
    code: "registry/tls-authorities",
    where: path,
  });
});

test("https spoken to a plain http port fails as a handshake", async () => {
  const { registry, client } = await world({}, { retry: 0 });
  const root = registry.url.replace("http:", "https:");
  expect((await errorOf(client.index(root, "lab"))).code).toBe("registry/tls-failed");
});

test("http spoken to an https port is not an answer", async () => {
  const { registry, client } = await world({ tls }, { retry: 0 });
  const error = await errorOf(client.index(registry.url.replace("https:", "http:"), "lab"));
  expect(["registry/unreachable", "registry/bad-response"]).toContain(error.code);
});

test("http.ssl-version is heeded", async () => {
  const sslVersion = { min: "default", max: "tlsv1.2" } as const;
  const { registry, client } = await world({ tls }, { http: { cainfo, sslVersion } });
  expect((await client.index(registry.url, "lab")).kind).toBe("fresh");
});

test("a server that ends its session every few requests is followed to the next one", async () => {
  const server = createSecureServer({ key: tls.key, cert: tls.certificate });
  const served = new Map<object, number>();
  server.on("stream", (stream) => {
    const { session } = stream;
    if (session !== undefined) {
      served.set(session, (served.get(session) ?? 0) + 1);
      if (served.get(session) === 5) session.close();
    }
    stream.respond({ ":status": 200 });
    stream.end("{}\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closeLater(() => new Promise((resolve) => server.close(() => resolve())));
  const client = openClient({ http: { cainfo }, retry: 0 });
  closeLater(() => client.close());
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const answers = Array.from({ length: 40 }, (_, index) => client.index(`https://127.0.0.1:${port}/`, `lab-${index}`));
  expect((await Promise.all(answers)).every(({ kind }) => kind === "fresh")).toBe(true);
  expect(served.size).toBeGreaterThan(1);
});
