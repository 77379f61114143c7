// `npm run conformance`: what is promised, on real published projects with real cargo. Slow; needs the network only to fill its cache.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { fetchWorkloads } from "../bench/fetch-workloads.mjs";
import { startUpstream } from "../bench/upstream.mjs";
import { collectClaims, printClaims } from "./claims.mjs";
import { exports } from "./exports.mjs";
import { modes } from "./modes.mjs";
import { olderCargo } from "./older-cargo.mjs";
import { published } from "./published.mjs";
import { rebuilds } from "./rebuilds.mjs";
import { sameSources } from "./same-sources.mjs";
import { openScenes } from "./scenes.mjs";

const checks = { published, "older-cargo": olderCargo, "same-sources": sameSources, modes, rebuilds, exports };
const usage = `npm run conformance -- [--only ${Object.keys(checks).join(",")}] [--keep]`;

function chosenChecks() {
  const { values } = parseArgs({
    options: {
      only: { type: "string", default: Object.keys(checks).join(",") },
      keep: { type: "boolean", default: false },
    },
  });
  const only = values.only.split(",");
  const unknown = only.filter((name) => !(name in checks));
  if (unknown.length > 0) throw new Error(`there is no check ${unknown.join(", ")}`);
  return { only, keep: values.keep };
}

async function main({ only, keep }) {
  if (!existsSync(fileURLToPath(new URL("../dist/cargo-hub.js", import.meta.url))))
    throw new Error("dist/ is not built: npm run build");
  fetchWorkloads();
  const upstream = await startUpstream();
  const scenes = openScenes({ root: upstream.root, keep });
  const { rows, claim } = collectClaims();
  try {
    for (const name of only) await checks[name]({ scenes, claim });
  } finally {
    upstream.stop();
    scenes.close();
  }
  return printClaims(rows);
}

// An interrupted run ends through `exit`, where nginx is stopped and the directories go.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(130));

let options;
try {
  options = chosenChecks();
} catch (error) {
  console.error(`conformance: ${error.message}\n${usage}`);
  process.exit(2);
}
try {
  if (!(await main(options))) process.exitCode = 1;
} catch (error) {
  console.error(`conformance: ${error.message}`);
  process.exitCode = 1;
}
