import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { isSha256 } from "../../src/cargo/index.ts";
import { download, errorOf, openClient } from "./open-client.ts";
import { closeLater, lab, noise, world } from "./worlds.ts";

test("a crate arrives byte for byte, with its bytes reported on the way", async () => {
  const { registry, client } = await world();
  const bytes = await download(client, registry, lab);
  const built = registry.built("lab", "1.0.0").crate;
  expect(Buffer.compare(bytes, built)).toBe(0);
  const received = client.events.map((event) => (event.kind === "received" ? event.bytes : 0));
  expect(received.reduce((sum, count) => sum + count, 0)).toBe(built.length);
});

test("wrong bytes are asked for once more past every cache, then refused with both checksums", async () => {
  const { registry, client } = await world({ faults: { "/crates/": { kind: "wrong-bytes", at: 1000 } } });
  const spoiled = Uint8Array.from(registry.built("lab", "1.0.0").crate);
  spoiled[1000] = (spoiled[1000] ?? 0) ^ 1;
  const error = await errorOf(download(client, registry, lab));
  expect(error.code).toBe("registry/checksum-mismatch");
  expect(error.what).toContain(registry.built("lab", "1.0.0").checksum);
  expect(error.what).toContain(createHash("sha256").update(spoiled).digest("hex"));
  expect(error.where).toBe(`${registry.origin}/crates/lab/lab-1.0.0.crate`);
  expect(registry.requests.map(({ headers }) => headers["cache-control"])).toEqual([undefined, "no-cache"]);
});

test("a cache that lied once does no harm", async () => {
  const { registry, client } = await world({ faults: { "/crates/": { kind: "wrong-bytes", times: 1 } } });
  expect((await download(client, registry, lab)).length).toBe(registry.built("lab", "1.0.0").crate.length);
  expect(registry.requests).toHaveLength(2);
});

test.each([404, 410, 451])("a crate that answers %i no longer exists, and is not asked for again", async (status) => {
  const { registry, client } = await world({ faults: { "/crates/": { kind: "status", status } } });
  const error = await errorOf(download(client, registry, lab));
  expect(error).toMatchObject({ code: "registry/not-found", where: `${registry.origin}/crates/lab/lab-1.0.0.crate` });
  expect(registry.requests).toHaveLength(1);
});

test.each([429, 500, 502, 503])("status %i is tried again as often as net.retry says", async (status) => {
  const { registry, client } = await world({ faults: { "/crates/": { kind: "status", status, body: "busy" } } });
  const error = await errorOf(download(client, registry, lab));
  expect(error).toMatchObject({ code: "registry/refused", what: `the server answered ${status}: busy` });
  expect(registry.requests).toHaveLength(4);
  expect(client.waits).toEqual([1, 2, 3]);
});

test("no retries when net.retry is 0", async () => {
  const { registry, client } = await world({ faults: { "/crates/": { kind: "status", status: 500 } } }, { retry: 0 });
  expect((await errorOf(download(client, registry, lab))).code).toBe("registry/refused");
  expect(registry.requests).toHaveLength(1);
});

test("Retry-After decides the wait for 429 and 503", async () => {
  const { registry, client } = await world({
    faults: { "/crates/": { kind: "status", status: 429, retryAfter: "0", times: 2 } },
  });
  await download(client, registry, lab);
  expect(client.waits).toEqual([]);
  expect(client.events.filter(({ kind }) => kind === "retry")).toEqual([
    {
      kind: "retry",
      url: `${registry.origin}/crates/lab/lab-1.0.0.crate`,
      reason: "the server answered 429",
      retry: 1,
      of: 3,
      waitMs: 0,
    },
    {
      kind: "retry",
      url: `${registry.origin}/crates/lab/lab-1.0.0.crate`,
      reason: "the server answered 429",
      retry: 2,
      of: 3,
      waitMs: 0,
    },
  ]);
});

test("a download that breaks in the middle goes on behind what came", async () => {
  const { registry, client } = await world({ faults: { "/crates/": { kind: "drop", afterBytes: 20_000, times: 1 } } });
  const built = registry.built("lab", "1.0.0").crate;
  expect(Buffer.compare(await download(client, registry, lab), built)).toBe(0);
  expect(registry.requests.map(({ status }) => status)).toEqual([200, 206]);
  expect(registry.requests[1]?.headers).toMatchObject({ range: "bytes=20000-" });
  expect(registry.requests[1]?.headers["if-range"]).toMatch(/^"[0-9a-f]{16}"$/);
  expect(client.events).toContainEqual({
    kind: "resume",
    url: `${registry.origin}/crates/lab/lab-1.0.0.crate`,
    fromBytes: 20_000,
  });
});

test("it goes on without a validator too, as the checksum decides", async () => {
  const { registry, client } = await world({
    entityTags: false,
    faults: { "/crates/": { kind: "drop", afterBytes: 15_000, times: 2 } },
  });
  await download(client, registry, lab);
  // The second break comes after 15 000 bytes of the rest.
  expect(registry.requests.map(({ headers }) => headers["range"])).toEqual([undefined, "bytes=15000-", "bytes=30000-"]);
});

