import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeRepository } from "../support/git-repository.ts";
import { type LoopbackRegistry, startRegistry } from "../support/loopback-registry.ts";
import {
  bothSides,
  expectAlike,
  type Locked,
  type PrivateSetting,
  plugin,
  privateRegistry,
  TOKEN,
  tokenAnswer,
} from "./private-world.ts";

const cratesIo = "registry+https://github.com/rust-lang/crates.io-index";
const stored = `[registries.lab]\ntoken = "${TOKEN}"\n`;

/** A registry that wants no token. */
async function openRegistry(): Promise<LoopbackRegistry> {
  const crates = [
    { name: "priv", version: "1.0.0" },
    { name: "priv2", version: "1.2.0" },
  ];
  const registry = await startRegistry({ crates });
  onTestFinished(() => registry.close());
  return registry;
}

function table(lab: LoopbackRegistry, name = "lab"): string {
  return `[registries.${name}]\nindex = "sparse+${lab.url}"\ncredential-provider = "cargo:token"\n`;
}

/** A project that depends on `priv` of `lab`. */
function onLab(lab: LoopbackRegistry, setting: Partial<PrivateSetting> = {}): PrivateSetting {
  const locked: Locked[] = [{ registry: lab, name: "priv", version: "1.0.0", dependency: 'registry = "lab"' }];
  return { locked, config: table(lab), credentials: stored, ...setting };
}

test("the token goes to the host that `dl` names, as with cargo", async () => {
  const files = await openRegistry();
  for (const origin of [
    files.origin,
    files.origin.replace("127.0.0.1", "localhost"),
    files.origin.replace("//", "//ann:pw@"),
  ]) {
    const lab = await privateRegistry({ dl: `${origin}/crates/{crate}/{crate}-{version}.crate` });
    const both = await bothSides(onLab(lab), [lab, files]);
    expectAlike(both, true);
    expect(both.ours.requests).toContain(`1:/crates/priv/priv-1.0.0.crate 200 ${TOKEN}`);
  }
});

const redirects: readonly (readonly [what: string, path: RegExp, to: string])[] = [
  ["a crate", /priv-1\.0\.0\.crate$/, "/crates/priv/priv-1.0.0.crate?moved"],
  ["an index file", /iv\/priv$/, "/index/pr/iv/priv?moved"],
];

test.each(redirects)("a redirect of %s takes no token to another port", async (_what, path, to) => {
  const lab = await privateRegistry();
  const other = await openRegistry();
  lab.setFault(path, { kind: "redirect", to: other.origin + to });
  const both = await bothSides(onLab(lab), [lab, other]);
  expectAlike(both, true);
  expect(both.ours.requests).toContain(`1:${to} 200 -`);
});

test.each(redirects)("a redirect of %s takes no token to another name of the same host", async (_what, path, to) => {
  const lab = await privateRegistry();
  lab.setFault(path, { kind: "redirect", to: lab.origin.replace("127.0.0.1", "localhost") + to });
  const both = await bothSides(onLab(lab), [lab]);
  expectAlike(both, false);
  expect(both.ours.requests).toContain(`${to} 401 -`);
  expect(both.ours.finished.stderr).toMatch(/error\[registry\/unauthorized\].*redirects to this other server/);
});

test("a redirect of config.json to another port gets no token, and says nothing about the registry's own files", async () => {
  const lab = await privateRegistry();
  const other = await openRegistry();
  lab.setFault(/config\.json$/, { kind: "redirect", to: `${other.url}config.json?moved` });
  const both = await bothSides(onLab(lab), [lab, other]);
  expectAlike(both, false);
  expect(both.ours.requests).toContain("1:/index/config.json?moved 200 -");
});

