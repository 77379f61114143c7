import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { buildCrate } from "../support/crate-builder.ts";
import type { Fault } from "../support/fault.ts";
import { errorOf, hubIn } from "../support/hub-runs.ts";
import type { LoopbackRegistry, RegistryOptions } from "../support/loopback-registry.ts";
import type { Finished, Scene } from "../support/stage.ts";
import { type PrivateSetting, plugin, privateRegistry, privateScene, TOKEN, tokenAnswer } from "./private-world.ts";

const named = '[registries.lab]\nindex = "LAB"\n';
const own = (provider: string): string => `${named}credential-provider = ${provider}\n`;
const stored = `[registries.lab]\ntoken = "${TOKEN}"\n`;
const withToken = { config: own('"cargo:token"'), credentials: stored };
const shell = (script: string): string => `#!/bin/sh\n${script}\n`;

/** A way in which a token could get into sight. */
interface Row extends Partial<Omit<PrivateSetting, "locked">> {
  readonly registry?: Partial<RegistryOptions>;
  readonly faults?: (path: RegExp) => Fault;
  readonly prepare?: (scene: Scene) => void;
}

const say = (status: number, body: string, headers: Record<string, string> = {}): Fault => ({
  kind: "status",
  status,
  body,
  headers,
});

const rows: Readonly<Record<string, Row>> = {
  "a fill that works": withToken,
  "a fill with a token from a variable": { config: own('"cargo:token"'), env: { CARGO_REGISTRIES_LAB_TOKEN: TOKEN } },
  "a fill with a token from a plugin": { config: own('"ROOT/plug"'), programs: { plug: plugin(tokenAnswer()) } },
  "a token that is rejected": { ...withToken, registry: { token: "another" } },
  "a rejection that repeats it": { ...withToken, faults: () => say(401, `bad token {authorization}`) },
  "a challenge that repeats it": {
    ...withToken,
    faults: () => say(401, "", { "www-authenticate": `Cargo login_url="https://login.example/?t={authorization}"` }),
  },
  "a refusal that repeats it": {
    ...withToken,
    faults: () => say(403, `no entry for ${"x".repeat(150)} {authorization}`),
  },
  "a failure that passes and repeats it": { ...withToken, faults: () => say(500, "{authorization}") },
  "a redirect that repeats it": {
    ...withToken,
    faults: () => ({ kind: "redirect", to: `http://127.0.0.1:1/{authorization}` }),
  },
  "a redirect to nowhere that repeats it": {
    ...withToken,
    faults: () => ({ kind: "redirect", to: `foo:{authorization}` }),
  },
  "a file that repeats it": {
    ...withToken,
    faults: () => say(200, `{"dl":"http://127.0.0.1:1/{authorization}/","auth-required":true}`),
  },
  "a web page that repeats it": {
    ...withToken,
    faults: () => say(200, `<html>{authorization}`, { "content-type": "text/html" }),
  },
  "a registry whose config.json repeats it": {
    ...withToken,
    registry: { config: { "auth-required": true, dl: `http://127.0.0.1:1/${TOKEN}/{crate}` } },
  },
  "a trace of a program": {
    config: own('"cargo:token-from-stdout ROOT/print"'),
    programs: { print: shell(`set -x\necho ${TOKEN}`) },
  },
  "a program that prints too much": {
    config: own('"cargo:token-from-stdout ROOT/print"'),
    programs: { print: shell(`echo ${TOKEN}; echo ${TOKEN}`) },
  },
  "a program that fails": {
    config: own('"cargo:token-from-stdout ROOT/print"'),
    programs: { print: shell(`echo ${TOKEN}; exit 9`) },
  },
  "a program with the token in its arguments": {
    config: own(`["cargo:token-from-stdout", "sh", "-c", "echo ${TOKEN}; exit 1"]`),
  },
  "a plugin that greets with it": { config: own('"ROOT/plug"'), programs: { plug: plugin("", TOKEN) } },
  "a plugin that answers with it alone": { config: own('"ROOT/plug"'), programs: { plug: plugin(TOKEN) } },
  "a plugin that forgets half of its answer": {
    config: own('"ROOT/plug"'),
    programs: { plug: plugin(`{"Ok":{"kind":"get","token":"${TOKEN}"}}`) },
  },
  "a plugin that complains of the stored one": {
    config: own('"ROOT/plug"'),
    credentials: stored,
    programs: { plug: plugin(`{"Err":{"kind":"other","message":"${TOKEN} is old"}}`) },
  },
  "a token that cannot be sent": { config: own('"cargo:token"'), env: { CARGO_REGISTRIES_LAB_TOKEN: `${TOKEN}\nx` } },
  "credentials that are no TOML": { ...withToken, credentials: `[registries.lab]\ntoken = "${TOKEN}\n` },
  "credentials of a wrong type": { ...withToken, credentials: `[registries.lab]\ntoken = ["${TOKEN}"]\n` },
  "credentials that do not fit": { ...withToken, credentials: `registries = "${TOKEN}"\n` },
  "credentials that are a directory": {
    config: own('"cargo:token"'),
    prepare: (scene) => mkdirSync(join(scene.cargoHome, "credentials.toml")),
  },
  "no provider": { config: named, credentials: stored },
  "two names": { config: `${own('"cargo:token"')}[registries.other]\nindex = "LAB"\n`, credentials: stored },
  "a secret key": { config: own('"cargo:token"'), credentials: `[registries.lab]\nsecret-key = "${TOKEN}"\n` },
};

