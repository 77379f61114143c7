import { expect, test } from "vitest";
import { errorOf } from "./open-client.ts";
import { world } from "./worlds.ts";

test("config gives what config.json says", async () => {
  const { registry, client } = await world({ config: { api: "https://api.example", extra: 1 } });
  expect(await client.config(`sparse+${registry.url}`)).toEqual({
    dl: `${registry.origin}/crates/{crate}/{crate}-{version}.crate`,
    api: "https://api.example",
    authRequired: false,
  });
  expect(await client.configText(registry.url)).toContain('"extra":1');
});

test("an index file comes with its validator, and unchanged when that is shown again", async () => {
  const { registry, client } = await world();
  const answer = await client.index(registry.url, "Lab");
  if (answer.kind !== "fresh" || answer.validator === undefined) throw new Error(answer.kind);
  expect(answer.body).toBe(`${registry.built("lab", "1.0.0").line}\n`);
  expect(await client.index(registry.url, "lab", answer.validator)).toEqual({ kind: "unchanged" });
  expect(registry.requests.map(({ status }) => status)).toEqual([200, 304]);
});

test("requests carry cargo's headers and the user agent of the settings", async () => {
  const { registry, client } = await world();
  await client.index(registry.url, "lab");
  expect(registry.requests[0]?.headers).toMatchObject({
    accept: "text/plain",
    "cargo-protocol": "version=1",
    "accept-encoding": "gzip",
    "user-agent": "cargo-hub/0.0.0 (test@example.org)",
  });
});

test.each([404, 410, 451])("a package whose index file answers %i does not exist", async (status) => {
  const { registry, client } = await world({ faults: { "/3/l/lab": { kind: "status", status } } });
  expect(await client.index(registry.url, "lab")).toEqual({ kind: "no-such-package" });
  expect(registry.requests).toHaveLength(1);
});

test("a compressed index file arrives unpacked", async () => {
  const { registry, client } = await world({ gzip: true });
  expect(await client.index(registry.url, "lab")).toMatchObject({
    kind: "fresh",
    body: `${registry.built("lab", "1.0.0").line}\n`,
  });
});

test("an index file without a length arrives whole", async () => {
  const { registry, client } = await world({ faults: { "/3/l/lab": { kind: "chunked" } } });
  expect(await client.index(registry.url, "lab")).toMatchObject({ body: `${registry.built("lab", "1.0.0").line}\n` });
});

test("a compressed index file that is no gzip is refused", async () => {
  const broken = { kind: "status", status: 200, headers: { "content-encoding": "gzip" }, body: "no" } as const;
  const { registry, client } = await world({ faults: { "/3/l/lab": broken } }, { retry: 0 });
  expect((await errorOf(client.index(registry.url, "lab"))).code).toBe("registry/bad-response");
});

test("a coding that was not asked for is refused", async () => {
  const coded = { kind: "status", status: 200, headers: { "content-encoding": "br" }, body: "x" } as const;
  const { registry, client } = await world({ faults: { "/3/l/lab": coded } });
  expect(await errorOf(client.index(registry.url, "lab"))).toMatchObject({
    code: "registry/bad-response",
    where: `${registry.url}3/l/lab`,
  });
});

test("a web page with status 200 is not a registry", async () => {
  const { registry, client } = await world({ faults: { "/index/": { kind: "html" } } });
  expect((await errorOf(client.config(registry.url))).code).toBe("registry/not-a-registry");
  expect((await errorOf(client.index(registry.url, "lab"))).code).toBe("registry/not-a-registry");
  expect(registry.requests).toHaveLength(2);
});

test("an address without config.json is not a registry", async () => {
  const { registry, client } = await world();
  const error = await errorOf(client.config(`${registry.origin}/elsewhere/`));
  expect(error).toMatchObject({ code: "registry/not-a-registry", where: `${registry.origin}/elsewhere/config.json` });
});

test.each(["not json", "{}", '{"dl":1}'])("a config.json with the text %j is refused", async (body) => {
  const { registry, client } = await world({ faults: { "config.json": { kind: "status", status: 200, body } } });
  const error = await errorOf(client.config(registry.url));
  expect(error).toMatchObject({ code: "registry/bad-config", where: `${registry.url}config.json` });
});

test("a registry that wants a token says where to get one", async () => {
  const { registry, client } = await world({ token: "secret" });
  const error = await errorOf(client.config(registry.url));
  expect(error.code).toBe("registry/unauthorized");
  expect(error.what).toContain("https://login.example/");
  expect((await errorOf(client.index(registry.url, "lab"))).code).toBe("registry/unauthorized");
});

test("other statuses are errors with the server's own words, made printable", async () => {
  const body = `No\u001b[31m\r\n entry ${"x".repeat(400)}`;
  const { registry, client } = await world({ faults: { "/3/l/lab": { kind: "status", status: 403, body } } });
  const error = await errorOf(client.index(registry.url, "lab"));
  expect(error.code).toBe("registry/refused");
  expect(error.what).toMatch(/^the server answered 403: No \[31m entry x+…$/);
  expect(error.what.length).toBeLessThan(240);
});

test("credentials of the address are sent to its origin and never shown", async () => {
  const { registry, client } = await world({ faults: { "/3/l/lab": { kind: "status", status: 403 } } });
  const root = registry.url.replace("http://", "http://ann:s%40cret@");
  const error = await errorOf(client.index(root, "lab"));
  expect(registry.requests[0]?.headers["authorization"]).toBe(`Basic ${Buffer.from("ann:s@cret").toString("base64")}`);
  expect(JSON.stringify(error)).not.toContain("cret");
});

test("credentials do not follow a redirect to another origin, validators do", async () => {
  const { registry: other } = await world();
  const { registry, client } = await world({ faults: { "/3/l/lab": { kind: "redirect", to: `${other.url}3/l/lab` } } });
  const root = registry.url.replace("http://", "http://ann:secret@");
  expect((await client.index(root, "lab", { etag: '"old"' })).kind).toBe("fresh");
  expect(registry.requests[0]?.headers["authorization"]).toBeDefined();
  expect(other.requests[0]?.headers["authorization"]).toBeUndefined();
  expect(other.requests[0]?.headers["if-none-match"]).toBe('"old"');
});

test("redirects that never end are given up after ten", async () => {
  const { registry, client } = await world({ faults: { "/3/l/lab": { kind: "redirect", to: "/index/3/l/lab" } } });
  expect((await errorOf(client.index(registry.url, "lab"))).code).toBe("registry/redirect-loop");
  expect(registry.requests).toHaveLength(11);
});

test("a redirect to something else than http is refused", async () => {
  const { registry, client } = await world({ faults: { "/3/l/lab": { kind: "redirect", to: "file:///etc/passwd" } } });
  expect((await errorOf(client.index(registry.url, "lab"))).code).toBe("registry/bad-response");
});

test("offline, nothing is sent and the error names what would have been asked for", async () => {
  const { registry, client } = await world({}, { offline: true });
  const error = await errorOf(client.index(registry.url, "lab"));
  expect(error).toMatchObject({ code: "registry/offline", where: `${registry.url}3/l/lab` });
  expect((await errorOf(client.config(registry.url))).code).toBe("registry/offline");
  expect(registry.requests).toHaveLength(0);
});

test("a validator that no header can hold is not sent", async () => {
  const { registry, client } = await world();
  expect((await client.index(registry.url, "lab", { etag: '"x"\r\nhost: evil.example' })).kind).toBe("fresh");
  expect(registry.requests[0]?.headers["if-none-match"]).toBeUndefined();
});