test("a token comes back with a redirect that comes back", async () => {
  const lab = await privateRegistry();
  const hop = createServer((request, response) => {
    response.writeHead(302, { location: `${lab.origin}${request.url ?? ""}?back` }).end();
  });
  await new Promise<void>((resolve) => hop.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void hop.close());
  const address = hop.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  lab.setFault(/\.crate$/, { kind: "redirect", to: `http://127.0.0.1:${port}/crates/priv/priv-1.0.0.crate` });
  const both = await bothSides(onLab(lab), [lab]);
  expectAlike(both, true);
  expect(both.ours.requests).toContain(`/crates/priv/priv-1.0.0.crate?back 200 ${TOKEN}`);
});

test.each([401, 403])(
  "status %i for a crate is the end, although the token was right for the index",
  async (status) => {
    const lab = await privateRegistry();
    lab.setFault(".crate", { kind: "status", status, body: "not for you" });
    const both = await bothSides(onLab(lab), [lab]);
    expectAlike(both, false);
    expect(both.ours.finished.stderr).toContain(status === 401 ? "registry/token-rejected" : "registry/refused");
    expect(both.ours.finished.stderr).toContain("not for you");
  },
);

const mirrors: Readonly<Record<string, (lab: LoopbackRegistry) => string>> = {
  "a [registries] entry": (lab) => `${table(lab)}[source.crates-io]\nreplace-with = "lab"\n`,
  "a [source] with the index of a registry": (lab) =>
    `${table(lab)}[source.crates-io]\nreplace-with = "mirror"\n[source.mirror]\nregistry = "sparse+${lab.url}"\n`,
  "a [source] with a registry's name": (lab) =>
    `${table(lab)}[source.crates-io]\nreplace-with = "lab"\n[source.lab]\nregistry = "sparse+${lab.url}"\n`,
  "a chain of two": (lab) =>
    `${table(lab)}[source.crates-io]\nreplace-with = "one"\n[source.one]\nregistry = "sparse+http://127.0.0.1:1/"\nreplace-with = "two"\n[source.two]\nregistry = "sparse+${lab.url}"\n`,
};

test.each(Object.entries(mirrors))(
  "a mirror of the public registry gets its own token through %s",
  async (_what, config) => {
    const lab = await privateRegistry();
    const locked = [{ registry: lab, name: "priv", version: "1.0.0", dependency: "", source: cratesIo }];
    const credentials = `${stored}[registry]\ntoken = "of-the-public-registry"\n`;
    const both = await bothSides({ locked, config: config(lab), credentials }, [lab]);
    expectAlike(both, true);
    expect(both.ours.requests.filter((request) => !request.includes(TOKEN))).toEqual(["/index/config.json 401 -"]);
  },
);

test("a mirror without a name gets nothing, least of all the public registry's token", async () => {
  const lab = await privateRegistry();
  const locked = [{ registry: lab, name: "priv", version: "1.0.0", dependency: "", source: cratesIo }];
  const config = `[source.crates-io]\nreplace-with = "mirror"\n[source.mirror]\nregistry = "sparse+${lab.url}"\n`;
  const credentials = `[registry]\ntoken = "${TOKEN}"\nglobal-credential-providers = ["cargo:token"]\n`;
  const both = await bothSides({ locked, config, credentials }, [lab]);
  expectAlike(both, false);
  expect(both.ours.requests).toEqual(["/index/config.json 401 -"]);
});

test("the mirror of a private registry gets the mirror's token, and the registry nothing", async () => {
  const lab = await privateRegistry();
  const mirror = await privateRegistry({ token: "marked-of-the-mirror" });
  const config = `${table(lab)}${table(mirror, "mirror")}[source.lab-source]\nregistry = "sparse+${lab.url}"\nreplace-with = "mirror"\n`;
  const credentials = `${stored}[registries.mirror]\ntoken = "marked-of-the-mirror"\n`;
  const both = await bothSides(onLab(lab, { config, credentials }), [lab, mirror]);
  expectAlike(both, true);
  expect(both.ours.requests.every((request) => request.startsWith("1:") && !request.includes(TOKEN))).toBe(true);
});

