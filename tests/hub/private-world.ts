import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { hubIn, openScene, runIn } from "../support/hub-runs.ts";
import { type LoopbackRegistry, type RegistryOptions, startRegistry } from "../support/loopback-registry.ts";
import type { Finished, Scene } from "../support/stage.ts";

/** The token that the private registries of these tests want. */
export const TOKEN = "marked-0123456789-token";

/** A registry that answers nobody without {@link TOKEN}, with `priv` and `priv2`; closed when the test is over. */
export async function privateRegistry(options: Partial<RegistryOptions> = {}): Promise<LoopbackRegistry> {
  const crates = [
    { name: "priv", version: "1.0.0" },
    { name: "priv2", version: "1.2.0" },
  ];
  const registry = await startRegistry({ crates, token: TOKEN, config: { "auth-required": true }, ...options });
  onTestFinished(() => registry.close());
  return registry;
}

/** What a project locks: a crate and where it comes from. */
export interface Locked {
  readonly registry: Pick<LoopbackRegistry, "url"> & {
    built(name: string, version: string): { readonly checksum: string };
  };
  readonly name: string;
  readonly version: string;
  /** The source in the lockfile; absent: the registry itself. */
  readonly source?: string;
  /** Whether the project itself depends on it, and how that is written behind the version: `registry = "lab"`. */
  readonly dependency?: string;
  /** Lines of its own dependencies. */
  readonly dependencies?: readonly string[];
}

/** A project with a lockfile, its configuration and what lies in CARGO_HOME. */
export interface PrivateSetting {
  readonly locked: readonly Locked[];
  /** `.cargo/config.toml`; ROOT stands for the scene's directory. */
  readonly config: string;
  readonly credentials?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Programs by their path below the scene's directory; ROOT stands for that. */
  readonly programs?: Readonly<Record<string, string>>;
}

/** A scene with that project, where `cargo fetch --locked` and `fill` are equally possible. */
export async function privateScene(setting: PrivateSetting): Promise<Scene> {
  const scene = await openScene({ crates: [], files: projectFiles(setting) });
  const local = (text: string): string => text.replaceAll("ROOT", scene.root);
  scene.write("app/.cargo/config.toml", local(setting.config));
  if (setting.credentials !== undefined) scene.write("cargo-home/credentials.toml", local(setting.credentials));
  for (const [path, text] of Object.entries(setting.programs ?? {})) {
    scene.write(path, local(text));
    chmodSync(join(scene.root, path), 0o755);
  }
  return scene;
}

function projectFiles({ locked }: PrivateSetting): Record<string, string> {
  const direct = locked.filter(({ dependency }) => dependency !== undefined);
  const manifest = direct.map(({ name, version, dependency = "" }, index) => {
    const extra = dependency === "" ? "" : `, ${dependency}`;
    const twin = direct.findIndex((other) => other.name === name) !== index;
    return `${twin ? `${name}-again` : name} = { version = "=${version}", package = "${name}"${extra} }\n`;
  });
  const packages = locked.map(({ registry, name, version, source, dependencies = [] }) => {
    const head = `name = "${name}"\nversion = "${version}"\nsource = "${source ?? `sparse+${registry.url}`}"\n`;
    return `[[package]]\n${head}checksum = "${registry.built(name, version).checksum}"\n${list(dependencies)}`;
  });
  const app = `[[package]]\nname = "app"\nversion = "0.1.0"\n${list(direct.map((one) => lockedName(one, locked)))}`;
  return {
    "Cargo.toml": `[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\n${manifest.join("")}`,
    "Cargo.lock": `version = 4\n\n${[app, ...packages].join("\n")}`,
  };
}

function lockedName({ name, version, registry, source }: Locked, all: readonly Locked[]): string {
  const twins = all.filter((other) => other.name === name);
  if (twins.length === 1) return name;
  const hasTwin = twins.filter((other) => other.version === version).length > 1;
  return hasTwin ? `${name} ${version} (${source ?? `sparse+${registry.url}`})` : `${name} ${version}`;
}

