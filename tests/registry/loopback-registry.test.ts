import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { buildCrate } from "../support/crate-builder.ts";
import { type Scene, type StageOptions, stage } from "../support/stage.ts";

const scenes: Scene[] = [];

afterEach(async () => {
  await Promise.all(scenes.splice(0).map((scene) => scene.close()));
});

async function staged(options: StageOptions): Promise<Scene> {
  const scene = await stage(options);
  scenes.push(scene);
  return scene;
}

test("real cargo resolves, fetches and builds from the loopback registry", async () => {
  const scene = await staged({
    crates: [
      {
        name: "lab-one",
        version: "1.0.0",
        deps: { "lab-two": "0.2", helper: { version: "1", kind: "build" } },
        buildScript: true,
      },
      {
        name: "lab-two",
        version: "0.2.3",
        features: { extra: ["dep:maker"] },
        deps: { maker: { version: "1", optional: true } },
      },
      { name: "lab-two", version: "0.3.0", yanked: true },
      { name: "maker", version: "1.0.0+meta", procMacro: true, pubtime: "2024-01-02T03:04:05Z" },
      { name: "helper", version: "1.1.0", rustVersion: "1.60" },
      { name: "only-windows", version: "1.0.0" },
    ],
    deps: { "lab-one": "1", "lab-two": { version: "0.2", features: ["extra"] }, maker: "1" },
  });
  const built = await scene.cargo("build");
  expect(built.stderr).toContain("Finished");
  expect(built.code).toBe(0);
  expect((await scene.run(join(scene.project, "target/debug/app"), [])).stdout).toBe("built offline\n");
  const lock = readFileSync(join(scene.project, "Cargo.lock"), "utf8");
  expect(lock).toContain(`checksum = "${scene.registry.built("maker", "1.0.0+meta").checksum}"`);
  expect(scene.registry.paths()).toContain("/crates/maker/maker-1.0.0+meta.crate");
  expect(scene.registry.requests.every(({ status }) => status === 200)).toBe(true);
});

test("cargo revalidates with the ETag and gets 304", async () => {
  const scene = await staged({ crates: [{ name: "lab", version: "1.0.0" }] });
  expect((await scene.cargo("generate-lockfile")).code).toBe(0);
  scene.registry.requests.length = 0;
  expect((await scene.cargo("update")).code).toBe(0);
  expect(scene.registry.requests.find(({ path }) => path === "/index/3/l/lab")?.status).toBe(304);
});

test("cargo sees a yank, a replaced line and every dl marker", async () => {
  const scene = await staged({
    crates: [
      { name: "Lab_One", version: "0.3.0" },
      { name: "Lab_One", version: "0.3.1" },
    ],
    deps: { Lab_One: "0.3" },
    registry: { dl: "{origin}/alt/{prefix}/{lowerprefix}/{sha256-checksum}/{crate}-{version}.crate" },
  });
  scene.registry.yank("lab_one", "0.3.1");
  expect((await scene.cargo("fetch")).code).toBe(0);
  const { checksum } = scene.registry.built("lab_one", "0.3.0");
  expect(scene.registry.paths()).toContain(`/alt/La/b_/la/b_/${checksum}/Lab_One-0.3.0.crate`);
  scene.registry.replaceIndexLine("lab_one", "0.3.0", (line) => line.replace(checksum, "0".repeat(64)));
  const again = await scene.run("cargo", ["fetch"], { CARGO_HOME: join(scene.root, "second-home") });
  expect(again.code).toBe(101);
});

test("cargo retries a fault that passes", async () => {
  const scene = await staged({ crates: [{ name: "lab", version: "1.0.0" }] });
  scene.registry.setFault("/crates/", { kind: "drop", afterBytes: 100, times: 1 });
  expect((await scene.cargo("fetch")).code).toBe(0);
  expect(scene.registry.paths().filter((path) => path.startsWith("/crates/"))).toHaveLength(2);
});

test("the same description gives the same bytes", () => {
  const spec = { name: "lab", version: "1.0.0", features: { default: ["a"], a: [] }, deps: { b: "1" } };
  expect(buildCrate(spec)).toEqual(buildCrate(spec));
  expect(buildCrate(spec).line).toMatch(/^\{"name":"lab","vers":"1\.0\.0","deps":\[\{"name":"b","req":"\^1"/);
});
