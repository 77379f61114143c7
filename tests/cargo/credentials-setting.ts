import {
  type CargoConfig,
  loadConfig,
  type RegistryCredentials,
  registryCredentials,
  type SourceId,
  withCredentials,
} from "../../src/cargo/index.ts";
import { HubError } from "../../src/errors/index.ts";

/** What stands where; `config` is the project's, `credentials` that of CARGO_HOME. */
export interface Setting {
  readonly config?: string;
  readonly credentials?: string;
  readonly legacy?: string;
  readonly more?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cliConfigs?: readonly string[];
}

/** The configuration in /app, with the credentials of /home. */
export function load({ config, credentials, legacy, more, env = {}, cliConfigs = [] }: Setting): CargoConfig {
  const files: Record<string, string | undefined> = {
    "/app/.cargo/config.toml": config,
    "/home/credentials.toml": credentials,
    "/home/credentials": legacy,
    "/home/more.toml": more,
  };
  const read = (path: string): string | undefined => files[path];
  return withCredentials(loadConfig({ cwd: "/app", cargoHome: "/home", env, cliConfigs }, read), "/home", read);
}

/** A sparse registry. */
export const lab: SourceId = { kind: "sparse", url: "https://lab.example/index/" };
/** The table that names it. */
export const table = '[registries.lab]\nindex = "sparse+https://lab.example/index/"\n';

/** What is found for a registry. */
export function find(setting: Setting, source = lab): RegistryCredentials {
  return registryCredentials(load(setting), source);
}

/** The error that an action ends with. */
export function errorOf(action: () => unknown): HubError {
  try {
    action();
  } catch (error) {
    if (error instanceof HubError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
