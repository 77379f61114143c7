import {
  type CargoConfig,
  type RegistryCredentials,
  registryCredentials,
  type SourceId,
  withCredentials,
} from "../cargo/index.ts";
import type { OnEvent } from "./events.ts";
import { errorCode, readText } from "./files.ts";
import { HubRoomError } from "./hub-room-error.ts";

/** Where credentials are looked for. */
export interface CredentialPlaces {
  readonly config: CargoConfig;
  /** Cargo's home, absolute. */
  readonly cargoHome: string;
  readonly onEvent: OnEvent;
}

/**
 * Finds registries' credentials for the client. The files that hold tokens are read when the first registry wants one, and kept
 * apart from the configuration that everything else reads.
 */
export function credentialsFinder({
  config,
  cargoHome,
  onEvent,
}: CredentialPlaces): (index: string) => RegistryCredentials {
  let loaded: CargoConfig | undefined;
  const load = (): CargoConfig => {
    const found = withCredentials(config, cargoHome, readCredentials);
    for (const { text } of found.warnings.slice(config.warnings.length)) onEvent({ kind: "warning", message: text });
    return found;
  };
  return (index) => {
    loaded ??= load();
    return registryCredentials(loaded, sourceWith(index));
  };
}

function sourceWith(index: string): SourceId {
  return index.startsWith("sparse+")
    ? { kind: "sparse", url: index.slice("sparse+".length) }
    : { kind: "registry", url: index };
}

function readCredentials(path: string): string | undefined {
  try {
    return readText(path);
  } catch (cause) {
    throw new HubRoomError({
      code: "hub/credentials-unreadable",
      what: `a registry wants a token, but this file can not be read (${errorCode(cause) ?? "unknown error"})`,
      where: path,
      help: "let it be a file that you may read: `ls -l` shows its owner and mode",
    });
  }
}
