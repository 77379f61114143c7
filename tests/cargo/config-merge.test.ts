import { afterAll, expect, test } from "vitest";
import { plainConfigValue } from "../../src/cargo/index.ts";
import { cargo, type Layout, ours, stage, unstage } from "./config-layout.ts";

afterAll(unstage);

const get = ["-Zunstable-options", "config", "get", "--format"];

const layouts: Record<string, Layout> = {
  "nothing at all": {},
  "one project file": { files: { "app/.cargo/config.toml": "[net]\nretry = 5\noffline = true\n" } },
  "the nearest scalar of three directories": {
    cwd: "a/b/c",
    files: {
      "a/.cargo/config.toml": '[build]\ntarget = "far"\njobs = 1\n',
      "a/b/.cargo/config.toml": '[build]\ntarget = "middle"\n',
      "a/b/c/.cargo/config.toml": '[build]\ntarget = "near"\n',
    },
  },
  "arrays of three directories and the home, farthest first": {
    cwd: "a/b",
    files: {
      "home/config.toml": '[build]\nrustflags = ["home", "home2"]\n',
      ".cargo/config.toml": '[build]\nrustflags = ["root"]\n',
      "a/.cargo/config.toml": '[build]\nrustflags = ["far"]\n',
      "a/b/.cargo/config.toml": '[build]\nrustflags = ["near1", "near2"]\n',
    },
  },
  "a home above the project, read once": {
    cwd: "user/dev/app",
    home: "user/.cargo",
    files: {
      "user/.cargo/config.toml": '[build]\nrustflags = ["home"]\n[net]\nretry = 1\n',
      "user/dev/app/.cargo/config.toml": '[build]\nrustflags = ["app"]\n[net]\nretry = 2\n',
    },
  },
  "a home above the project and another beside": {
    cwd: "user/app",
    files: {
      "user/.cargo/config.toml": '[build]\nrustflags = ["user"]\n',
      "home/config.toml": '[build]\nrustflags = ["home"]\n',
    },
  },
  "a home that is the project's own directory": {
    home: "app/.cargo",
    files: { "app/.cargo/config.toml": '[build]\nrustflags = ["once"]\n' },
  },
  "a home reached through a link to the project's own directory": {
    files: { "app/.cargo/config.toml": '[build]\nrustflags = ["once"]\n' },
    links: { home: "app/.cargo" },
  },
  "a project directory that links to the home": {
    files: { "home/config.toml": '[build]\nrustflags = ["once"]\n' },
    links: { "app/.cargo": "../home" },
  },
  "a legacy file name": { files: { "app/.cargo/config": "[net]\nretry = 7\n" } },
  "both file names": {
    files: { "app/.cargo/config": "[net]\nretry = 7\n", "app/.cargo/config.toml": "this is not TOML" },
  },
  "a legacy name that links to the new one": {
    files: { "app/.cargo/config.toml": "[net]\nretry = 8\n" },
    links: { "app/.cargo/config": "config.toml" },
  },
  "a legacy name in the home": { files: { "home/config": "[net]\nretry = 9\n" } },
  "an include below its includer": {
    files: {
      "app/.cargo/config.toml": 'include = ["more.toml"]\n[net]\nretry = 1\n[build]\nrustflags = ["own"]\n',
      "app/.cargo/more.toml": '[net]\nretry = 2\noffline = true\n[build]\nrustflags = ["more"]\n',
    },
  },
  "two includes, of which the later wins": {
    files: {
      "app/.cargo/config.toml": 'include = ["a.toml", "b.toml"]\nbuild.rustflags = ["own"]\n',
      "app/.cargo/a.toml": 'net.retry = 1\nbuild.rustflags = ["a"]\nbuild.jobs = 3\n',
      "app/.cargo/b.toml": 'net.retry = 2\nbuild.rustflags = ["b"]\n',
    },
  },
  "nested includes across directories": {
    files: {
      "app/.cargo/config.toml": 'include = ["../conf/one.toml"]\nbuild.rustflags = ["0"]\n',
      "app/conf/one.toml": 'include = ["deep/two.toml"]\nbuild.rustflags = ["1"]\n[net]\nretry = 1\n',
      "app/conf/deep/two.toml": 'build.rustflags = ["2"]\n[net]\nretry = 2\noffline = false\n',
    },
  },
  "an optional include that is missing": {
    files: { "app/.cargo/config.toml": 'include = [{ path = "no.toml", optional = true }]\n[net]\nretry = 4\n' },
  },
  "an optional include in a missing directory beside one that is there": {
    files: {
      "app/.cargo/config.toml":
        'include = [{ path = "x/no.toml", optional = true }, { path = "y/yes.toml", optional = true }]\n',
      "app/.cargo/y/yes.toml": "[net]\nretry = 4\n",
    },
  },
  "include written as an array of tables": {
    files: {
      "app/.cargo/config.toml": '[[include]]\npath = "a.toml"\n[[include]]\npath = "no.toml"\noptional = true\n',
      "app/.cargo/a.toml": "[net]\nretry = 6\n",
    },
  },
  "includes in the home and in the project": {
    files: {
      "home/config.toml": 'include = ["h.toml"]\nbuild.rustflags = ["home"]\n',
      "home/h.toml": 'net.retry = 1\nbuild.rustflags = ["home-included"]\n',
      "app/.cargo/config.toml": 'include = ["p.toml"]\nbuild.rustflags = ["app"]\n',
      "app/.cargo/p.toml": 'net.retry = 2\nbuild.rustflags = ["app-included"]\n',
    },
  },
  "one file included from two places of the tree": {
    cwd: "a/b",
    files: {
      "a/.cargo/config.toml": 'include = ["../common.toml"]\n',
      "a/b/.cargo/config.toml": 'include = ["../../common.toml"]\n',
      "a/common.toml": 'build.rustflags = ["shared"]\n',
    },
  },
  "the two levels of a hub": {
    files: {
      "app/.cargo/config.toml": 'include = ["hub.config.toml"]\n\n[build]\njobs = 2\n',
      "app/.cargo/hub.config.toml":
        'include = [{ path = "registry/source.toml", optional = true }]\n[cache]\nauto-clean-frequency = "never"\n',
      "app/.cargo/registry/source.toml":
        '[source.crates-io]\nreplace-with = "cargo-hub-dir"\n[source.cargo-hub-dir]\ndirectory = "registry/src/x"\n',
    },
  },
  "a key given as an option": {
    files: { "app/.cargo/config.toml": "[net]\nretry = 1\n" },
    configs: ["net.retry=9", "build.target = 'x'"],
  },
  "arrays of options, files and both": {
    files: { "app/.cargo/config.toml": 'build.rustflags = ["file"]\n', "extra.toml": 'build.rustflags = ["extra"]\n' },
    configs: ["build.rustflags=['one','two']", "ROOT/extra.toml", 'build.rustflags = [\n"three",\n]'],
  },
  "an option's file with an include": {
    files: {
      "conf/extra.toml": 'include = ["more.toml"]\nnet.retry = 3\nbuild.rustflags = ["extra"]\n',
      "conf/more.toml": 'net.retry = 4\nbuild.jobs = 2\nbuild.rustflags = ["more"]\n',
    },
    configs: ["../conf/extra.toml"],
  },
  "an include given as an option": {
    files: { "app/more.toml": 'net.retry = 4\nbuild.rustflags = ["more"]\n' },
    configs: ["build.rustflags=['first']", 'include=["more.toml"]', "build.rustflags=['last']"],
  },
  // One program per layout: with several, cargo 1.95 forgets at random which keys are programs, and joins them.
  "a program in registry, near and far": {
    files: {
      "home/config.toml": 'registry.credential-provider = ["far", "1"]\n',
      "app/.cargo/config.toml": 'registry.credential-provider = ["near"]\n',
    },
  },
  "a program in doc, near and far": {
    files: {
      "home/config.toml": 'doc.browser = ["far", "1"]\n',
      "app/.cargo/config.toml": 'doc.browser = ["near"]\n',
    },
  },
  "a program of a target, near and far": {
    files: {
      "home/config.toml": 'target.x86_64-unknown-linux-gnu.runner = ["far", "1"]\n',
      "app/.cargo/config.toml": 'target.x86_64-unknown-linux-gnu.runner = ["near"]\n',
    },
  },
  "a program of a registry, near and far": {
    files: {
      "home/config.toml": 'registries.a.credential-provider = ["far", "1"]\n',
      "app/.cargo/config.toml": 'registries.a.credential-provider = ["near"]\n',
    },
  },
  "a list that is no program, near and far": {
    files: {
      "home/config.toml": 'registry.global-credential-providers = ["far", "1"]\n',
      "app/.cargo/config.toml": 'registry.global-credential-providers = ["near"]\n',
    },
  },
  "a program, included": {
    files: {
      "app/.cargo/config.toml": 'include = ["i.toml"]\nregistries.a.credential-provider = ["own"]\n',
      "app/.cargo/i.toml": 'registries.a.credential-provider = ["included", "2"]\n',
    },
  },
  "dotted, quoted and inline keys": {
    cwd: "a/b",
    files: {
      "a/.cargo/config.toml": 'source."a.b c".directory = "x"\n[target.\'cfg(unix)\']\nrustflags = ["far"]\n',
      "a/b/.cargo/config.toml":
        'source = { "a.b c" = { replace-with = "y" } }\n[target."cfg(unix)"]\nrustflags = ["near"]\n',
    },
  },
  "arrays of tables, joined": {
    cwd: "a/b",
    files: {
      "a/.cargo/config.toml": '[[x.list]]\nname = "far"\n',
      "a/b/.cargo/config.toml": '[[x.list]]\nname = "near"\n[[x.list]]\nname = "near2"\n',
    },
  },
  "scalars that change their type": {
    cwd: "a/b",
    files: {
      "a/.cargo/config.toml": 'build.jobs = 4\nterm.progress.width = "x"\n',
      "a/b/.cargo/config.toml": 'build.jobs = "default"\nterm.progress.width = true\n',
    },
  },
  "a byte order mark and CRLF": { files: { "app/.cargo/config.toml": "\ufeff[net]\r\nretry = 5\r\n" } },
  "a key that JavaScript has a use for": {
    cwd: "a/b",
    files: {
      "a/.cargo/config.toml": '[alias]\n__proto__ = "far"\nconstructor = "c"\n',
      "a/b/.cargo/config.toml": '[alias]\n__proto__ = "near"\n',
    },
  },
  "an inline table over several lines, as in TOML 1.1": {
    files: { "app/.cargo/config.toml": "net = {\n  retry = 5, # five\n  offline = false,\n}\n" },
  },
};

test.each(Object.entries(layouts))("we merge as cargo does: %s", (_story, layout) => {
  const staged = stage(layout);
  const run = cargo(staged, ...get, "json");
  expect(run.status, run.stderr).toBe(0);
  expect(plainConfigValue(ours(staged).root)).toEqual(JSON.parse(run.stdout));
});
