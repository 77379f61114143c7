import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeCertificate } from "../support/certificate.ts";
import { type LoopbackProxy, type ProxyOptions, startProxy } from "./loopback-proxy.ts";
import { download, errorOf } from "./open-client.ts";
import { closeLater, lab, world } from "./worlds.ts";

async function proxied(options: ProxyOptions = {}): Promise<LoopbackProxy> {
  const proxy = await startProxy(options);
  closeLater(() => proxy.close());
  return proxy;
}

function through(address: string, noProxy?: string): { http: string; https: string; noProxy: string | undefined } {
  return { http: address, https: address, noProxy };
}

const tls = makeCertificate();
const directory = mkdtempSync(join(tmpdir(), "cargo-hub-ca-"));
const cainfo = join(directory, "ca.pem");
writeFileSync(cainfo, tls.authority);
process.once("exit", () => rmSync(directory, { recursive: true, force: true }));

test("http goes through the proxy in absolute form, on kept connections", async () => {
  const proxy = await proxied();
  const { registry, client } = await world({}, { http: { proxy: through(`127.0.0.1:${proxy.port}`) } });
  await client.index(registry.url, "lab");
  await download(client, registry, lab);
  expect(proxy.asked).toEqual([`GET ${registry.url}3/l/lab`, `GET ${registry.origin}/crates/lab/lab-1.0.0.crate`]);
});

test.each(["127.0.0.1", "10.0.0.0/8,127.0.0.0/8", "*"])("NO_PROXY with %s goes past the proxy", async (noProxy) => {
  const proxy = await proxied();
  const { registry, client } = await world({}, { http: { proxy: through(`http://127.0.0.1:${proxy.port}`, noProxy) } });
  await client.index(registry.url, "lab");
  expect(proxy.asked).toEqual([]);
});

test("https goes through a tunnel, and HTTP/2 inside it", async () => {
  const proxy = await proxied();
  const { registry, client } = await world(
    { tls },
    { http: { cainfo, proxy: through(`http://127.0.0.1:${proxy.port}`) } },
  );
  await client.index(registry.url, "lab");
  await download(client, registry, lab);
  expect(proxy.asked).toEqual([`CONNECT ${new URL(registry.url).host}`]);
  expect(registry.requests.map(({ httpVersion }) => httpVersion)).toEqual(["2.0", "2.0"]);
});

test("https goes through a tunnel with HTTP/1.1 too", async () => {
  const proxy = await proxied();
  const http = { cainfo, multiplexing: false, proxy: through(`http://127.0.0.1:${proxy.port}`) };
  const { registry, client } = await world({ tls }, { http, jobs: 1 });
  await client.index(registry.url, "lab");
  await download(client, registry, lab);
  expect(proxy.asked).toHaveLength(1);
  expect(registry.requests.map(({ httpVersion }) => httpVersion)).toEqual(["1.1", "1.1"]);
});

test("a proxy that itself speaks TLS is trusted by http.proxy-cainfo", async () => {
  const proxy = await proxied({ tls });
  const http = { proxyCainfo: cainfo, proxy: through(`https://127.0.0.1:${proxy.port}`) };
  const { registry, client } = await world({}, { http });
  await client.index(registry.url, "lab");
  const { registry: secure, client: secured } = await world({ tls }, { http: { ...http, cainfo } });
  await secured.index(secure.url, "lab");
  expect(proxy.asked).toEqual([`GET ${registry.url}3/l/lab`, `CONNECT ${new URL(secure.url).host}`]);
});

test("a proxy gets the user name and password of its address, and the registry does not", async () => {
  const proxy = await proxied({ credentials: "ann:s@cret" });
  const address = `http://ann:s%40cret@127.0.0.1:${proxy.port}`;
  const { registry, client } = await world({}, { http: { proxy: through(address) } });
  await client.index(registry.url, "lab");
  expect(registry.requests[0]?.headers["authorization"]).toBeUndefined();
  const { registry: secure, client: secured } = await world({ tls }, { http: { cainfo, proxy: through(address) } });
  await secured.index(secure.url, "lab");
});

test("a proxy that wants other credentials is named, at once", async () => {
  const proxy = await proxied({ credentials: "ann:secret" });
  const address = through(`http://bob:wrong@127.0.0.1:${proxy.port}`);
  const { registry, client } = await world({}, { http: { proxy: address } });
  const error = await errorOf(client.index(registry.url, "lab"));
  expect(error.code).toBe("registry/proxy-refused");
  expect(JSON.stringify(error)).not.toContain("wrong");
  const { registry: secure, client: secured } = await world({ tls }, { http: { cainfo, proxy: address } });
  expect((await errorOf(secured.index(secure.url, "lab"))).code).toBe("registry/proxy-refused");
  expect(proxy.asked).toHaveLength(2);
});

test("a proxy that refuses the tunnel for a while is asked again", async () => {
  const proxy = await proxied({ refuseWith: 503 });
  const { registry, client } = await world(
    { tls },
    { http: { cainfo, proxy: through(`http://127.0.0.1:${proxy.port}`) } },
  );
  const error = await errorOf(client.index(registry.url, "lab"));
  expect(error).toMatchObject({ code: "registry/proxy-refused", what: "the proxy answered 503 instead of connecting" });
  expect(proxy.asked).toHaveLength(4);
});

test.each([
  ["socks5://127.0.0.1:1080", "socks5"],
  ["http://", "names no host"],
  ["http://127.0.0.1:99999", "not an address"],
])("the proxy %s can not be used", async (address, reason) => {
  const { registry, client } = await world({}, { http: { proxy: through(address) } });
  const error = await errorOf(client.index(registry.url, "lab"));
  expect(error.code).toBe("registry/bad-proxy");
  expect(error.what).toContain(reason);
});