test("where the server knows no ranges, it starts again", async () => {
  const { registry, client } = await world({
    ranges: false,
    faults: { "/crates/": { kind: "drop", afterBytes: 20_000, times: 1 } },
  });
  const built = registry.built("lab", "1.0.0").crate;
  expect(Buffer.compare(await download(client, registry, lab), built)).toBe(0);
  expect(registry.requests.map(({ status }) => status)).toEqual([200, 200]);
});

test("a part that is not the one asked for is not glued on", async () => {
  const { registry, client } = await world({ faults: { "/crates/": { kind: "drop", afterBytes: 20_000, times: 1 } } });
  const total = registry.built("lab", "1.0.0").crate.length;
  const wrong = { "content-range": `bytes 100-${total - 1}/${total}`, "accept-ranges": "bytes" };
  registry.setFault(/^\/crates\/lab\//, { kind: "status", status: 206, headers: wrong, body: "xx", times: 1 });
  expect((await download(client, registry, lab)).length).toBe(total);
  expect(registry.requests.map(({ headers }) => headers["range"])).toEqual([undefined, "bytes=20000-", undefined]);
});

test("416 to a Range starts again from nothing", async () => {
  const { registry, client } = await world({ faults: { "/crates/": { kind: "drop", afterBytes: 20_000, times: 1 } } });
  registry.setFault(/^\/crates\/lab\//, { kind: "status", status: 416, times: 1 });
  await download(client, registry, lab);
  expect(registry.requests.map(({ status }) => status)).toEqual([200, 416, 200]);
});

test("a server that always sends less than it promises is named with both numbers", async () => {
  const { registry, client } = await world({
    ranges: false,
    entityTags: false,
    faults: { "/crates/": { kind: "length", by: 500 } },
  });
  const size = registry.built("lab", "1.0.0").crate.length;
  const error = await errorOf(download(client, registry, lab));
  expect(error).toMatchObject({
    code: "registry/length-mismatch",
    what: `${size + 500} bytes were promised, but ${size} came`,
  });
  expect(registry.requests).toHaveLength(4);
});

test("a server that promises less than it sends is read to its promise, and the checksum tells", async () => {
  const { registry, client } = await world({ faults: { "/crates/": { kind: "length", by: -500, times: 1 } } });
  expect((await download(client, registry, lab)).length).toBe(registry.built("lab", "1.0.0").crate.length);
  registry.setFault("/crates/", { kind: "length", by: -500 });
  expect((await errorOf(download(client, registry, lab))).code).toBe("registry/checksum-mismatch");
});

test("a length that differs from the known one is refused before the body", async () => {
  const { registry, client } = await world();
  const size = registry.built("lab", "1.0.0").crate.length;
  const error = await errorOf(download(client, registry, { ...lab, expectedBytes: size + 1 }));
  expect(error).toMatchObject({
    code: "registry/length-mismatch",
    what: `${size + 1} bytes were promised, but ${size} came`,
  });
  expect(registry.requests).toHaveLength(2);
  await download(client, registry, { ...lab, expectedBytes: size });
});

test("a crate beyond the limit is refused at its head", async () => {
  const { registry, client } = await world({ faults: { "/crates/": { kind: "length", by: 600 << 20 } } });
  expect((await errorOf(download(client, registry, lab))).code).toBe("registry/too-large");
  expect(registry.requests).toHaveLength(1);
});

test("a server that accepts and says nothing is left after http.timeout", async () => {
  const { registry, client } = await world(
    { faults: { "/crates/": { kind: "hang" } } },
    { retry: 1, http: { timeoutSeconds: 0.2 } },
  );
  const error = await errorOf(download(client, registry, lab));
  expect(error.code).toBe("registry/timeout");
  expect(error.what).toMatch(/^nothing came in 0\.\d seconds$/);
  expect(registry.requests).toHaveLength(2);
});

test("a trickle below http.low-speed-limit is left, a faster one is not", async () => {
  const slow = { kind: "trickle", bytes: 100, everyMs: 50 } as const;
  const { registry, client } = await world(
    { faults: { "/crates/": slow } },
    { retry: 0, http: { timeoutSeconds: 0.3, lowSpeedLimit: 10_000 } },
  );
  expect((await errorOf(download(client, registry, lab))).code).toBe("registry/timeout");
  registry.setFault("/crates/", { kind: "trickle", bytes: 4000, everyMs: 50 });
  const { client: patient } = await world({}, { http: { timeoutSeconds: 0.3, lowSpeedLimit: 1000 } });
  await download(patient, registry, lab);
});

test("a trickle that is left goes on behind what came", async () => {
  const { registry, client } = await world(
    { faults: { "/crates/": { kind: "trickle", bytes: 2000, everyMs: 100, times: 1 } } },
    { http: { timeoutSeconds: 1, lowSpeedLimit: 100_000 } },
  );
  await download(client, registry, lab);
  expect(registry.requests.map(({ headers }) => headers["range"])).toEqual([
    undefined,
    expect.stringMatching(/^bytes=\d+-$/),
  ]);
});

test("a connection torn before any answer is made anew", async () => {
  const { registry, client } = await world({ faults: { "/crates/": { kind: "refuse", times: 2 } } });
  await download(client, registry, lab);
  expect(registry.requests).toHaveLength(3);
  registry.setFault("/crates/", { kind: "refuse" });
  expect((await errorOf(download(client, registry, lab))).code).toBe("registry/unreachable");
});

test("a port where nobody listens is unreachable", async () => {
  const { registry, client } = await world({}, { retry: 1 });
  await registry.close();
  const error = await errorOf(download(client, registry, lab));
  expect(error.code).toBe("registry/unreachable");
  expect(error.what).toContain("ECONNREFUSED");
  expect(client.waits).toEqual([1]);
});

test("a kept connection that the server closed is replaced without counting as a retry", async () => {
  const { registry, client } = await world({}, { retry: 0, jobs: 1 });
  await download(client, registry, lab);
  registry.setFault("/crates/", { kind: "refuse", times: 1 });
  await download(client, registry, lab);
  expect(registry.requests.map(({ connection }) => connection)).toEqual([1, 1, 2]);
});

test("a web page in the place of a crate is told as that", async () => {
  const { registry, client } = await world({ faults: { "/crates/": { kind: "html" } } });
  expect((await errorOf(download(client, registry, lab))).code).toBe("registry/not-a-registry");
});

test("a crate without a length arrives, also a large one", async () => {
  const crates = [{ name: "lab", version: "1.0.0", files: { "src/noise.rs": noise(4_000_000) } }];
  const { registry, client } = await world({ crates, faults: { "/crates/": { kind: "chunked" } } });
  const all = await Promise.all(Array.from({ length: 4 }, () => download(client, registry, lab)));
  expect(all.map(({ length }) => length)).toEqual(all.map(() => registry.built("lab", "1.0.0").crate.length));
});

test("a crate that the server calls gzip-coded is unpacked before it is checked", async () => {
  const { registry, client } = await world({ gzipCrates: true });
  expect(Buffer.compare(await download(client, registry, lab), registry.built("lab", "1.0.0").crate)).toBe(0);
});

test("four connections carry many downloads, and no more", async () => {
  const crates = Array.from({ length: 40 }, (_, index) => ({ name: `lab-${index}`, version: "1.0.0" }));
  const { registry, client } = await world({ crates });
  await Promise.all(crates.map((crate) => download(client, registry, crate)));
  expect(new Set(registry.requests.map(({ connection }) => connection)).size).toBe(4);
});

test("one large body at a time passes the budget, the others wait and arrive", async () => {
  const crates = [{ name: "lab", version: "1.0.0", files: { "src/noise.rs": noise(16_000_000) } }];
  const { registry, client } = await world({ crates }, { jobs: 8 });
  const sizes = await Promise.all(
    Array.from({ length: 8 }, async () => (await download(client, registry, lab)).length),
  );
  expect(new Set(sizes)).toEqual(new Set([registry.built("lab", "1.0.0").crate.length]));
});

test("closing ends what is under way and what waits", async () => {
  const { registry, client } = await world({ faults: { "/crates/": { kind: "hang" } } }, { jobs: 1 });
  const both = [errorOf(download(client, registry, lab)), errorOf(download(client, registry, lab))];
  while (registry.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await client.close();
  expect((await Promise.all(both)).map(({ code }) => code)).toEqual(["registry/unreachable", "registry/unreachable"]);
});

test("a dl template may lead to a directory", async () => {
  const directory = mkdtempSync(join(tmpdir(), "cargo-hub-registry-"));
  closeLater(async () => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, "lab.crate"), "bytes");
  const client = openClient();
  const checksum = createHash("sha256").update("bytes").digest("hex");
  if (!isSha256(checksum)) throw new Error(checksum);
  const url = pathToFileURL(join(directory, "lab.crate")).href;
  expect(Buffer.from(await client.crate({ url, checksum, ...lab })).toString()).toBe("bytes");
  writeFileSync(join(directory, "lab.crate"), "other");
  expect((await errorOf(client.crate({ url, checksum, ...lab }))).code).toBe("registry/checksum-mismatch");
  expect((await errorOf(client.crate({ url: `${url}.not`, checksum, ...lab }))).code).toBe("registry/not-found");
  await client.close();
});

test.each(["ftp://h.example/x", "nonsense", "//h.example/x"])("the address %s can not be used", async (url) => {
  const { registry, client } = await world();
  const checksum = registry.built("lab", "1.0.0").checksum;
  if (!isSha256(checksum)) throw new Error(checksum);
  expect((await errorOf(client.crate({ url, checksum, ...lab }))).code).toBe("registry/bad-address");
});
