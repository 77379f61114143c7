import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStore, packPath, putPack, readPack } from "../../src/store/index.ts";
import { bundled, start } from "../store/program.ts";
import { gitTestEnvironment, makeRepository } from "../support/git-repository.ts";
import { opened, pack, scratch, server } from "./scene.ts";

const program = bundled("../git/fetch-process.ts");

test("a process that is killed while it fetches leaves something only in its private directory", async () => {
  const root = scratch();
  const one = makeRepository(join(root, "one"));
  const random = Buffer.from(Array.from({ length: 400_000 }, (_value, index) => (index * index * 31) >> 5));
  const commit = one.commit({
    "large.bin": random,
    ...Object.fromEntries(Array.from({ length: 300 }, (_v, index) => [`d${index % 7}/f${index}`, `${index}`])),
  });
  const { origin } = await server({ root });
  const url = `${origin}/one`;
  const whole = await pack({ url, commit });
  const others = new Set(readdirSync(root, { recursive: true, encoding: "utf8" }));
  const finished: Buffer[] = [];
  for (let round = 0; round < 24; round += 1) {
    const directory = join(scratch(), "private");
    mkdirSync(directory);
    const running = start(process.execPath, [program(), url, commit, directory], gitTestEnvironment);
    await running.saw("started");
    await new Promise((resolve) => setTimeout(resolve, round * 12));
    running.child.kill("SIGKILL");
    const { stdout } = await running.ended();
    if (stdout.includes("packed")) finished.push(readFileSync(join(directory, "a.pack")));
    expect(new Set(readdirSync(root, { recursive: true, encoding: "utf8" }))).toEqual(others);
  }
  expect(finished.length).toBeLessThan(24);
  for (const bytes of finished) expect(bytes).toEqual(readFileSync(whole.path));
  expect((await pack({ url, commit })).sha256).toBe(whole.sha256);
});

test("the store takes our packs, gives them back looked into, and refuses what is none", async () => {
  const one = makeRepository(join(scratch(), "one"));
  const commit = one.commit({ a: "x" });
  const { path } = await pack({ url: one.url, commit });
  const store = openStore(join(scratch(), "store"), { umask: 0o022 });
  const check = (at: string) => opened(at, commit);
  expect(putPack(store, commit, { path, check })).toBe("stored");
  const read = readPack(store, commit, check);
  expect(read).toMatchObject({ kind: "intact", path: packPath(store, commit), found: { commit } });
});