function list(dependencies: readonly string[]): string {
  return dependencies.length === 0 ? "" : `dependencies = [\n${dependencies.map((one) => ` "${one}",\n`).join("")}]\n`;
}

/** A plugin that writes down how it was called and what it read, and then gives `answer`. */
export function plugin(answer: string, hello = '{"v":[1]}', afterwards = ""): string {
  return `#!/bin/sh
echo "$(basename "$0") $*" >> ROOT/calls
echo '${hello}'
read -r line
printf '%s\\n' "$line" >> ROOT/calls
echo '${answer}'
${afterwards}
`;
}

/** A plugin's answer with the token. */
export function tokenAnswer(cache = '"cache":"session"', token = TOKEN): string {
  return `{"Ok":{"kind":"get","token":"${token}",${cache},"operation_independent":true}}`;
}

/** What the programs of a scene wrote down, line by line; without the headers of answers, which clients write differently. */
function calls(scene: Scene): string[] {
  const path = join(scene.root, "calls");
  if (!existsSync(path)) return [];
  const text = readFileSync(path, "utf8").replaceAll(scene.root, "ROOT");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/"headers":\[.*?\](?=[,}])/, '"headers":[]'));
}

/** How a run went, as far as the other program's has to be the same. */
export interface Side {
  readonly ok: boolean;
  /** `status path authorization` of each request, sorted; the origin of a second registry stands before its paths. */
  readonly requests: readonly string[];
  readonly calls: readonly string[];
  readonly finished: Finished;
}

/** Runs cargo and then cargo-hub on the same registries with the same setting, each with an empty home of its own. */
export async function bothSides(
  setting: PrivateSetting,
  registries: readonly LoopbackRegistry[],
): Promise<{ readonly cargo: Side; readonly ours: Side }> {
  const env = setting.env ?? {};
  const sides: Side[] = [];
  for (const run of [
    (scene: Scene) => runIn(scene, { env }, ["cargo", "fetch", "--locked", "--verbose"]),
    (scene: Scene) => hubIn(scene, { env }, "fill", "-vv"),
  ]) {
    const scene = await privateScene(setting);
    for (const registry of registries) registry.requests.length = 0;
    const finished = await run(scene);
    const requests = registries.flatMap((registry, index) =>
      registry.requests.map(({ status, path, headers }) => {
        const authorization = headers["authorization"];
        return `${index === 0 ? "" : `${index}:`}${path} ${status} ${authorization ?? "-"}`;
      }),
    );
    sides.push({ ok: finished.code === 0, requests: requests.toSorted(), calls: calls(scene), finished });
  }
  const [cargo, ours] = sides;
  if (cargo === undefined || ours === undefined) throw new Error("a side is missing");
  return { cargo, ours };
}

/**
 * Both sides succeeded, or both failed, and showed the same tokens at the same addresses.
 *
 * When they failed, one may have asked for more than the other before it noticed: then the addresses that both asked count.
 */
export function expectAlike({ cargo, ours }: { readonly cargo: Side; readonly ours: Side }, ok: boolean): void {
  const detail = ok ? `${cargo.finished.stderr}\n${ours.finished.stderr}` : "";
  expect({ cargo: cargo.ok, ours: ours.ok }, detail).toEqual({ cargo: ok, ours: ok });
  expect(ours.calls).toEqual(cargo.calls);
  if (ok) expect(ours.requests).toEqual(cargo.requests);
  const common = (mine: Side, other: Side): string[] => {
    const asked = new Set(other.requests.map(pathOf));
    return [...new Set(mine.requests.filter((request) => asked.has(pathOf(request))))];
  };
  expect(common(ours, cargo)).toEqual(common(cargo, ours));
}

function pathOf(request: string): string {
  return request.split(" ", 1)[0] ?? "";
}
