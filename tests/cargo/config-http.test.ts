import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { homedir } from "node:os";
import { afterAll, expect, test } from "vitest";
import { autoCleanFrequency, httpSettings, netSettings, proxyFor } from "../../src/cargo/index.ts";
import { type Layout, ours, stage, unstage } from "./config-layout.ts";

const servers: Server[] = [];
afterAll(() => {
  unstage();
  for (const server of servers) server.close();
});

/** A server on the loopback that counts who comes and refuses everything. */
async function counter(): Promise<{ port: number; visits: () => number }> {
  let visits = 0;
  const server = createServer((_request, response) => response.writeHead(404).end());
  server.on("connection", () => {
    visits += 1;
  });
  server.on("connect", (_request, socket) => socket.end("HTTP/1.1 403 no\r\n\r\n"));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: portOf(server.address()), visits: () => visits };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

const proxies: readonly (readonly [story: string, scheme: "http" | "https", layout: Layout])[] = [
  ["nothing", "http", {}],
  ["http_proxy", "http", { env: { http_proxy: "PROXY" } }],
  ["http_proxy with a scheme", "http", { env: { http_proxy: "http://PROXY" } }],
  ["http_proxy for https", "https", { env: { http_proxy: "PROXY" } }],
  ["HTTP_PROXY in capitals", "http", { env: { HTTP_PROXY: "PROXY" } }],
  ["https_proxy", "https", { env: { https_proxy: "PROXY" } }],
  ["HTTPS_PROXY", "https", { env: { HTTPS_PROXY: "PROXY" } }],
  ["HTTPS_PROXY for http", "http", { env: { HTTPS_PROXY: "PROXY" } }],
  ["an empty https_proxy before HTTPS_PROXY", "https", { env: { https_proxy: "", HTTPS_PROXY: "PROXY" } }],
  ["ALL_PROXY", "http", { env: { ALL_PROXY: "PROXY" } }],
  ["all_proxy", "https", { env: { all_proxy: "PROXY" } }],
  ["http.proxy", "http", { files: { "app/.cargo/config.toml": '[http]\nproxy = "PROXY"\n' } }],
  ["http.proxy for https", "https", { files: { "app/.cargo/config.toml": '[http]\nproxy = "PROXY"\n' } }],
  ["CARGO_HTTP_PROXY", "http", { env: { CARGO_HTTP_PROXY: "PROXY" } }],
  [
    "an empty http.proxy, which switches all off",
    "http",
    { files: { "app/.cargo/config.toml": '[http]\nproxy = ""\n' }, env: { http_proxy: "PROXY", ALL_PROXY: "PROXY" } },
  ],
  ["an empty CARGO_HTTP_PROXY", "http", { env: { CARGO_HTTP_PROXY: "", http_proxy: "PROXY" } }],
  ["no_proxy", "http", { env: { http_proxy: "PROXY", no_proxy: "127.0.0.1" } }],
  ["NO_PROXY", "https", { env: { https_proxy: "PROXY", NO_PROXY: "localhost, 127.0.0.1" } }],
  ["NO_PROXY against http.proxy", "http", { env: { CARGO_HTTP_PROXY: "PROXY", NO_PROXY: "127.0.0.1" } }],
  ["NO_PROXY with a network", "http", { env: { http_proxy: "PROXY", NO_PROXY: "127.0.0.0/8" } }],
  ["NO_PROXY with another network", "http", { env: { http_proxy: "PROXY", NO_PROXY: "10.0.0.0/8" } }],
  ["NO_PROXY with a part of an address", "http", { env: { http_proxy: "PROXY", NO_PROXY: "0.0.1" } }],
  ["NO_PROXY for everything", "http", { env: { http_proxy: "PROXY", NO_PROXY: "*" } }],
  ["an empty no_proxy before NO_PROXY", "http", { env: { http_proxy: "PROXY", no_proxy: "", NO_PROXY: "*" } }],
];

test.each(proxies)("cargo and we go the same way with %s (%s)", async (_story, scheme, layout) => {
  const [proxy, origin] = [await counter(), await counter()];
  const root = `${scheme}://127.0.0.1:${origin.port}/`;
  const fill = (text: string): string => text.replaceAll("PROXY", `127.0.0.1:${proxy.port}`);
  const mapped = (texts: Readonly<Record<string, string>> = {}): Record<string, string> =>
    Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, fill(text)]));
  const staged = stage({
    files: {
      "app/Cargo.toml":
        '[package]\nname = "app"\nversion = "0.1.0"\n[dependencies]\nx = { version = "1", registry = "r" }\n',
      "app/src/lib.rs": "",
      ...mapped(layout.files),
    },
    env: mapped(layout.env),
  });
  await cargoAsks(staged.cwd, { ...staged.env, CARGO_HOME: staged.home, CARGO_REGISTRIES_R_INDEX: `sparse+${root}` });
  const way = proxyFor(httpSettings(ours(staged)).proxy, root);
  expect({ proxy: proxy.visits() > 0, origin: origin.visits() > 0 }).toEqual({
    proxy: way !== undefined,
    origin: way === undefined,
  });
});

