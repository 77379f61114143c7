import {
  type CargoConfig,
  cratesIoSparseRoot,
  downloadUrl,
  httpSettings,
  netSettings,
  parseRegistryConfig,
  RegistryConfigError,
  registryIdent,
  type Validator,
} from "../cargo/index.ts";
import type { WantedCrate } from "../plan/index.ts";
import { openRegistryClient, type RegistryClient, type RegistryEvent } from "../registry/index.ts";
import { type IndexFile, readIndexFile, type Store, writeIndexFile } from "../store/index.ts";
import type { OnEvent } from "./events.ts";
import { openGitRegistry } from "./git/git-registry.ts";
import { HubRoomError } from "./hub-room-error.ts";
import type { Origin, Origins } from "./origins.ts";
import { credentialsFinder } from "./registry-credentials.ts";
import { type Environment, registryEnd } from "./sources.ts";

export interface UpstreamSettings {
  readonly config: CargoConfig;
  /** Cargo's home, absolute: where credentials are. */
  readonly cargoHome: string;
  readonly env: Environment;
  readonly store: Store;
  readonly offline: boolean;
  readonly jobs: number | undefined;
  readonly userAgent: string;
  readonly onEvent: OnEvent;
}

/**
 * The registries themselves, or what the user's configuration replaces them with. The last place that is asked: what it lacks is an error.
 *
 * Opens nothing yet: the client, its connections and the registries' configurations come with the first use.
 */
export function openUpstream(settings: UpstreamSettings): Origin & Pick<Origins, "close"> {
  const { config, store, onEvent } = settings;
  const offline = settings.offline || netSettings(config).offline;
  let client: RegistryClient | undefined;
  const idents = new Map<string, string>();
  const connect = (): RegistryClient => {
    client ??= openClient(settings, offline, (root) => neededToken(store, root, idents.get(root)));
    return client;
  };
  const endOf = memo(
    (crate: WantedCrate) => crate.source,
    (crate) => registryEnd(config, crate.sourceId),
  );
  const rootOf = (crate: WantedCrate): string => {
    const end = endOf(crate);
    if (end.kind === "git") return end.url;
    idents.set(end.root, crate.ident);
    return end.root;
  };
  const gitOf = memo(rootOf, (crate) => {
    const end = endOf(crate);
    if (end.kind === "sparse") return undefined;
    const ident = registryIdent({ kind: "registry", url: end.url });
    return openGitRegistry({ url: end.url, ident }, { ...settings, offline });
  });
  const fetchConfig = memo(rootOf, async (crate) => {
    const git = gitOf(crate);
    if (git !== undefined) return (await git.configText()) ?? throwNoConfig(rootOf(crate));
    onEvent({ kind: "updating", registry: crate.source });
    const text = await connect().configText(rootOf(crate));
    writeIndexFile(store, { ident: crate.ident, name: configName }, indexFile({ body: text }));
    return text;
  });
  const configText = async (crate: WantedCrate): Promise<string | undefined> =>
    readIndexFile(store, crate.ident, configName)?.body ??
    (offline && gitOf(crate) === undefined ? undefined : await fetchConfig(crate));
  return {
    place: "registry",
    kind: "registry",
    strict: true,
    lines: "any",
    unpacked: () => undefined,
    configText,
    async indexBody(crate, renew) {
      const git = gitOf(crate);
      if (git !== undefined)
        return (await git.indexBody(crate.name, renew)) ?? (renew ? throwNoPackage(crate, rootOf(crate)) : "");
      const kept = readIndexFile(store, crate.ident, crate.name);
      if (kept !== undefined && (!renew || offline)) return kept.body;
      const answer = await connect().index(rootOf(crate), crate.name, validatorOf(kept));
      if (answer.kind === "unchanged" && kept !== undefined) return kept.body;
      if (answer.kind !== "fresh") return throwNoPackage(crate, rootOf(crate));
      writeIndexFile(store, { ident: crate.ident, name: crate.name }, indexFile(answer));
      return answer.body;
    },
    async crateBytes(crate) {
      const { name, version, checksum } = crate;
      // Offline the kept one will do, or none: it leads to an error that names the crate.
      const text = await (offline ? configText(crate) : fetchConfig(crate));
      const address = crateAddress(crate, text, { root: rootOf(crate), isGit: gitOf(crate) !== undefined });
      const bytes = await connect().crate({ ...address, checksum, name, version });
      onEvent({ kind: "downloaded", name, version, bytes: bytes.length });
      return { bytes, from: "download", place: "registry" };
    },
    async close() {
      await client?.close();
    },
  };
}

