import {
  configRequest,
  type HttpSettings,
  type RegistryConfig,
  type RegistryCredentials,
  type Secret,
  type SparseAnswer,
  sparseRequest,
  type Validator,
} from "../cargo/index.ts";
import { type Attempt, type AttemptContext, valueOf } from "./attempts.ts";
import { Budget } from "./budget.ts";
import { type CrateRequest, downloadCrate } from "./crate-download.ts";
import type { ProgramTimes } from "./credentials/provider-program.ts";
import { openTokenSource } from "./credentials/token-source.ts";
import { type AccessContext, RegistryAccess, sendWith } from "./registry-access.ts";
import { RegistryError, shownUrl } from "./registry-error.ts";
import type { RegistryEvent } from "./registry-event.ts";
import { retryWaitMs } from "./retry.ts";
import { StallWatch } from "./stall-watch.ts";
import { openTransport } from "./transport.ts";
import { Waits } from "./waits.ts";

export interface RegistryClientSettings {
  /** Cargo's `[http]`; `userAgent` is sent as it is, and none when it is undefined. */
  readonly http: HttpSettings;
  /** Cargo's `net.retry`: extra attempts after the first. */
  readonly retry: number;
  /** Send nothing: every call fails with registry/offline. */
  readonly offline: boolean;
  /** HTTP/1.1 connections per host. Over HTTP/2 one connection carries up to eight times as many requests, twice as many crates. */
  readonly jobs: number;
  /** For SSL_CERT_FILE and NODE_EXTRA_CA_CERTS. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** How long to wait before the first, second, … extra attempt; cargo's waits unless told. */
  readonly waitBeforeRetryMs?: (retry: number) => number;
  readonly onEvent?: (event: RegistryEvent) => void;
  /**
   * The credentials of a registry, by `sparse+https://…/` or the URL of its git repository; asked when it wants a token. Without it
   * no registry gets one, and index files do not wait for config.json.
   */
  readonly credentialsOf?: (index: string) => RegistryCredentials;
  /** What an earlier config.json of a registry said about `auth-required`, by its root; undefined when nobody knows. */
  readonly neededToken?: (root: string) => boolean | undefined;
  /** For the programs that give tokens; a notice after 5 seconds and an end after 5 minutes unless told. */
  readonly providerTimes?: ProgramTimes;
}

/**
 * Gets files from sparse registries. Every failure is a {@link RegistryError}, or the ConfigError of credentials that can not
 * be read.
 *
 * Calls may be made in any number at once; they wait for each other where a limit says so.
 */
export interface RegistryClient {
  /** The registry's config.json, read; asked for once. `root` ends in a slash and may begin with `sparse+`. */
  config(root: string): Promise<RegistryConfig>;
  /** The text of the registry's config.json, after it was read without complaint. */
  configText(root: string): Promise<string>;
  /**
   * The index file of a package.
   *
   * @param validator What came with the copy at hand; the answer may then be `unchanged`.
   * @returns `fresh`, `unchanged` or `no-such-package`; `unauthorized` and `refused` are thrown, with what the server said.
   */
  index(root: string, name: string, validator?: Validator): Promise<SparseAnswer>;
  /** A crate file whose SHA-256 is `checksum`. */
  crate(request: CrateRequest): Promise<Uint8Array>;
  /** Tears every connection. What is still under way fails with registry/unreachable. */
  close(): Promise<void>;
}

/** Bytes of bodies in memory at once, while they arrive. */
const MAX_BYTES_IN_FLIGHT = 12 << 20;

/** Crates under way at once over HTTP/2, for each HTTP/1.1 connection that would have been allowed. */
const CRATES_PER_JOB = 2;

const PROVIDER_TIMES: ProgramTimes = { noticeMs: 5000, stopMs: 300_000, holdMs: 1000 };

/** Makes a client. Reads no file and opens no connection before the first request needs it. */
export function openRegistryClient(settings: RegistryClientSettings): RegistryClient {
  const { http, offline } = settings;
  const jobs = Math.max(1, settings.jobs);
  const transport = openTransport({ http, env: settings.env ?? {}, connections: jobs });
  const watch = new StallWatch(http.timeoutSeconds, http.lowSpeedLimit);
  const waits = new Waits();
  const attempts: AttemptContext = {
    transport,
    watch,
    waits,
    budget: new Budget(MAX_BYTES_IN_FLIGHT),
    oversize: new Budget(1),
    crateSlots: new Budget(jobs * CRATES_PER_JOB),
    retry: settings.retry,
    commonHeaders: userAgentHeader(http.userAgent),
    waitBeforeRetryMs: settings.waitBeforeRetryMs ?? ((retry) => retryWaitMs(retry, Math.random())),
    onEvent: settings.onEvent ?? (() => undefined),
  };
  const access = openAccess(settings, attempts);
  const online = (url: string, what: string): void => {
    if (offline) throw offlineError(url, what);
  };
  const config = async (root: string): ReturnType<RegistryAccess["config"]> => {
    online(configRequest(root).url, "the registry's config.json");
    return access.of(root).config();
  };
  return {
    config: async (root) => (await config(root)).config,
    configText: async (root) => (await config(root)).text,
    async index(root, name, validator) {
      online(sparseRequest(root, name).url, `the index file of ${name}`);
      return access.of(root).index(name, validator);
    },
    async crate(request) {
      online(request.url, `the crate file of ${request.name} ${request.version}`);
      const { tokens } = access.context;
      const { authorizedBy: index } = request;
      if (index === undefined || tokens === undefined) return valueOf(await downloadCrate(attempts, request));
      const need = { index, headers: [], loginUrl: undefined };
      const { url } = request;
      const send = (token: Secret): Promise<Attempt<Uint8Array>> => downloadCrate(attempts, request, token);
      return valueOf(await sendWith(tokens, need, { url, send }));
    },
    async close() {
      access.context.tokens?.close();
      waits.close();
      watch.close();
      transport.close();
      await Promise.resolve();
    },
  };
}

interface Accesses {
  readonly context: AccessContext;
  of(root: string): RegistryAccess;
}

/** The registries of one client, each with what is known about it. */
function openAccess(settings: RegistryClientSettings, attempts: AttemptContext): Accesses {
  const { credentialsOf, neededToken, env = {}, providerTimes: times = PROVIDER_TIMES } = settings;
  const onEvent = (event: RegistryEvent): void => attempts.onEvent(event);
  const tokens = credentialsOf === undefined ? undefined : openTokenSource({ credentialsOf, env, times, onEvent });
  const context = { attempts, tokens };
  const opened = new Map<string, RegistryAccess>();
  return {
    context,
    of(root) {
      const access =
        opened.get(root) ?? new RegistryAccess(root, context, tokens === undefined ? false : neededToken?.(root));
      opened.set(root, access);
      return access;
    },
  };
}

function userAgentHeader(userAgent: string | undefined): Record<string, string> {
  if (userAgent === undefined) return {};
  // Whatever a header may not hold would end it early.
  return { "user-agent": userAgent.replaceAll(/[^ -~]/g, "?") };
}

function offlineError(url: string, what: string): RegistryError {
  return new RegistryError({
    code: "registry/offline",
    what: `${what} is needed, but nothing may be sent while offline`,
    where: shownUrl(url),
    help: "run the command once without --offline (and without `net.offline`), or bring the crate in with a bundle",
  });
}
