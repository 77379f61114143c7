import { booleanAt, type CargoConfig, integerAt, stringAt } from "./cargo-config.ts";

/** What `[net]` and the `CARGO_NET_*` variables say, with cargo's defaults. */
export interface NetSettings {
  /** The network may not be used. */
  readonly offline: boolean;
  /** How often a request that failed is sent again. */
  readonly retry: number;
  /** Repositories are fetched by the `git` program. */
  readonly gitFetchWithCli: boolean;
}

/** Reads `[net]`. @throws {ConfigError} `cargo/config-value`. */
export function netSettings(config: CargoConfig): NetSettings {
  return {
    offline: booleanAt(config, ["net", "offline"])?.value ?? false,
    retry: integerAt(config, ["net", "retry"])?.value ?? 3,
    gitFetchWithCli: booleanAt(config, ["net", "git-fetch-with-cli"])?.value ?? false,
  };
}

/** `cache.auto-clean-frequency` as written, with cargo's default: `never`, `always`, or a time such as `1 day`. */
export function autoCleanFrequency(config: CargoConfig): string {
  return stringAt(config, ["cache", "auto-clean-frequency"])?.value ?? "1 day";
}
