import {
  configRequest,
  type HttpSettings,
  parseRegistryConfig,
  type RegistryConfig,
  RegistryConfigError,
  readSparseAnswer,
  type SparseAnswer,
  sparseRequest,
  type Validator,
} from "../cargo/index.ts";
import { type AttemptContext, valueOf } from "./attempts.ts";
import { Budget } from "./budget.ts";
import { type CrateRequest, downloadCrate } from "./crate-download.ts";
import { RegistryError, shownUrl } from "./registry-error.ts";
import type { RegistryEvent } from "./registry-event.ts";
import { retryWaitMs } from "./retry.ts";
import { fetchSmallFile, notARegistry } from "./small-file.ts";
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
}

/**
 * Gets files from sparse registries. Every failure is a {@link RegistryError}.
 *
 * Calls may be made in any number at once; they wait for each other where a limit says so.
 */
export interface RegistryClient {
  /** The registry's config.json, read. `root` ends in a slash and may begin with `sparse+`. */
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

/** Makes a client. Reads no file and opens no connection before the first request needs it. */
export function openRegistryClient(settings: RegistryClientSettings): RegistryClient {
  const { http, offline } = settings;
  const jobs = Math.max(1, settings.jobs);
  const transport = openTransport({ http, env: settings.env ?? {}, connections: jobs });
  const watch = new StallWatch(http.timeoutSeconds, http.lowSpeedLimit);
  const waits = new Waits();
  const context: AttemptContext = {
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
  const online = (url: string, what: string): void => {
    if (offline) throw offlineError(url, what);
  };
  const configText = async (root: string): Promise<{ text: string; config: RegistryConfig }> => {
    const request = configRequest(root);
    online(request.url, "the registry's config.json");
    return readConfig(context, request);
  };
  return {
    config: async (root) => (await configText(root)).config,
    configText: async (root) => (await configText(root)).text,
    async index(root, name, validator) {
      const request = sparseRequest(root, name, validator);
      online(request.url, `the index file of ${name}`);
      const expected = validator === undefined ? [404, 410, 451] : [304, 404, 410, 451];
      const { head, body } = valueOf(await fetchSmallFile(context, request, expected));
      return readSparseAnswer({ status: head.status, headers: head.headers, body });
    },
    async crate(request) {
      online(request.url, `the crate file of ${request.name} ${request.version}`);
      return downloadCrate(context, request);
    },
    async close() {
      waits.close();
      watch.close();
      transport.close();
      await Promise.resolve();
    },
  };
}

async function readConfig(
  context: AttemptContext,
  request: { readonly url: string; readonly headers: Readonly<Record<string, string>> },
): Promise<{ text: string; config: RegistryConfig }> {
  const { head, body } = valueOf(await fetchSmallFile(context, request, [404, 410, 451]));
  const answer = readSparseAnswer({ status: head.status, headers: head.headers, body });
  if (answer.kind !== "fresh")
    throw notARegistry(new URL(request.url), `${head.status}: there is no config.json`).error;
  try {
    return { text: answer.body, config: parseRegistryConfig(answer.body, shownUrl(request.url)) };
  } catch (error) {
    if (!(error instanceof RegistryConfigError)) throw error;
    throw new RegistryError({
      code: "registry/bad-config",
      what: error.what,
      where: shownUrl(request.url),
      help: error.help,
      cause: error,
    });
  }
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
