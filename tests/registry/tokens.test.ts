import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, expect, test } from "vitest";
import { makeCertificate } from "../support/certificate.ts";
import type { Fault } from "../support/fault.ts";
import { download, errorOf } from "./open-client.ts";
import { credentials, privateWorld, TOKEN } from "./provider-world.ts";
import { lab, world } from "./worlds.ts";

const tls = makeCertificate();
const directory = mkdtempSync(join(tmpdir(), "cargo-hub-ca-"));
const cainfo = join(directory, "ca.pem");
writeFileSync(cainfo, tls.authority);
afterAll(() => rmSync(directory, { recursive: true }));

const stored = credentials([{ kind: "token" }], { plainToken: TOKEN });

test.each([{ tls: undefined }, { tls }])(
  "a 401 is answered with the token, and then everything is asked with it",
  async (options) => {
    const { registry, client } = await privateWorld(stored, options.tls === undefined ? {} : { tls }, {
      http: { cainfo },
    });
    const config = await client.config(registry.url);
    expect(config.authRequired).toBe(true);
    expect((await client.index(registry.url, "lab")).kind).toBe("fresh");
    await download(client, registry, { ...lab, authorizedBy: `sparse+${registry.url}` });
    const asked = registry.requests.map(
      ({ path, status, headers }) => `${status} ${path} ${headers["authorization"] ?? "-"}`,
    );
    expect(asked).toEqual([
      "401 /index/config.json -",
      `200 /index/config.json ${TOKEN}`,
      `200 /index/3/l/lab ${TOKEN}`,
      `200 /crates/lab/lab-1.0.0.crate ${TOKEN}`,
    ]);
  },
);

test("an index file waits for config.json, which is asked for once", async () => {
  const { registry, client } = await privateWorld(stored);
  await Promise.all(["lab", "lab", "none"].map((name) => client.index(registry.url, name)));
  await client.configText(registry.url);
  expect(registry.paths().filter((path) => path.endsWith("config.json"))).toHaveLength(2);
  expect(registry.requests.filter(({ status }) => status === 401)).toHaveLength(1);
});

test("what was needed the last time is not asked for in vain", async () => {
  const { registry, client } = await privateWorld(stored, {}, { neededToken: () => true });
  await client.index(registry.url, "lab");
  expect(registry.requests.map(({ status }) => status)).toEqual([200, 200]);
});

test("a registry that was private the last time and is not any more is read without a token", async () => {
  const none = credentials([{ kind: "token" }]);
  const { registry, client } = await privateWorld(none, { token: undefined, config: {} }, { neededToken: () => true });
  expect((await client.index(registry.url, "lab")).kind).toBe("fresh");
});

test("a registry that was open the last time and is private now is read with the token", async () => {
  const { registry, client } = await privateWorld(stored, {}, { neededToken: () => false });
  expect((await client.index(registry.url, "lab")).kind).toBe("fresh");
  expect(registry.requests.map(({ status }) => status)).toEqual([401, 401, 200, 200]);
});

test("a registry that was open the last time does not wait for config.json", async () => {
  const { registry, client } = await privateWorld(stored, { token: undefined }, { neededToken: () => false });
  await client.index(registry.url, "lab");
  expect(registry.paths()).toEqual(["/index/3/l/lab"]);
});

test("after a failure config.json is asked for again", async () => {
  const { registry, client } = await privateWorld(stored);
  registry.setFault("config.json", { kind: "status", status: 403, times: 1 });
  expect((await errorOf(client.config(registry.url))).code).toBe("registry/refused");
  expect((await client.config(registry.url)).authRequired).toBe(true);
});

test("a token of one registry is not shown to another", async () => {
  const asked: string[] = [];
  const { registry, client } = await privateWorld((index) => {
    asked.push(index);
    return stored(index);
  });
  const { registry: open } = await world();
  await client.index(registry.url, "lab");
  await client.index(open.url, "lab");
  await download(client, open, lab);
  expect(open.requests.map(({ headers }) => headers["authorization"])).toEqual([undefined, undefined, undefined]);
  expect(asked).toEqual([`sparse+${registry.url}`]);
});

test("a rejected token is told with its origin and where to get another", async () => {
  const { registry, client } = await privateWorld(credentials([{ kind: "token" }], { plainToken: "old-token" }));
  const error = await errorOf(client.index(registry.url, "lab"));
  expect(error).toMatchObject({ code: "registry/token-rejected", where: `${registry.url}config.json` });
  expect(error.what).toContain("cargo:token (credentials.toml)");
  expect(error.help).toMatch(/https:\/\/login\.example\/.*cargo login --registry lab.*CARGO_REGISTRIES_LAB_TOKEN/);
  expect(registry.requests).toHaveLength(2);
});

test("a missing token is told with where to get one", async () => {
  const { registry, client } = await privateWorld(credentials([{ kind: "token" }]));
  const error = await errorOf(client.config(registry.url));
  expect(error).toMatchObject({ code: "registry/token-missing", where: registry.url });
  expect(error.what).toContain("https://login.example/");
  expect(error.help).toContain("CARGO_REGISTRIES_LAB_TOKEN");
});