const outputs = [["-vv"], ["--json", "--message-format", "json"]];

test.each(Object.entries(rows))("nothing shows or keeps the token: %s", async (_story, row) => {
  for (const path of row.faults === undefined ? [undefined] : [/config\.json$/, /iv\/priv$/, /\.crate$/]) {
    const lab = await privateRegistry(row.registry);
    if (path !== undefined && row.faults !== undefined) lab.setFault(path, row.faults(path));
    const scene = await privateScene(settingOf(row, lab));
    row.prepare?.(scene);
    for (const output of outputs) {
      const finished = await hubIn(scene, { env: row.env ?? {} }, "fill", ...output);
      expect(leaks(finished.stdout + finished.stderr), finished.stderr).toEqual([]);
      expect(finished.stderr).not.toContain("defect of cargo-hub");
    }
    expect(filesWithToken(scene)).toEqual([]);
  }
});

function settingOf({ config = named, ...row }: Row, lab: LoopbackRegistry): PrivateSetting {
  return {
    ...row,
    config: `${config.replaceAll("LAB", `sparse+${lab.url}`)}[net]\nretry = 0\n`,
    locked: [{ registry: lab, name: "priv", version: "1.0.0", dependency: 'registry = "lab"' }],
  };
}

/** Pieces of the token that stand in `text`. */
function leaks(text: string): string[] {
  const pieces = Array.from({ length: TOKEN.length - 7 }, (_, at) => TOKEN.slice(at, at + 8));
  return pieces.filter((piece) => text.includes(piece));
}

/** The files below a scene that hold the token, other than those in which the test put it. */
function filesWithToken(scene: Scene): string[] {
  const given = /^(?:cargo-home\/credentials|app\/\.cargo\/config\.toml$|plug$|print$)/;
  return readdirSync(scene.root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !given.test(path.slice(scene.root.length + 1)))
    .filter((path) => leaks(readFileSync(path, "latin1")).length > 0);
}

/** Two registries on one host, `/team/` and another; both want to see a token. */
async function neighbours(neighbour: string): Promise<{ readonly origin: string; readonly seen: string[] }> {
  const { line, crate } = buildCrate({ name: "priv", version: "1.0.0" });
  const seen: string[] = [];
  const server = createServer(({ url = "", headers }, response) => {
    const base = url.startsWith(neighbour) ? neighbour : "/team/";
    if (headers.authorization !== undefined) seen.push(`${base} ${headers.authorization}`);
    const file = url.slice(base.length);
    if (headers.authorization === undefined) response.writeHead(401).end();
    else if (file === "config.json") response.end(JSON.stringify({ dl: `${origin}${base}dl`, "auth-required": true }));
    else response.end(file === "pr/iv/priv" ? `${line}\n` : crate);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  return { origin, seen };
}

test.each(["/team.git/", "/team//", "/TEAM/", "/%74eam/", "/team/sub/"])(
  "the registry at %s does not get the token of its neighbour at /team/",
  async (path) => {
    const { origin, seen } = await neighbours(path);
    const { checksum } = buildCrate({ name: "priv", version: "1.0.0" });
    const locked = [{ registry: { url: origin + path, built: () => ({ checksum }) }, name: "priv", version: "1.0.0" }];
    const config = `[registries.team]\nindex = "sparse+${origin}/team/"\ncredential-provider = "cargo:token"\n`;
    const scene = await privateScene({ locked, config, credentials: `[registries.team]\ntoken = "${TOKEN}"\n` });
    const finished: Finished = await hubIn(scene, {}, "fill", "--message-format", "json");
    expect(errorOf(finished).code).toBe("registry/provider-missing");
    expect(seen).toEqual([]);
  },
);
