import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cargoHubPath, documentOf, errorOf, hub, hubIn, must, privateRoots, runIn } from "../support/hub-runs.ts";
import { type Scene, stage } from "../support/stage.ts";

const crates = [
  { name: "alpha", version: "1.0.0" },
  { name: "beta", version: "0.2.1", deps: { alpha: "1" } },
];

let scene: Scene;
beforeAll(async () => {
  scene = await stage({ crates });
  await must(hub(scene, "fill"));
});
afterAll(() => scene.close());

/** A program for node that tries to reach an address and says how it went. */
const connect = (host: string, port: number): readonly string[] => [
  process.execPath,
  "-e",
  `require("node:net").connect(${port}, ${JSON.stringify(host)}).on("connect", function () { console.log("reached"); this.destroy(); })
    .on("error", (error) => { console.log(error.code); process.exitCode = 7; })`,
];

test("without a command it is cargo check --frozen, and the record says which toolchain", async () => {
  const lock = readFileSync(join(scene.project, "Cargo.lock"));
  const proved = await must(hub(scene, "prove", "--json"));
  expect(documentOf(proved)).toMatchObject({
    passed: true,
    command: ["cargo", "check", "--frozen"],
    isolation: "network-namespace",
    loopback: true,
    emptyCargoHome: true,
    toolchain: { cargo: expect.stringMatching(/^cargo 1\./), rustc: expect.stringMatching(/^rustc 1\./) },
    startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  });
  expect(proved.stderr).toContain("Checking app v0.1.0");
  expect(proved.stderr).toMatch(/^ +Proved `cargo check --frozen` in an empty network namespace/m);
  expect(readFileSync(join(scene.project, "Cargo.lock")).equals(lock)).toBe(true);
});

test("a command that wants the network fails inside, although the same works outside", async () => {
  const port = Number(new URL(scene.registry.origin).port);
  expect((await runIn(scene, {}, connect("127.0.0.1", port))).stdout).toBe("reached\n");
  const inside = await hub(scene, "prove", "--", ...connect("127.0.0.1", port));
  expect(inside.code).toBe(1);
  expect(inside.stdout).toBe("ECONNREFUSED\n");
  const further = await hub(scene, "prove", "--", ...connect("192.0.2.1", 80));
  expect(further.stdout).toBe("ENETUNREACH\n");
});

test("a program may talk to itself over loopback, as servers' own tests do", async () => {
  const talk = `const server = require("node:net").createServer((socket) => socket.end("hello"));
    server.listen(0, "127.0.0.1", () => require("node:net").connect(server.address().port, "127.0.0.1")
      .on("data", (data) => console.log(String(data))).on("close", () => server.close()))`;
  expect((await must(hub(scene, "prove", "--", process.execPath, "-e", talk))).stdout).toBe("hello\n");
});

test("the command's standard output is passed on; with --json it goes to stderr and the document is alone", async () => {
  expect((await must(hub(scene, "prove", "-q", "--", "echo", "out"))).stdout).toBe("out\n");
  const json = await must(hub(scene, "prove", "-q", "--json", "--", "echo", "out"));
  expect(json.stderr).toBe("out\n");
  expect(documentOf(json)).toMatchObject({ command: ["echo", "out"], passed: true });
});

test("it runs where it was called, below the hub", async () => {
  const proved = await must(hubIn(scene, { cwd: "app/src" }, "prove", "--json", "--", "pwd"));
  expect(documentOf(proved)).toMatchObject({ directory: "src" });
  expect(proved.stderr).toContain(join(scene.project, "src"));
});

test("a hub that lacks a crate is found out", async () => {
  const other = await stage({ crates });
  try {
    await must(hub(other, "fill"));
    await must(other.run("sh", ["-c", "rm -r .cargo/registry/src/*/beta-0.2.1"]));
    const failed = await hub(other, "prove", "--json");
    expect(failed.code).toBe(1);
    expect(documentOf(failed)).toMatchObject({ passed: false, exitCode: 101, lockUnchanged: true });
  } finally {
    await other.close();
  }
});

test("a record that cannot be written is an error", async () => {
  const env = privateRoots(scene);
  const error = errorOf(
    await runIn(scene, { env }, [
      process.execPath,
      cargoHubPath,
      "prove",
      "--message-format",
      "json",
      "--record",
      "/proc/none/x",
      "--",
      "true",
    ]),
  );
  expect(error).toMatchObject({ code: "hub/not-writable", where: expect.stringContaining("/proc/none") });
});

test("where the system allows no namespace, proxies lead nowhere and the record says so", async () => {
  // A PATH without unshare(1) stands for such a system.
  await must(runIn(scene, {}, ["sh", "-c", `mkdir -p bin && ln -sf "$(command -v sh)" bin/sh`]));
  const env = { ...privateRoots(scene), PATH: join(scene.project, "bin") };
  const proved = await must(
    runIn(scene, { env }, [
      process.execPath,
      cargoHubPath,
      "prove",
      "--json",
      "--",
      "sh",
      "-c",
      'echo "$https_proxy $CARGO_NET_OFFLINE"',
    ]),
  );
  expect(documentOf(proved)).toMatchObject({
    isolation: "unreachable-proxy",
    passed: true,
    toolchain: { cargo: null, rustc: null },
  });
  expect(proved.stderr).toContain("http://127.0.0.1:9 true\n");
  expect(proved.stderr).toMatch(/^ +Proved .*what ignores proxies was not kept from the network/m);
});