/** What the store remembers of a registry's config.json. The public registry is open to everybody. */
function neededToken(store: Store, root: string, ident: string | undefined): boolean | undefined {
  if (root === cratesIoSparseRoot()) return false;
  const text = ident === undefined ? undefined : readIndexFile(store, ident, configName)?.body;
  if (text === undefined) return undefined;
  try {
    return parseRegistryConfig(text, root).authRequired;
  } catch (error) {
    if (error instanceof RegistryConfigError) return undefined;
    throw error;
  }
}

/** Where a crate file is, and for which registry's token the address is meant. Without a config.json: the registry itself. */
function crateAddress(
  { name, version, checksum }: WantedCrate,
  configText: string | undefined,
  { root, isGit }: { readonly root: string; readonly isGit: boolean },
): { readonly url: string; readonly authorizedBy: string | undefined } {
  if (configText === undefined) return { url: root, authorizedBy: undefined };
  const registry = parseRegistryConfig(configText, isGit ? `config.json of ${root}` : `${root}config.json`);
  return {
    url: downloadUrl(registry, { name, version, checksum }),
    authorizedBy: registry.authRequired ? `${isGit ? "" : "sparse+"}${root}` : undefined,
  };
}

function openClient(
  settings: UpstreamSettings,
  offline: boolean,
  remembered: (root: string) => boolean | undefined,
): RegistryClient {
  const { config, env, jobs, userAgent, onEvent } = settings;
  const http = httpSettings(config);
  const credentials = credentialsFinder(settings);
  return openRegistryClient({
    http: { ...http, userAgent: http.userAgent ?? userAgent },
    retry: netSettings(config).retry,
    offline,
    jobs: jobs ?? connectionsPerHost,
    env,
    credentialsOf: (index) => credentials.of(index),
    neededToken: (root) => remembered(root) ?? (credentials.mayHaveToken(`sparse+${root}`) ? undefined : false),
    onEvent: (event) => passOn(event, onEvent),
  });
}

function passOn(event: RegistryEvent, onEvent: OnEvent): void {
  switch (event.kind) {
    case "retry":
      return onEvent({ kind: "retrying", url: event.url, cause: event.reason, waitMs: event.waitMs });
    case "credential":
    case "provider-said":
      return onEvent(event);
    case "credential-warning":
      return onEvent({ kind: "warning", message: event.message });
    case "provider-waits": {
      const message = `still waiting for the credential provider ${event.provider}; it may want something of you`;
      return onEvent({ kind: "warning", message });
    }
    case "resume":
    case "received":
      return;
  }
}

const connectionsPerHost = 8;

/** `make` once for each key. */
function memo<Value>(
  key: (crate: WantedCrate) => string,
  make: (crate: WantedCrate) => Value,
): (crate: WantedCrate) => Value {
  const made = new Map<string, Value>();
  return (crate) => {
    const name = key(crate);
    const known = made.get(name);
    if (known !== undefined) return known;
    const value = make(crate);
    made.set(name, value);
    return value;
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

function throwNoPackage(crate: WantedCrate, root: string): never {
  throw new HubRoomError({
    code: "hub/version-missing",
    what: `the registry has no crate ${crate.name}, but ${crate.wantedBy} asks for version ${crate.version}`,
    where: root,
    help: `see whether ${crate.name} was renamed or deleted; then change the dependency and run \`cargo update -p ${crate.name}\``,
  });
}

function throwNoConfig(url: string): never {
  throw new HubRoomError({
    code: "hub/upstream-unsupported",
    what: "this repository is no registry's index: it has no config.json",
    where: url,
    help: "correct the registry's `index` in Cargo's configuration",
  });
}