test("two private registries get each its own token, also for the same name and version", async () => {
  const lab = await privateRegistry();
  const crates = [{ name: "priv", version: "1.0.0", files: { "src/lib.rs": "pub const OTHER: bool = true;\n" } }];
  const other = await privateRegistry({ crates, token: "marked-of-the-other" });
  const locked = [
    { registry: lab, name: "priv", version: "1.0.0", dependency: 'registry = "lab"' },
    { registry: other, name: "priv", version: "1.0.0", dependency: 'registry = "other"' },
  ].toSorted((a, b) => (a.registry.url < b.registry.url ? -1 : 1));
  const config = table(lab) + table(other, "other");
  const credentials = `${stored}[registries.other]\ntoken = "marked-of-the-other"\n`;
  const both = await bothSides({ locked, config, credentials }, [lab, other]);
  expectAlike(both, true);
  const withToken = (token: string): string[] => both.ours.requests.filter((request) => request.endsWith(` ${token}`));
  expect(withToken(TOKEN).every((request) => !request.startsWith("1:"))).toBe(true);
  expect(withToken("marked-of-the-other").every((request) => request.startsWith("1:"))).toBe(true);
  expect(withToken(TOKEN)).toHaveLength(3);
});

test("a registry that only an index line names is found by its address", async () => {
  const lab = await privateRegistry();
  const uses = { name: "uses", version: "1.0.0", deps: { priv: { version: "1", registry: `sparse+${lab.url}` } } };
  const open = await startRegistry({ crates: [uses] });
  onTestFinished(() => open.close());
  const locked = [
    { registry: lab, name: "priv", version: "1.0.0" },
    { registry: open, name: "uses", version: "1.0.0", dependency: 'registry = "open"', dependencies: ["priv"] },
  ];
  const config = `${table(lab)}[registries.open]\nindex = "sparse+${open.url}"\n`;
  const both = await bothSides({ locked, config, credentials: stored }, [lab, open]);
  expectAlike(both, true);
  expect(
    both.ours.requests.filter((request) => request.startsWith("1:")).every((request) => request.endsWith(" -")),
  ).toBe(true);
});

test("a plugin for all registries is told the address of one without a name", async () => {
  const lab = await privateRegistry();
  const setting = onLab(lab, {
    locked: [{ registry: lab, name: "priv", version: "1.0.0", dependency: `registry-index = "sparse+${lab.url}"` }],
    config: '[registry]\nglobal-credential-providers = ["ROOT/plug"]\n',
    programs: { plug: plugin(tokenAnswer()) },
  });
  const both = await bothSides(setting, [lab]);
  expectAlike(both, true);
  expect(both.ours.calls[1]).toContain(`"index-url":"sparse+${lab.url}"`);
  expect(both.ours.calls[1]).not.toContain('"name"');
});

test("the crates of a registry whose index is a git repository are fetched with its token", async () => {
  const lab = await privateRegistry();
  const config = { dl: `${lab.origin}/crates/{crate}/{crate}-{version}.crate`, "auth-required": true };
  const root = mkdtempSync(join(tmpdir(), "cargo-hub-index-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const line = `${lab.built("priv", "1.0.0").line}\n`;
  makeRepository(root).commit({ "config.json": JSON.stringify(config), "pr/iv/priv": line });
  const index = `file://${root}`;
  const locked = [
    { registry: lab, name: "priv", version: "1.0.0", dependency: 'registry = "lab"', source: `registry+${index}` },
  ];
  const table = `[registries.lab]\nindex = "${index}"\ncredential-provider = "ROOT/plug"\n`;
  const both = await bothSides({ locked, config: table, programs: { plug: plugin(tokenAnswer()) } }, [lab]);
  expectAlike(both, true);
  expect(both.ours.requests).toEqual([`/crates/priv/priv-1.0.0.crate 200 ${TOKEN}`]);
  expect(both.ours.calls[1]).toContain(`"index-url":"${index}"`);
});
