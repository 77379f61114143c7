import { HubError } from "../errors/index.ts";

export type PlanErrorCode =
  | "plan/bad-package-id"
  | "plan/checksum-conflict"
  | "plan/compat-block-damaged"
  | "plan/no-checksum"
  | "plan/source-unsupported";

/** What the lockfiles ask for cannot be planned. */
export class PlanError extends HubError<PlanErrorCode> {}
