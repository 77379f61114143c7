import { afterAll, describe, expect, test } from "vitest";
import {
  type ChainOptions,
  effectiveSource,
  type HookLocation,
  hookFor,
  parseSourceId,
  type SourceHook,
  type SourceId,
} from "../../src/cargo/index.ts";
import { ours, stage, unstage, write } from "./config-layout.ts";
import { corp, directory, failure, lockedVersion, mirror, project, two } from "./config-project.ts";

afterAll(unstage);

/** Our source.toml for a hook. */
function hookText(hooks: readonly SourceHook[], path: string): string {
  const tables = hooks.map(
    ({ name, location }) => `[source."${name}"]\n${locationText(location)}replace-with = "cargo-hub-dir"\n`,
  );
  return `${tables.join("")}[source.cargo-hub-dir]\ndirectory = "${path}"\n`;
}

function locationText(location: HookLocation | undefined): string {
  if (location === undefined) return "";
  const { key, value, reference } = location;
  return `${key} = "${value}"\n${reference === undefined ? "" : `${reference.key} = "${reference.value}"\n`}`;
}

const hub = ".cargo/registry/source.toml";
const levels = {
  "app/.cargo/hub.config.toml": 'include = [{ path = "registry/source.toml", optional = true }]\n',
  ...directory("app/.cargo/registry/hub", "1.0.9"),
  ...two,
};
const include = 'include = ["hub.config.toml"]\n';

/** What users have, and the hook that puts the hub behind it. */
const hooks: Record<
  string,
  { config: string; env?: Record<string, string>; registry?: string; source?: string; hook: SourceHook[] }
> = {
  "nothing configured": { config: include, hook: [{ name: "crates-io" }] },
  "crates.io by git": {
    config: `${include}[registries.crates-io]\nprotocol = "git"\n`,
    hook: [{ name: "crates-io" }],
  },
  "a vendored directory": {
    config: `${include}[source.crates-io]\nreplace-with = "v"\n[source.v]\ndirectory = "one"\n`,
    hook: [{ name: "v" }],
  },
  "a mirror": {
    config: `${include}[source.crates-io]\nreplace-with = "corp"\n[source.corp]\nregistry = "${corp}"\n`,
    hook: [{ name: "corp" }],
  },
  "a mirror of a mirror": {
    config: `${include}[source.crates-io]\nreplace-with = "corp"\n[source.corp]\nregistry = "${corp}"\nreplace-with = "m"\n[source.m]\nregistry = "${mirror}"\n`,
    hook: [{ name: "m" }],
  },
  "a mirror that is only a registry": {
    config: `${include}[source.crates-io]\nreplace-with = "corp"\n[registries.corp]\nindex = "${corp}"\n`,
    hook: [{ name: "corp", location: { key: "registry", value: corp } }],
  },
  "a mirror that is only a variable": {
    config: `${include}[source.crates-io]\nreplace-with = "my-corp"\n`,
    env: { CARGO_REGISTRIES_MY_CORP_INDEX: corp },
    hook: [{ name: "my-corp", location: { key: "registry", value: corp } }],
  },
  "a mirror chosen by a variable": {
    config: `${include}[source.crates-io]\n[source.corp]\nregistry = "${corp}"\n`,
    env: { "CARGO_SOURCE_crates-io_REPLACE_WITH": "corp" },
    hook: [{ name: "corp" }],
  },
  "a mirror that is a registry by git": {
    config: `${include}[source.crates-io]\nreplace-with = "corp"\n[registries.corp]\nindex = "https://h.example/idx.git"\n`,
    hook: [{ name: "corp", location: { key: "registry", value: "https://h.example/idx.git" } }],
  },
  "a registry of one's own": {
    config: `${include}[registries.corp]\nindex = "${corp}"\n`,
    registry: "corp",
    source: corp,
    hook: [{ name: "corp", location: { key: "registry", value: corp } }],
  },
  "a registry of one's own, known from a variable": {
    config: include,
    env: { CARGO_REGISTRIES_CORP_INDEX: corp },
    registry: "corp",
    source: corp,
    hook: [{ name: corp, location: { key: "registry", value: corp } }],
  },
  "a registry of one's own with a mirror": {
    config: `${include}[registries.corp]\nindex = "${corp}"\n[source.any]\nregistry = "${corp}"\nreplace-with = "m"\n[source.m]\nregistry = "${mirror}"\n`,
    registry: "corp",
    source: corp,
    hook: [{ name: "m" }],
  },
};