test("without a configured provider a token is not sent", async () => {
  const { registry, client } = await privateWorld(
    credentials([{ kind: "token" }], { plainToken: TOKEN, isExplicit: false }),
  );
  expect((await errorOf(client.config(registry.url))).code).toBe("registry/provider-missing");
  expect(registry.requests).toHaveLength(1);
});

test.each(["", "two\nlines", "cr\r", "ümlaut"])("the token %j is not sent", async (plainToken) => {
  const { registry, client } = await privateWorld(credentials([{ kind: "token" }], { plainToken }));
  expect((await errorOf(client.config(registry.url))).code).toBe("registry/token-unusable");
  expect(registry.requests).toHaveLength(1);
});

test("asymmetric tokens are refused by name", async () => {
  const key = await privateWorld(credentials([{ kind: "token" }], { hasSecretKey: true }));
  expect((await errorOf(key.client.config(key.registry.url))).code).toBe("registry/provider-unsupported");
  const paseto = await privateWorld(credentials([{ kind: "inside-cargo", name: "cargo:paseto" }]));
  expect((await errorOf(paseto.client.config(paseto.registry.url))).code).toBe("registry/provider-unsupported");
});

test("a keychain that only cargo can ask is passed over, and named when nobody else has the token", async () => {
  const keychain = { linux: "cargo:libsecret", darwin: "cargo:macos-keychain", win32: "cargo:wincred" } as const;
  const name =
    process.platform === "darwin" || process.platform === "win32" ? keychain[process.platform] : keychain.linux;
  const inside = { kind: "inside-cargo", name } as const;
  const with2 = await privateWorld(credentials([inside, { kind: "token" }], { plainToken: TOKEN }));
  expect((await with2.client.config(with2.registry.url)).authRequired).toBe(true);
  const alone = await privateWorld(credentials([inside]));
  const error = await errorOf(alone.client.config(alone.registry.url));
  expect(error.code).toBe("registry/token-missing");
  expect(`${error.what} ${error.help}`).toContain(name);
  expect(error.help).toContain("cargo:token-from-stdout");
});

/** Ways in which a server could make us show the token. */
const indiscreet: Readonly<Record<string, Fault>> = {
  "in the text of a 403": { kind: "status", status: 403, body: `no entry with ${TOKEN}, sorry` },
  "in the text of a 401": { kind: "status", status: 401, body: `${TOKEN} is bad` },
  "at the end of a long text": { kind: "status", status: 403, body: `${"x".repeat(180)}${TOKEN}` },
  "at the end of what is read": { kind: "status", status: 403, body: `${" ".repeat(980)}${TOKEN}` },
  "in a passing failure": { kind: "status", status: 503, body: TOKEN },
  "in a redirect to nowhere": { kind: "redirect", to: `ftp://example.org/${TOKEN}` },
  "in a redirect that fails": { kind: "redirect", to: `http://127.0.0.1:1/${TOKEN}/x` },
  "in a redirect in a circle": { kind: "redirect", to: `#${TOKEN}` },
  "in a coding": { kind: "status", status: 200, headers: { "content-encoding": TOKEN }, body: "x" },
  "in a challenge": {
    kind: "status",
    status: 401,
    headers: { "www-authenticate": `Cargo login_url="https://login.example/${TOKEN}"` },
  },
  "in the file": { kind: "status", status: 200, body: `{"dl":"http://127.0.0.1:1/${TOKEN}/","auth-required":true}` },
  "in a web page": { kind: "status", status: 200, headers: { "content-type": "text/html" }, body: `<html>${TOKEN}` },
};

test.each(Object.entries(indiscreet))(
  "a server that repeats the token %s does not make us show it",
  async (_where, fault) => {
    for (const path of [/config\.json$/, /lab$/, /\.crate$/]) {
      const { registry, client } = await privateWorld(stored, {}, { retry: 1, neededToken: () => true });
      registry.setFault(path, fault);
      const error = await failureOf(async () => {
        await client.config(registry.url);
        await client.index(registry.url, "lab");
        await download(client, registry, { ...lab, authorizedBy: `sparse+${registry.url}` });
      });
      const shown =
        inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error) + JSON.stringify(client.events);
      for (const part of [TOKEN.slice(0, 8), "0123456789", TOKEN.slice(-8)]) expect(shown).not.toContain(part);
    }
  },
);

async function failureOf(action: () => Promise<void>): Promise<unknown> {
  try {
    await action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing failed");
}

test("a registry that repeats the token in its files is refused", async () => {
  const { registry, client } = await privateWorld(stored, { config: { "auth-required": true, more: TOKEN } });
  expect((await errorOf(client.config(registry.url))).code).toBe("registry/token-echoed");
});

test.each([
  [["Basic realm=x", 'Cargo login_url="https://login.example/second"'], "https://login.example/second"],
  [['Cargo login_url="https://login.example/first"', "Basic realm=x"], "https://login.example/first"],
])("of several challenges the one for cargo counts", async (challenges, url) => {
  const { registry, client } = await privateWorld(credentials([{ kind: "token" }]));
  registry.setFault("config.json", {
    kind: "status",
    status: 401,
    headers: { "www-authenticate": challenges.join(", ") },
  });
  expect((await errorOf(client.config(registry.url))).what).toContain(url);
});
