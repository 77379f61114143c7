import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type CargoConfig, loadConfig } from "../../src/cargo/index.ts";
import { gitVariables } from "../../src/hub/git/git-variables.ts";
import { startProxy } from "../registry/loopback-proxy.ts";
import { hubIn, must } from "../support/hub-runs.ts";
import { openEverySource } from "./every-source-world.ts";
import { projectText } from "./git-scene.ts";

function configured(text: string, env: Readonly<Record<string, string>>): CargoConfig {
  const place = { cwd: "/space/app", cargoHome: "/home/me/.cargo", env, canonical: (path: string) => path };
  return loadConfig(place, (path) => (path === "/space/app/.cargo/config.toml" ? text : undefined));
}

test.each([
  [
    "",
    { PATH: "/bin", https_proxy: "http://p:1", NO_PROXY: "h" },
    { PATH: "/bin", https_proxy: "http://p:1", no_proxy: "h" },
  ],
  [
    "",
    { HTTP_PROXY: "http://p:1", ALL_PROXY: "socks5://q:2" },
    { http_proxy: "socks5://q:2", https_proxy: "socks5://q:2" },
  ],
  ["proxy = 'p:1'", { https_proxy: "http://other:2" }, { http_proxy: "p:1", https_proxy: "p:1" }],
  ["proxy = ''", { https_proxy: "http://other:2", all_proxy: "q:3" }, {}],
  [
    "cainfo = 'ca.pem'",
    { GIT_SSL_CAINFO: "/mine.pem" },
    { GIT_SSL_CAINFO: "/space/app/ca.pem", GIT_PROXY_SSL_CAINFO: "/space/app/ca.pem" },
  ],
  ["", { GIT_SSL_CAINFO: "/mine.pem" }, { GIT_SSL_CAINFO: "/mine.pem" }],
])("[http] %s and the variables %j give git %j", (http, env, expected) => {
  expect(gitVariables(configured(`[http]\n${http}\n`, env), env)).toEqual(expected);
});

test("git goes through cargo's proxy to repositories and to an index", async () => {
  const { scene, server } = await openEverySource();
  await must(scene.cargo("generate-lockfile"));
  rmSync(join(scene.cargoHome, "git"), { recursive: true });
  rmSync(join(scene.cargoHome, "registry"), { recursive: true });
  const proxy = await startProxy();
  onTestFinished(() => proxy.close());
  const home = projectText({ ...scene, project: scene.cargoHome }, "config.toml");
  scene.write("cargo-home/config.toml", `${home}\n[http]\nproxy = "127.0.0.1:${proxy.port}"\n`);
  await must(hubIn(scene, { env: { http_proxy: "http://127.0.0.1:9" } }, "fill"));
  for (const name of ["tagged", "part", "index"])
    expect(proxy.asked).toContain(`POST ${server.origin}/${name}/git-upload-pack`);
});