/** Lets the real cargo ask its registry once. It fails: nothing is there. */
async function cargoAsks(cwd: string, env: Record<string, string>): Promise<void> {
  const all = { PATH: process.env["PATH"] ?? "", HOME: homedir(), CARGO_NET_RETRY: "0", ...env };
  await new Promise<void>((resolve) => {
    execFile("cargo", ["generate-lockfile"], { cwd, env: all }, () => resolve());
  });
}

test.each([
  ["example.org", "https://example.org/x", true],
  ["example.org", "https://EXAMPLE.org:8443/x", true],
  ["example.org", "https://a.example.org/x", true],
  [".example.org", "https://example.org/x", true],
  [".example.org", "https://a.b.example.org./x", true],
  ["example.org", "https://notexample.org/x", false],
  ["example.org,h.example", "https://h.example/", true],
  ["example.org h.example", "https://h.example/", true],
  ["192.168.0.0/16", "http://192.168.7.1/", true],
  ["192.168.0.0/16", "http://192.169.7.1/", false],
  ["192.168.0.0/99", "http://192.168.0.0/", false],
  ["10.1.2.3", "http://10.1.2.3:80/", true],
  ["[::1]", "http://[::1]:80/", true],
  ["::1", "http://[::1]:80/", true],
  ["fd00::/8", "http://[fd12:3456::1]/", true],
  ["fd00::/8", "http://[fe80::1]/", false],
  ["", "http://h.example/", false],
])("with no_proxy = %j, %s is reached directly: %s", (noProxy, url, direct) => {
  const way = proxyFor({ http: "p.example:3128", https: "https://p.example", noProxy }, url);
  expect(way === undefined).toBe(direct);
});

test("a proxy without a scheme speaks http", () => {
  const settings = { http: "p.example:3128", https: "socks5://p.example:1", noProxy: undefined };
  expect(proxyFor(settings, "http://h.example/")).toBe("http://p.example:3128");
  expect(proxyFor(settings, "https://h.example/")).toBe("socks5://p.example:1");
});

test("without configuration the settings are cargo's defaults", () => {
  const config = ours(stage({}));
  expect(httpSettings(config)).toEqual({
    proxy: { http: undefined, https: undefined, noProxy: undefined },
    cainfo: undefined,
    proxyCainfo: undefined,
    timeoutSeconds: 30,
    lowSpeedLimit: 10,
    multiplexing: true,
    userAgent: undefined,
    sslVersion: undefined,
    checkRevoke: undefined,
  });
  expect(netSettings(config)).toEqual({ offline: false, retry: 3, gitFetchWithCli: false });
  expect(autoCleanFrequency(config)).toBe("1 day");
});

test("files, variables and options each have their say", () => {
  const staged = stage({
    cwd: "app/sub",
    files: {
      "app/.cargo/config.toml":
        '[http]\ncainfo = "ca.pem"\ntimeout = 5\nmultiplexing = false\nuser-agent = "me"\nssl-version.min = "tlsv1.2"\nlow-speed-limit = 1\n[net]\nretry = 2\n[cache]\nauto-clean-frequency = "never"\n',
    },
    env: {
      CARGO_HTTP_PROXY_CAINFO: "p.pem",
      HTTP_TIMEOUT: "9",
      CARGO_NET_OFFLINE: "true",
      CARGO_HTTP_CHECK_REVOKE: "false",
    },
    configs: ["net.retry=0"],
  });
  const config = ours(staged);
  expect(httpSettings(config)).toMatchObject({
    cainfo: `${staged.root}/app/ca.pem`,
    proxyCainfo: `${staged.cwd}/p.pem`,
    timeoutSeconds: 5,
    lowSpeedLimit: 1,
    multiplexing: false,
    userAgent: "me",
    sslVersion: { min: "tlsv1.2", max: "default" },
    checkRevoke: false,
  });
  expect(netSettings(config)).toEqual({ offline: true, retry: 0, gitFetchWithCli: false });
  expect(autoCleanFrequency(config)).toBe("never");
});

test.each([
  ["HTTP_TIMEOUT counts where http.timeout is silent", { HTTP_TIMEOUT: "9" }, 9],
  ["a HTTP_TIMEOUT that is no number is passed over", { HTTP_TIMEOUT: "soon" }, 30],
  ["CARGO_HTTP_TIMEOUT beats it", { HTTP_TIMEOUT: "9", CARGO_HTTP_TIMEOUT: "8" }, 8],
])("%s", (_story, env, seconds) => {
  expect(httpSettings(ours(stage({ env }))).timeoutSeconds).toBe(seconds);
});

test.each([
  ['[net]\nretry = "x"\n', {}],
  ["[net]\nretry = -1\n", {}],
  ["", { CARGO_NET_RETRY: "many" }],
  ["", { CARGO_NET_OFFLINE: "1" }],
  ["[net]\noffline = 1\n", {}],
  ['[http]\nssl-version = "tlsv9"\n', {}],
  ["[http]\nproxy = 1\n", {}],
])("%j with %j is refused", (text, env: Record<string, string>) => {
  const config = ours(stage({ files: { "app/.cargo/config.toml": text }, env }));
  expect(() => [netSettings(config), httpSettings(config)]).toThrow(
    expect.objectContaining({ code: "cargo/config-value", where: expect.stringMatching(/./) }),
  );
});
