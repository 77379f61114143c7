import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { buildCrateAround } from "../support/crate-builder.ts";
import type { Fault } from "../support/fault.ts";
import { errorOf, hub, messagesOf, must, openScene } from "../support/hub-runs.ts";
import type { Scene } from "../support/stage.ts";
import { packGzip, packTar, type TarEntry } from "../support/tar-writer.ts";
import { differences, filesBelow, treeFacts } from "../support/tree-facts.ts";

const crates = [
  { name: "alpha", version: "1.0.0", files: { "src/big.rs": noise(60_000) } },
  { name: "beta", version: "0.2.1", deps: { alpha: "1" } },
];

/** Text that does not compress, so that a crate has a body to be cut. */
function noise(length: number): string {
  let seed = 7;
  let text = "";
  while (text.length < length) {
    seed = (seed * 48_271) % 2_147_483_647;
    text += `// ${seed.toString(36)}\n`;
  }
  return text;
}

/** A project whose lockfile is there and whose hub is not; it asks the registry quickly and only once. */
async function openCold(config = "[net]\nretry = 0\n\n[http]\ntimeout = 1\n"): Promise<Scene> {
  const scene = await openScene({ crates });
  await must(scene.cargo("generate-lockfile"));
  const own = readFileSync(join(scene.project, ".cargo/config.toml"), "utf8");
  scene.write("app/.cargo/config.toml", `${own}\n${config}`);
  scene.registry.requests.length = 0;
  return scene;
}

interface BadAnswer {
  readonly at: string | RegExp;
  readonly fault: Fault;
  readonly code: string | RegExp;
  readonly says: RegExp;
  /** Where the trouble is; absent: the URL that was asked. */
  readonly where?: RegExp;
}

const crateUrl = /^http:\/\/127\.0\.0\.1:\d+\/crates\/alpha\/alpha-1\.0\.0\.crate$/;
const indexUrl = /^http:\/\/127\.0\.0\.1:\d+\/index\/al\/ph\/alpha$/;
const rootUrl = /^http:\/\/127\.0\.0\.1:\d+\/index\/(config\.json)?$/;
const crate = "/crates/alpha/";
const index = "/index/al/ph/alpha";
const config = "/index/config.json";

const rows: Record<string, BadAnswer> = {
  "an index file that is gone (404)": {
    at: index,
    fault: { kind: "status", status: 404 },
    code: "hub/version-missing",
    says: /alpha.*1\.0\.0/,
    where: rootUrl,
  },
  "an index file that is gone for good (410)": {
    at: index,
    fault: { kind: "status", status: 410 },
    code: "hub/version-missing",
    says: /alpha.*1\.0\.0/,
    where: rootUrl,
  },
  "an index that fails (500)": {
    at: index,
    fault: { kind: "status", status: 500 },
    code: "registry/refused",
    says: /500/,
    where: indexUrl,
  },
  "an index that wants a login (401)": {
    at: index,
    fault: { kind: "status", status: 401 },
    code: "registry/unauthorized",
    says: /401|log/,
    where: indexUrl,
  },
  "a web page for an index file": {
    at: index,
    fault: { kind: "html" },
    code: /^(registry|hub|cargo)\//,
    says: /alpha|HTML|web page/i,
    where: /alpha|crates\.io-index/,
  },
  "a web page for config.json": {
    at: config,
    fault: { kind: "html" },
    code: /^(registry\/bad-config|registry\/not-a-registry|cargo\/registry-config-invalid)$/,
    says: /./,
    where: rootUrl,
  },
  "no config.json (404)": {
    at: config,
    fault: { kind: "status", status: 404 },
    code: /^registry\//,
    says: /404|config\.json/,
    where: rootUrl,
  },
  "an index that never answers": {
    at: index,
    fault: { kind: "hang" },
    code: "registry/timeout",
    says: /1 s|second/,
    where: indexUrl,
  },
  "an index that tears the connection": {
    at: index,
    fault: { kind: "refuse" },
    code: "registry/unreachable",
    says: /./,
    where: indexUrl,
  },
  "a crate that is gone (404)": {
    at: crate,
    fault: { kind: "status", status: 404 },
    code: "registry/not-found",
    says: /alpha 1\.0\.0|404/,
  },
  "a crate that is gone for good (410)": {
    at: crate,
    fault: { kind: "status", status: 410 },
    code: "registry/not-found",
    says: /alpha 1\.0\.0|410/,
  },
  "a crate download that fails (503)": {
    at: crate,
    fault: { kind: "status", status: 503 },
    code: "registry/refused",
    says: /503/,
  },
  "a crate that never comes": { at: crate, fault: { kind: "hang" }, code: "registry/timeout", says: /1 s|second/ },
  "a crate that is cut every time": {
    at: crate,
    fault: { kind: "drop", afterBytes: 1 },
    code: /^registry\/(unreachable|length-mismatch|bad-response)$/,
    says: /./,
  },
  "a crate that is longer than it says": {
    at: crate,
    fault: { kind: "length", by: -10 },
    code: /^registry\//,
    says: /./,
  },
  "a crate that is shorter than it says": {
    at: crate,
    fault: { kind: "length", by: 10 },
    code: /^registry\//,
    says: /./,
  },
  "a crate with a flipped bit": {
    at: crate,
    fault: { kind: "wrong-bytes" },
    code: "registry/checksum-mismatch",
    says: /[0-9a-f]{64}.*[0-9a-f]{64}/,
  },
  "a web page for a crate": {
    at: crate,
    fault: { kind: "html" },
    code: /^registry\/(checksum-mismatch|not-a-registry|bad-response)$/,
    says: /./,
  },
};

