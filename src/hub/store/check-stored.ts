import { join } from "node:path";
import { crateTopDirectory } from "../../archive/index.ts";
import type { Sha256 } from "../../cargo/index.ts";
import { HubError } from "../../errors/index.ts";
import { closePack, openPack } from "../../git/index.ts";
import { checkTree, cratePath, type Store, treeListPath, treePath } from "../../store/index.ts";
import { type CheckReply, checkCrate, type Finding } from "../check-crate.ts";
import { errorCode } from "../files.ts";

/** One crate of the store to be re-checked byte for byte; plain data, sent to a worker thread. */
export interface StoredCheckJob {
  readonly sha256: Sha256;
  /** The crate file when it is there. */
  readonly crate: boolean;
  /** The store as it is opened under each umask for which there is a tree. */
  readonly stores: readonly Store[];
  /** `<name>-<version>` when a hub.lock told it. */
  readonly topDirectory: string | undefined;
  readonly root: Store;
}

/** One pack of the store to be looked into. */
export interface StoredPackJob {
  readonly path: string;
  readonly commit: string;
}

/** Re-checks a crate file by its hash, and its trees against it and against their stat lists. What can not be read is damaged. */
export async function checkStored(job: StoredCheckJob): Promise<CheckReply> {
  const path = cratePath(job.root, job.sha256);
  try {
    return await checkWhole(job, path);
  } catch (error) {
    const reason = readFault(error);
    return { findings: [{ kind: "damaged", area: "store-crate", path, reason }], files: 0, bytes: 0 };
  }
}

/** Looks into the pack of a commit completely. */
export function checkStoredPack({ path, commit }: StoredPackJob): CheckReply {
  try {
    const pack = openPack({ path }, commit);
    closePack(pack);
    return { findings: [], files: 1, bytes: pack.sizeBytes };
  } catch (error) {
    const reason = readFault(error);
    return { findings: [{ kind: "damaged", area: "store-pack", path, reason }], files: 1, bytes: 0 };
  }
}

/** What keeps a file from being read; what is no such thing is thrown again. */
function readFault(error: unknown): string {
  if (error instanceof HubError) return error.what;
  if (errorCode(error) === undefined) throw error;
  return error instanceof Error ? error.message : String(error);
}

async function checkWhole(job: StoredCheckJob, path: string): Promise<CheckReply> {
  const total: { findings: Finding[]; files: number; bytes: number } = { findings: [], files: 0, bytes: 0 };
  if (!job.crate) {
    const reason = "the tree is there without its crate file, so that it can not be checked";
    const findings = job.stores.map((store): Finding => {
      return { kind: "damaged", area: "store-tree", path: treePath(store, job.sha256), reason };
    });
    return { ...total, findings };
  }
  const topDirectory = job.topDirectory ?? crateTopDirectory({ path }) ?? "";
  const split = topDirectory.lastIndexOf("-");
  const crate = { name: topDirectory.slice(0, split), version: topDirectory.slice(split + 1) };
  for (const store of job.stores.length === 0 ? [undefined] : job.stores) {
    const trees = store === undefined ? [] : [treePath(store, job.sha256)];
    const reply = await checkCrate({
      ...crate,
      sha256: job.sha256,
      crates: [{ path, area: "store-crate" }],
      sources: trees.map((tree) => ({ path: tree, area: "store-tree" })),
      list: store === undefined ? undefined : { path: treeListPath(store, job.sha256), area: "store-tree" },
      umask: (store ?? job.root).umask,
    });
    total.findings.push(...reply.findings, ...(store === undefined ? [] : statFindings(store, job.sha256, reply)));
    total.files += reply.files;
    total.bytes += reply.bytes;
  }
  return total;
}

/** Where a tree is not as its stat list says, though its content may be right: the next fill would unpack it anew. */
function statFindings(store: Store, sha256: Sha256, { findings }: CheckReply): Finding[] {
  const check = checkTree(store, sha256);
  if (check.kind !== "changed") return [];
  const known = new Set(findings.map(({ path }) => path));
  return check.paths
    .map((path) => join(treePath(store, sha256), path))
    .filter((path) => !known.has(path) && !known.has(path.replace(/[\\/]$/, "")))
    .map((path) => {
      return {
        kind: "damaged",
        area: "store-tree",
        path,
        reason: "its size, time or mode is not what the stat list says",
      };
    });
}