describe("the hook at the end of a chain", () => {
  test.each(Object.entries(hooks))(
    "makes cargo take the hub: %s",
    (_story, { config, env, registry, source, hook }) => {
      const files = { ...project(registry), ...levels, "app/.cargo/config.toml": config };
      const staged = stage({ files, env: env ?? {} });
      const locked: SourceId | "crates-io" = source === undefined ? "crates-io" : parseSourceId(source, "Cargo.lock");
      const options: ChainOptions = { ignoreFile: `${staged.cwd}/${hub}` };
      expect(hookFor(ours(staged), locked, options)).toEqual(hook);

      write(staged.cwd, hub, hookText(hook, "registry/hub"));
      const { end } = effectiveSource(ours(staged), locked);
      expect(end).toMatchObject({ kind: "directory", location: `${staged.cwd}/.cargo/registry/hub` });
      expect(end.definedIn).toEqual({ kind: "file", path: `${staged.cwd}/${hub}` });
      expect(lockedVersion(staged)).toBe("1.0.9");
      expect(hookFor(ours(staged), locked, options)).toEqual(hook);
      expect(effectiveSource(ours(staged), locked, options)).not.toMatchObject({ end: { location: end.location } });
    },
  );

  test("without a location is not enough for a mirror that is only a registry", () => {
    const config = `${include}[source.crates-io]\nreplace-with = "corp"\n[registries.corp]\nindex = "${corp}"\n`;
    const staged = stage({ files: { ...project(), ...levels, "app/.cargo/config.toml": config } });
    write(staged.cwd, hub, hookText([{ name: "corp" }], "registry/hub"));
    expect(failure(staged)).toMatch(/no source location specified for `source.corp`/);
    expect(() => effectiveSource(ours(staged), "crates-io")).toThrow(
      expect.objectContaining({ code: "cargo/config-source-location" }),
    );
  });

  test("is refused where cargo would refuse the table: the registry's index has a name already", () => {
    const config = `[source.crates-io]\nreplace-with = "corp"\n[registries.corp]\nindex = "${corp}"\n[source.other]\nregistry = "${corp}"\n`;
    const staged = stage({ files: { "app/.cargo/config.toml": config } });
    expect(() => hookFor(ours(staged), "crates-io")).toThrow(
      expect.objectContaining({ code: "cargo/config-source-duplicate" }),
    );
  });

  test("of an inner hub takes no notice of an outer one, and both are right in turn", () => {
    const files = {
      ...project(),
      ...levels,
      "app/.cargo/config.toml": include,
      ".cargo/config.toml": include,
      ".cargo/hub.config.toml": 'include = [{ path = "registry/source.toml", optional = true }]\n',
      ".cargo/registry/source.toml": hookText([{ name: "crates-io" }], "registry/outer"),
      ...directory(".cargo/registry/outer", "1.0.8"),
    };
    const staged = stage({ files });
    const options: ChainOptions = { ignoreFile: (path) => path.endsWith("/.cargo/registry/source.toml") };
    expect(lockedVersion(staged)).toBe("1.0.8");
    expect(hookFor(ours(staged), "crates-io", options)).toEqual([{ name: "crates-io" }]);
    write(staged.cwd, hub, hookText([{ name: "crates-io" }], "registry/hub"));
    expect(lockedVersion(staged)).toBe("1.0.9");
    expect(effectiveSource(ours(staged), "crates-io").end.location).toBe(`${staged.cwd}/.cargo/registry/hub`);
    const outer = effectiveSource(ours(staged), "crates-io", { ignoreFile: `${staged.cwd}/${hub}` });
    expect(outer.end.location).toBe(`${staged.root}/.cargo/registry/outer`);
  });

  test("ends before a name that is the hub's own, for a hub whose block stands in config.toml", () => {
    const config = hookText([{ name: "crates-io" }], "registry/hub");
    const staged = stage({ files: { "app/.cargo/config.toml": config } });
    expect(hookFor(ours(staged), "crates-io", { endBefore: (name) => name === "cargo-hub-dir" })).toEqual([
      { name: "crates-io" },
    ]);
  });

  test("of a repository states its branch", () => {
    const commit = "0123456789012345678901234567890123456789";
    const source = parseSourceId(`git+https://h.example/r?branch=feat%2Fx%2B1#${commit}`, "Cargo.lock");
    const location = { key: "git", value: "https://h.example/r", reference: { key: "branch", value: "feat/x+1" } };
    expect(hookFor(ours(stage({})), source)).toEqual([{ name: "git+https://h.example/r?branch=feat/x+1", location }]);
  });
});
