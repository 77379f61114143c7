import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { movePath, removePath } from "../../src/store/careful-files.ts";
import {
  addTree,
  checkTree,
  linkTree,
  openStore,
  type Store,
  StoreError,
  type TreeList,
} from "../../src/store/index.ts";
import { patienceOn, type System } from "../../src/system/index.ts";
import { digestOf } from "./sample.ts";

/*
 * Works with a store on whatever disk it is run. Arguments: what to do, the store's directory, a directory for hubs, and what the task wants.
 * What it found goes to stdout as JSON.
 */
const [task = "", root = "", hubs = "", detail = ""] = process.argv.slice(2);
const sha = digestOf("a crate");

function codeOf(error: unknown): string {
  if (error instanceof StoreError) return error.code;
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

/** Makes a tree of these files as an archive would be unpacked: of two names that are one here, the second is not written. */
async function treeOf(store: Store, files: Readonly<Record<string, string>>): Promise<TreeList> {
  const { list } = await addTree(store, sha, async (directory) => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
    return Object.entries(files).map(([path, text]) => ({ path, size: Buffer.byteLength(text) }));
  });
  return list;
}

/** Adds a tree, checks it, links it and gives what lies in the hub. */
async function tree(): Promise<unknown> {
  const files: Readonly<Record<string, string>> = JSON.parse(detail);
  const store = openStore(root, { umask: 0o022 });
  try {
    const list = await treeOf(store, files);
    const check = checkTree(store, sha).kind;
    const counts = linkTree(store, { sha, list, target: join(hubs, "a-1.0.0"), mode: "auto" });
    const contents = Object.keys(files).map((path) => readFileSync(join(hubs, "a-1.0.0", path), "utf8"));
    return { listed: list.files.map(({ path }) => path), check, counts, contents, hub: readdirSync(hubs) };
  } catch (error) {
    return { code: codeOf(error), hub: readdirSync(hubs) };
  }
}

/** Moves and removes a file that another process has open for `detail` milliseconds, as a system would that is named first. */
async function held(): Promise<unknown> {
  const [system = "", ms = ""] = detail.split(":");
  const named: readonly System[] = ["windows", "macos", "linux", "unix"];
  const patience = patienceOn(named.find((name) => name === system) ?? "unix");
  const how = {
    patience,
    sleep: (delay: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delay),
  };
  const results: string[] = [];
  for (const action of [
    (path: string) => movePath(path, `${path}-moved`, how),
    (path: string) => removePath(path, {}, how),
  ]) {
    const path = join(hubs, "file");
    writeFileSync(path, "");
    const holder = spawn("sh", ["-c", `exec 5<"$1"; echo open; sleep ${Number(ms) / 1000}`, "sh", path]);
    await new Promise((resolve) => holder.stdout.once("data", resolve));
    try {
      action(path);
      results.push("done");
    } catch (error) {
      results.push(codeOf(error));
    }
    await new Promise((resolve) => holder.once("close", resolve));
    removePath(path);
  }
  return results;
}

const report = task === "held" ? held() : tree();
process.stdout.write(JSON.stringify(await report));
