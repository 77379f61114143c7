// A cold process that resolves one project from a prepared index: PREPARED-DIRECTORY PROJECT-DIRECTORY [OUTPUT]. Measured by
// resolve-bench.mjs; without OUTPUT the lockfile is made and thrown away.
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { findMembers, manifestLoader } from "../../src/cargo/index.ts";
import {
  lockfileOf,
  lockfileVersionFor,
  preparedIndexOpener,
  type ResolveAnswer,
  resolve,
  workspaceRequest,
} from "../../src/resolve/index.ts";

// Optimising costs more than it brings in so short a run; a long one is optimised all the same.
setFlagsFromString("--interrupt-budget=1000000");

const [prepared = "", project = "", output] = process.argv.slice(2);

/** name → where its head and its bodies stand. */
const places: Readonly<Record<string, readonly [number, number, number]>> = JSON.parse(
  readFileSync(join(prepared, "places.json"), "utf8"),
);
const heads = readFileSync(join(prepared, "heads"));
const bodies = openSync(join(prepared, "bodies"), "r");
const open = preparedIndexOpener();
let buffer = Buffer.allocUnsafe(1 << 16);

function readBody(from: number, end: number): string {
  const length = end - from;
  if (buffer.length < length) buffer = Buffer.allocUnsafe(length * 2);
  readSync(bodies, buffer, 0, length, from);
  return buffer.toString("utf8", 0, length);
}

const manifestPath = join(project, "Cargo.toml");
const text = readFileSync(manifestPath, "utf8");
const loader = manifestLoader((path) => (path === manifestPath ? text : undefined));
const workspace = findMembers(manifestPath, loader, () => undefined);
const request = workspaceRequest(workspace, { registryIndex: () => undefined, rustVersion: "1.95.0" });
const run = resolve({ ...request, previous: undefined });
for (let next = run.next(); ; ) {
  if (next.done === true) {
    const { value: outcome } = next;
    if (outcome.kind === "failed") throw new Error(JSON.stringify(outcome.failure));
    const version = lockfileVersionFor(workspace.members.flatMap(({ manifest }) => manifest.rustVersion ?? []));
    const { text: lock } = lockfileOf(outcome.graph, { version, text: undefined, previous: undefined });
    if (output !== undefined) writeFileSync(output, lock);
    if (process.env["CARGO_HUB_SHOW_EFFORT"] !== undefined) console.log(JSON.stringify(outcome.effort));
    break;
  }
  next = run.next(
    next.value.needed.map((need): ResolveAnswer => {
      if (need.kind !== "index") throw new Error(`${need.source.url} is not in the prepared index`);
      const place = places[need.name];
      if (place === undefined) return { need, found: undefined };
      const [from, end, start] = place;
      const head = heads.toString("utf8", from, end);
      const found = open({ head, readBody: (a, b) => readBody(start + a, start + b), at: prepared });
      return { need, found };
    }),
  );
}
closeSync(bodies);
