// `npm run bench`: measures cargo-hub beside its peers on real projects and compares with the goals.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fetchWorkloads } from "./fetch-workloads.mjs";
import { openGrounds } from "./grounds.mjs";
import { measuresOf, measureVersion } from "./measures.mjs";
import { readOptions } from "./options.mjs";
import { openProject, program, warmUpstream } from "./project.mjs";
import { printTable, saveResults } from "./report.mjs";
import { startUpstream } from "./upstream.mjs";
import { cache, workloads } from "./workloads.mjs";

const options = readOptions(process.argv.slice(2));
const parents = { tmpfs: options.tmpfs, disk: options.disk ?? join(cache, "runs") };
// An interrupted run ends through `exit`, where nginx is stopped and the directories go.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(130));

/** A measure that fails is named and the others go on. */
async function measureAll(root) {
  const rows = [];
  const failures = [];
  for (const kind of options.fs) {
    const grounds = openGrounds(kind, parents[kind]);
    for (const size of options.sizes) {
      const project = openProject({ size, grounds, root });
      for (const { names, measure } of measuresOf(project, options)) {
        const place = `${names.join(" and ")} at ${size} (${workloads[size].name}) on ${grounds.fileSystem}`;
        try {
          const result = await measure();
          const { fileSystem } = grounds;
          rows.push(
            ...names.map((name) => ({ measure: name, size, workload: workloads[size].name, fileSystem, ...result })),
          );
          console.error(`${place}: done`);
        } catch (error) {
          failures.push(`${place}: ${error.message}`);
          console.error(`${place}: FAILED`);
        }
      }
      project.close();
    }
    grounds.close();
  }
  return { rows, failures };
}

async function measureWithUpstream() {
  warmUpstream(options.sizes);
  const upstream = await startUpstream();
  try {
    return await measureAll(upstream.root);
  } finally {
    upstream.stop();
  }
}

try {
  if (!options.peersOnly && !options.fetchOnly && !existsSync(program)) {
    throw new Error("dist/ is not built: npm run build");
  }
  fetchWorkloads();
  if (!options.fetchOnly) {
    const { rows, failures } = await measureWithUpstream();
    if (options.only.includes("version") && !options.peersOnly) rows.push(await measureVersion(options));
    rows.sort((a, b) => options.only.indexOf(a.measure) - options.only.indexOf(b.measure));
    printTable(rows);
    console.log(`\nMedians of ${options.runs}. ${saveResults(rows, options)}`);
    for (const failure of failures) console.error(`\n${failure}`);
    if (failures.length > 0) process.exitCode = 1;
  }
} catch (error) {
  console.error(`bench: ${error.message}`);
  process.exitCode = 1;
}
