import {
  type CargoConfig,
  type RegistryCredentials,
  registryCredentials,
  type SourceId,
  withCredentials,
} from "../cargo/index.ts";
import { HubError } from "../errors/index.ts";
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

/** Answers the client's questions about registries. */
export interface CredentialsFinder {
  /** What the configuration says about a registry that wants a token. */
  of(index: string): RegistryCredentials;
  /** Whether somebody is named who may have a token for it. Without that its files need not wait for what its config.json says. */
  mayHaveToken(index: string): boolean;
}

/**
 * Finds registries' credentials. The files that hold tokens are read when they are asked for the first time, and kept apart from the
 * configuration that everything else reads.
 */
export function credentialsFinder({ config, cargoHome, onEvent }: CredentialPlaces): CredentialsFinder {
  let loaded: CargoConfig | undefined;
  let hasWarned = false;
  const find = (index: string): RegistryCredentials => {
    loaded ??= withCredentials(config, cargoHome, readCredentials);
    return registryCredentials(loaded, sourceWith(index));
  };
  return {
    of(index) {
      const found = find(index);
      const warnings = hasWarned ? [] : (loaded?.warnings.slice(config.warnings.length) ?? []);
      hasWarned = true;
      for (const { text } of warnings) onEvent({ kind: "warning", message: text });
      return found;
    },
    mayHaveToken(index) {
      try {
        return find(index).isExplicit;
      } catch (error) {
        if (error instanceof HubError) return true; // it is told when a token is needed
        throw error;
      }
    },
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
