// What `npm run bench -- …` can be told.
import { parseArgs } from "node:util";
import { measureNames } from "./goals.mjs";
import { workloads } from "./workloads.mjs";

const usage = `npm run bench -- [options]
  --only LIST     of ${measureNames.join(", ")} (default: all)
  --sizes LIST    of ${Object.keys(workloads).join(", ")} packages (default: 25,280,800)
  --fs LIST       of tmpfs, disk (default: both)
  --runs N        how often each side is measured (default: 5)
  --disk DIR      where the disk runs happen (default: in the cache); --tmpfs DIR likewise (default: /dev/shm)
  --peers-only    measure cargo and the other peers alone
  --fetch-only    prepare the workloads and stop`;

/** @returns {{ only: string[], sizes: number[], fs: string[], runs: number, disk?: string, tmpfs: string, peersOnly: boolean, fetchOnly: boolean }} */
export function readOptions(args) {
  const list = { type: "string" };
  const flag = { type: "boolean", default: false };
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        only: { ...list, default: measureNames.join(",") },
        sizes: { ...list, default: "25,280,800" },
        fs: { ...list, default: "tmpfs,disk" },
        runs: { ...list, default: "5" },
        disk: list,
        tmpfs: { ...list, default: "/dev/shm" },
        "peers-only": flag,
        "fetch-only": flag,
        help: flag,
      },
    }));
  } catch (error) {
    stop(error.message);
  }
  if (values.help) {
    console.log(usage);
    process.exit(0);
  }
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) stop(`--runs ${values.runs} is not a number of runs`);
  return {
    only: chosen("--only", values.only, measureNames),
    sizes: chosen("--sizes", values.sizes, Object.keys(workloads)).map(Number),
    fs: chosen("--fs", values.fs, ["tmpfs", "disk"]),
    runs,
    disk: values.disk,
    tmpfs: values.tmpfs,
    peersOnly: values["peers-only"],
    fetchOnly: values["fetch-only"],
  };
}

function chosen(option, text, possible) {
  const items = text.split(",").filter((item) => item !== "");
  for (const item of items) if (!possible.includes(item)) stop(`${option}: ${item} is none of ${possible.join(", ")}`);
  return items;
}

function stop(message) {
  console.error(`${message}\n\n${usage}`);
  process.exit(2);
}
