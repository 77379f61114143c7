import { type CheckJob, type CheckReply, checkCrate } from "./check-crate.ts";
import { type ExportJob, type ExportReply, exportCrate } from "./export-crate.ts";
import { type InstallJob, type InstallReply, installCrate } from "./install.ts";
import { checkStored, checkStoredPack, type StoredCheckJob, type StoredPackJob } from "./store/check-stored.ts";

/** What a worker thread can do; plain data in and out. */
export type Job =
  | { readonly kind: "install"; readonly install: InstallJob }
  | { readonly kind: "check"; readonly check: CheckJob }
  | { readonly kind: "export"; readonly export: ExportJob }
  | { readonly kind: "check-stored"; readonly check: StoredCheckJob }
  | { readonly kind: "check-pack"; readonly check: StoredPackJob };
export type Reply =
  | { readonly kind: "install"; readonly install: InstallReply }
  | { readonly kind: "check"; readonly check: CheckReply }
  | { readonly kind: "export"; readonly export: ExportReply };

export interface WorkerRequest {
  readonly id: number;
  readonly job: Job;
}

export async function runJob(job: Job): Promise<Reply> {
  switch (job.kind) {
    case "install":
      return { kind: "install", install: await installCrate(job.install) };
    case "check":
      return { kind: "check", check: await checkCrate(job.check) };
    case "export":
      return { kind: "export", export: await exportCrate(job.export) };
    case "check-stored":
      return { kind: "check", check: await checkStored(job.check) };
    case "check-pack":
      return { kind: "check", check: checkStoredPack(job.check) };
  }
}
