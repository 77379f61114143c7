import {
  type CargoConfig,
  downloadUrl,
  httpSettings,
  netSettings,
  parseRegistryConfig,
  type RegistryConfig,
  type Validator,
} from "../cargo/index.ts";
import type { WantedCrate } from "../plan/index.ts";
import { openRegistryClient, type RegistryClient } from "../registry/index.ts";
import { type IndexFile, readIndexFile, type Store, writeIndexFile } from "../store/index.ts";
import type { OnEvent } from "./events.ts";
import { HubRoomError } from "./hub-room-error.ts";
import { type Environment, upstreamRoot } from "./sources.ts";

/** Where bytes that no store has come from. */
export interface Upstream {
  /** The registry's config.json as served, for the hub's copy. */
  configText(crate: WantedCrate): Promise<string>;
  /** The whole index file of a crate's name. `renew`: ask again even when the store has one. */
  indexBody(crate: WantedCrate, renew: boolean): Promise<string>;
  /** The `.crate` file, checked against the lockfile's checksum while it came. */
  download(crate: WantedCrate): Promise<Uint8Array>;
  /** Whether any request may be sent. */
  readonly offline: boolean;
  close(): Promise<void>;
}

export interface UpstreamSettings {
  readonly config: CargoConfig;
  readonly env: Environment;
  readonly store: Store;
  readonly offline: boolean;
  readonly jobs: number | undefined;
  readonly userAgent: string;
  readonly onEvent: OnEvent;
}

/** Opens nothing yet: the client, its connections and the registries' configurations come with the first use. */
export function openUpstream(settings: UpstreamSettings): Upstream {
  const { config, store, onEvent } = settings;
  const net = netSettings(config);
  const offline = settings.offline || net.offline;
  let client: RegistryClient | undefined;
  const connect = (): RegistryClient => {
    const http = httpSettings(config);
    client ??= openRegistryClient({
      http: { ...http, userAgent: http.userAgent ?? settings.userAgent },
      retry: net.retry,
      offline,
      jobs: settings.jobs ?? 16,
      onEvent: (event) => {
        if (event.kind === "retry")
          onEvent({ kind: "retrying", url: event.url, reason: event.reason, waitMs: event.waitMs });
      },
    });
    return client;
  };
  const roots = new Map<string, string>();
  const rootOf = (crate: WantedCrate): string => {
    let root = roots.get(crate.source);
    if (root === undefined) {
      root = upstreamRoot(config, crate.sourceId);
      roots.set(crate.source, root);
    }
    return root;
  };
  const configs = new Map<string, Promise<RegistryConfig>>();
  const registryConfig = (crate: WantedCrate): Promise<RegistryConfig> => {
    const root = rootOf(crate);
    let answer = configs.get(root);
    if (answer === undefined) {
      onEvent({ kind: "updating", registry: crate.source });
      answer = fetchConfig(connect(), { root, store, crate });
      configs.set(root, answer);
    }
    return answer;
  };
  return {
    offline,
    async configText(crate) {
      const kept = readIndexFile(store, crate.ident, configName);
      if (kept !== undefined && (offline || configs.has(rootOf(crate)))) return kept.body;
      if (kept !== undefined) return kept.body;
      await registryConfig(crate);
      return readIndexFile(store, crate.ident, configName)?.body ?? "";
    },
    async indexBody(crate, renew) {
      const kept = readIndexFile(store, crate.ident, crate.name);
      if (kept !== undefined && (!renew || offline)) return kept.body;
      const answer = await connect().index(rootOf(crate), crate.name, validatorOf(kept));
      switch (answer.kind) {
        case "fresh":
          writeIndexFile(store, { ident: crate.ident, name: crate.name }, indexFile(answer));
          return answer.body;
        case "unchanged":
          return kept?.body ?? "";
        case "no-such-package":
          throw noSuchPackage(crate, rootOf(crate));
        case "unauthorized":
        case "refused":
          throw noSuchPackage(crate, rootOf(crate));
      }
    },
    async download(crate) {
      const { name, version, checksum } = crate;
      const registry = await registryConfig(crate);
      const bytes = await connect().crate({
        url: downloadUrl(registry, { name, version, checksum }),
        checksum,
        name,
        version,
      });
      onEvent({ kind: "downloaded", name, version, bytes: bytes.length });
      return bytes;
    },
    async close() {
      await client?.close();
    },
  };
}

const configName = "config.json";

/** An answer as the store keeps it. */
function indexFile({
  body,
  validator,
}: {
  readonly body: string;
  readonly validator?: Validator | undefined;
}): IndexFile {
  const kept = { body, fetchedAtMs: Date.now() };
  return validator === undefined ? kept : { ...kept, validator };
}

/** The validator the store kept, as the protocol takes it. */
function validatorOf(kept: IndexFile | undefined): Validator | undefined {
  if (kept?.validator?.etag !== undefined) return { etag: kept.validator.etag };
  return kept?.validator?.lastModified === undefined ? undefined : { lastModified: kept.validator.lastModified };
}

async function fetchConfig(
  client: RegistryClient,
  { root, store, crate }: { root: string; store: Store; crate: WantedCrate },
): Promise<RegistryConfig> {
  const text = await client.configText(root);
  const config = parseRegistryConfig(text, `${root}config.json`);
  writeIndexFile(store, { ident: crate.ident, name: configName }, indexFile({ body: text }));
  return config;
}

function noSuchPackage(crate: WantedCrate, root: string): HubRoomError {
  return new HubRoomError({
    code: "hub/version-missing",
    what: `the registry has no crate ${crate.name}, but ${crate.wantedBy} asks for version ${crate.version}`,
    where: root,
    help: `see whether ${crate.name} was renamed or deleted; then change the dependency and run \`cargo update -p ${crate.name}\``,
  });
}
