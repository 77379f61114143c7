import { HubError } from "../errors/index.ts";

export type PlanErrorCode =
  | "plan/bad-base-url"
  | "plan/bad-package-id"
  | "plan/block-damaged"
  | "plan/checksum-conflict"
  | "plan/compat-block-damaged"
  | "plan/git-commit-conflict"
  | "plan/no-checksum"
  | "plan/no-commit"
  | "plan/source-unsupported"
  | "plan/with-checksum";

/** What the lockfiles ask for cannot be planned. */
export class PlanError extends HubError<PlanErrorCode> {}