test.each(Object.entries(rows))(
  "%s is one error; hub and store hold nothing half, and the next fill is complete",
  async (_name, row) => {
    const scene = await openCold();
    scene.registry.setFault(row.at, row.fault);
    const before = treeFacts(scene.project);
    const error = errorOf(await hub(scene, "fill", "--message-format", "json"));
    expect(error.code).toMatch(row.code);
    expect(error.what).toMatch(row.says);
    expect(error.where).toMatch(row.where ?? crateUrl);
    expect(error.help).toMatch(/^[a-z`]/);
    const own = /^\.cargo\/registry(\/\.hub-lock)?$/;
    expect(differences(before, treeFacts(scene.project, own))).toEqual([]);
    expect(filesBelow(join(scene.root, "store")).filter((path) => path.startsWith("partial/"))).toEqual([]);

    scene.registry.setFault(row.at, undefined);
    await must(hub(scene, "fill"));
    expect(await hub(scene, "verify")).toMatchObject({ code: 0 });
  },
);

test("many failing requests are still one error", async () => {
  const many = Array.from({ length: 90 }, (_, number) => ({ name: `crate-${number}`, version: "1.0.0" }));
  const scene = await openScene({ crates: many });
  await must(scene.cargo("generate-lockfile"));
  const own = readFileSync(join(scene.project, ".cargo/config.toml"), "utf8");
  scene.write("app/.cargo/config.toml", `${own}\n[net]\nretry = 0\n`);
  scene.registry.setFault("/index/cr/", { kind: "status", status: 404 });
  expect(errorOf(await hub(scene, "fill", "--message-format", "json")).code).toBe("hub/version-missing");
  scene.registry.setFault("/index/cr/", undefined);
  scene.registry.setFault("/crates/", { kind: "status", status: 403 });
  expect(errorOf(await hub(scene, "fill", "--message-format", "json")).code).toMatch(/^registry\//);
  scene.registry.setFault("/crates/", undefined);
  await must(hub(scene, "fill"));
  expect(await hub(scene, "verify")).toMatchObject({ code: 0 });
});

test("trouble that passes is waited for and told: 429 with Retry-After, then 500", async () => {
  const scene = await openCold("[net]\nretry = 2\n");
  scene.registry.setFault(crate, { kind: "status", status: 429, retryAfter: "1", times: 1 });
  scene.registry.setFault(index, { kind: "status", status: 500, times: 1 });
  const messages = messagesOf(await must(hub(scene, "fill", "--message-format", "json")));
  const retries = messages.filter(({ reason }) => reason === "retrying");
  expect(retries.map(({ url }) => String(url).replace(/^.*:\d+/, "")).toSorted()).toEqual([
    "/crates/alpha/alpha-1.0.0.crate",
    "/index/al/ph/alpha",
  ]);
  expect(retries.find(({ url }) => String(url).includes("/crates/"))?.["waitMs"]).toBe(1000);
});

test("a download that drops in the middle goes on where it stopped", async () => {
  const scene = await openCold("[net]\nretry = 2\n");
  scene.registry.setFault(crate, { kind: "drop", afterBytes: 10_000, times: 1 });
  await must(hub(scene, "fill"));
  const ranges = scene.registry.requests
    .filter(({ path }) => path.includes(crate))
    .map(({ headers, status }) => [headers["range"], status]);
  expect(ranges).toEqual([
    [undefined, 200],
    [expect.stringMatching(/^bytes=\d+-$/), 206],
  ]);
  expect(await hub(scene, "verify")).toMatchObject({ code: 0 });
});

test("an index line of an unknown version is not guessed at", async () => {
  const scene = await openCold();
  scene.registry.replaceIndexLine("alpha", "1.0.0", (line) => line.replace(/\}$/, ',"v":3}'));
  const error = errorOf(await hub(scene, "fill", "--message-format", "json"));
  expect(error.code).toBe("cargo/index-schema-unknown");
  expect(error.what).toMatch(/3/);
  expect(error.where).toMatch(/alpha 1\.0\.0/);
  expect(existsSync(join(scene.project, ".cargo/hub.lock"))).toBe(false);
});

test("an index that promises other bytes than the lockfile is told with both values", async () => {
  const scene = await openCold();
  const zeros = "0".repeat(64);
  scene.registry.replaceIndexLine("alpha", "1.0.0", (line) =>
    line.replace(/"cksum":"[0-9a-f]{64}"/, `"cksum":"${zeros}"`),
  );
  const error = errorOf(await hub(scene, "fill", "--message-format", "json"));
  expect(error.code).toBe("hub/checksum-disagreement");
  expect(error.what).toContain(zeros);
  expect(error.what).toContain(scene.registry.built("alpha", "1.0.0").checksum);
  expect(scene.registry.paths().some((path) => path.includes(crate))).toBe(false);
});

const hostile: Record<string, readonly TarEntry[]> = {
  "a path that climbs": [{ path: "alpha-1.0.0/../../../evil", content: "x" }],
  "an absolute path": [{ path: "/tmp/evil", content: "x" }],
  "a sibling's directory": [{ path: "beta-0.2.1/src/lib.rs", content: "x" }],
  "a link that leads out, and a file through it": [
    { path: "alpha-1.0.0/out", type: "2", linkName: "../../../../.." },
    { path: "alpha-1.0.0/out/evil", content: "x" },
  ],
  "a hard link to a file outside": [{ path: "alpha-1.0.0/passwd", type: "1", linkName: "../../../../../Cargo.toml" }],
  "a device": [{ path: "alpha-1.0.0/null", type: "3" }],
};

test.each(Object.entries(hostile))(
  "a crate with %s is refused, and nothing is written outside",
  async (_name, entries) => {
    const scene = await openCold();
    const manifest = '[package]\nname = "alpha"\nversion = "1.0.0"\n';
    const members = [
      { path: "alpha-1.0.0/Cargo.toml", content: manifest },
      { path: "alpha-1.0.0/src/lib.rs" },
      ...entries,
    ];
    const old = scene.registry.built("alpha", "1.0.0").checksum;
    const evil = scene.registry.add(
      buildCrateAround({ name: "alpha", version: "1.0.0" }, packGzip(packTar(members), "alpha")),
    );
    const lock = readFileSync(join(scene.project, "Cargo.lock"), "utf8");
    scene.write("app/Cargo.lock", lock.replace(old, evil.checksum));
    const before = treeFacts(scene.root, /^store$/);
    const error = errorOf(await hub(scene, "fill", "--message-format", "json"));
    expect(error.code).toMatch(/^archive\//);
    expect(error.where).toMatch(/alpha-1\.0\.0/);
    const own = /^store$|^app\/\.cargo\/registry(\/\.hub-lock)?$/;
    expect(differences(before, treeFacts(scene.root, own))).toEqual([]);
    expect(existsSync("/tmp/evil")).toBe(false);
    expect(filesBelow(join(scene.root, "store")).filter((path) => path.startsWith("trees/"))).not.toContainEqual(
      expect.stringContaining(evil.checksum),
    );
  },
);
