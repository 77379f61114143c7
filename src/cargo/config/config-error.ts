import { HubError } from "../../errors/index.ts";

/** What can be wrong with Cargo's configuration. */
export type ConfigErrorCode =
  | "cargo/config-argument"
  | "cargo/config-include"
  | "cargo/config-include-cycle"
  | "cargo/config-merge"
  | "cargo/config-registry"
  | "cargo/config-registry-ambiguous"
  | "cargo/config-source-cycle"
  | "cargo/config-source-duplicate"
  | "cargo/config-source-location"
  | "cargo/config-source-unknown"
  | "cargo/config-value";

/** A configuration that cargo would refuse too. `where` is the file, variable or option that holds the value. */
export class ConfigError extends HubError<ConfigErrorCode> {}
