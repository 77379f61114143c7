import type { HttpSettings, Sha256 } from "../../src/cargo/index.ts";
import { isSha256 } from "../../src/cargo/index.ts";
import {
  openRegistryClient,
  type RegistryClient,
  type RegistryClientSettings,
  RegistryError,
  type RegistryEvent,
} from "../../src/registry/index.ts";
import type { LoopbackRegistry } from "../support/loopback-registry.ts";

/** Settings of a test; what is not named is cargo's default, with short waits. */
export type ClientOptions = Omit<Partial<RegistryClientSettings>, "http"> & { readonly http?: Partial<HttpSettings> };

/** A client with the list of its events. */
export interface WatchedClient extends RegistryClient {
  readonly events: RegistryEvent[];
  readonly waits: number[];
}

export function openClient(options: ClientOptions = {}): WatchedClient {
  const events: RegistryEvent[] = [];
  const waits: number[] = [];
  const { http, ...rest } = options;
  const client = openRegistryClient({
    retry: 3,
    offline: false,
    jobs: 4,
    waitBeforeRetryMs: (retry) => {
      waits.push(retry);
      return 5;
    },
    onEvent: (event) => events.push(event),
    ...rest,
    http: {
      proxy: { http: undefined, https: undefined, noProxy: undefined },
      cainfo: undefined,
      proxyCainfo: undefined,
      timeoutSeconds: 30,
      lowSpeedLimit: 10,
      multiplexing: true,
      userAgent: "cargo-hub/0.0.0 (test@example.org)",
      sslVersion: undefined,
      checkRevoke: undefined,
      ...http,
    },
  });
  return { ...client, events, waits };
}

/** The error that `promise` must end with, as its code and text. */
export async function errorOf(
  promise: Promise<unknown>,
): Promise<{ code: string; what: string; where: string; help: string }> {
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return { code: error.code, what: error.what, where: error.where ?? "", help: error.help };
  }
  throw new Error("no error came");
}

/** Asks for a crate of the loopback registry under its true checksum, or another one. */
export function download(
  client: RegistryClient,
  registry: LoopbackRegistry,
  crate: {
    readonly name: string;
    readonly version: string;
    readonly checksum?: string;
    readonly expectedBytes?: number;
    readonly authorizedBy?: string;
  },
): Promise<Uint8Array> {
  const { name, version, expectedBytes } = crate;
  const checksum = crate.checksum ?? registry.built(name, version).checksum;
  const url = `${registry.origin}/crates/${name}/${name}-${version}.crate`;
  return client.crate({
    url,
    name,
    version,
    checksum: asSha256(checksum),
    ...(expectedBytes === undefined ? {} : { expectedBytes }),
    authorizedBy: crate.authorizedBy,
  });
}

function asSha256(text: string): Sha256 {
  if (!isSha256(text)) throw new Error(`${text} is no SHA-256`);
  return text;
}
