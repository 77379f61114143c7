import {
  configRequest,
  type HttpRequest,
  loginUrlOf,
  parseRegistryConfig,
  type RegistryConfig,
  RegistryConfigError,
  readSparseAnswer,
  type Secret,
  type SparseAnswer,
  sparseRequest,
  type Validator,
} from "../cargo/index.ts";
import { type Attempt, type AttemptContext, valueOf } from "./attempts.ts";
import { type TokenNeed, tokenNotSent, tokenRejected } from "./credentials/token-errors.ts";
import type { GivenToken, TokenSource } from "./credentials/token-source.ts";
import { type Challenge, RegistryError, shownUrl } from "./registry-error.ts";
import { fetchSmallFile, notARegistry, type SmallFile } from "./small-file.ts";

/** What the registries of one client share. */
export interface AccessContext {
  readonly attempts: AttemptContext;
  /** Absent: nobody has a token. */
  readonly tokens: TokenSource | undefined;
}

/** A registry's config.json. */
export interface LoadedConfig {
  readonly text: string;
  readonly config: RegistryConfig;
}

/**
 * One sparse registry, and whether it wants to know who asks.
 *
 * As in cargo, config.json is asked for without a token first, unless an earlier one said `auth-required`; a 401 is answered
 * with the token once. Whether index files need it is what config.json says, not whether it was itself refused.
 */
export class RegistryAccess {
  readonly #root: string;
  readonly #context: AccessContext;
  readonly #remembered: boolean | undefined;
  #config: LoadedConfig | undefined;
  #loading: Promise<LoadedConfig> | undefined;
  #challenge: Challenge | undefined;

  /**
   * @param remembered Whether a token was needed the last time. With false, index files do not wait for config.json; with true, that
   *   is asked for with the token from the start, if there is one.
   */
  constructor(root: string, context: AccessContext, remembered: boolean | undefined) {
    this.#root = root;
    this.#context = context;
    this.#remembered = remembered;
  }

  /** The registry's config.json, asked for once. */
  config(): Promise<LoadedConfig> {
    this.#loading ??= this.#load().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  /** A package's index file; `unauthorized` and `refused` are thrown. */
  async index(name: string, validator: Validator | undefined): Promise<SparseAnswer> {
    const request = sparseRequest(this.#root, name, validator);
    const expected = validator === undefined ? [404, 410, 451] : [304, 404, 410, 451];
    const { head, body } = valueOf(await this.#indexFile(request, expected));
    return readSparseAnswer({ status: head.status, headers: head.headers, body });
  }

  async #indexFile(request: HttpRequest, expected: readonly number[]): Promise<Attempt<SmallFile>> {
    if (this.#config === undefined && this.#remembered === false) {
      const attempt = await this.#openly(request, expected);
      const isNews = challengeOf(attempt) !== undefined && this.#context.tokens !== undefined;
      if (!isNews || !(await this.config()).config.authRequired) return attempt;
    }
    const { config } = await this.config();
    return config.authRequired ? this.#withToken(request, expected) : this.#openly(request, expected);
  }

  async #load(): Promise<LoadedConfig> {
    const request = configRequest(this.#root);
    const file = valueOf((await this.#configAsRemembered(request)) ?? (await this.#configAfterAsking(request)));
    this.#config = readConfig(request, file);
    return this.#config;
  }

  /** With the token at once. Undefined when that was not needed the last time, or there is no token now. */
  async #configAsRemembered(request: HttpRequest): Promise<Attempt<SmallFile> | undefined> {
    if (this.#remembered !== true) return undefined;
    try {
      return await this.#withToken(request, gone);
    } catch (error) {
      if (error instanceof RegistryError && noToken.has(error.code)) return undefined;
      throw error;
    }
  }

  async #configAfterAsking(request: HttpRequest): Promise<Attempt<SmallFile>> {
    const attempt = await this.#openly(request, gone);
    this.#challenge = challengeOf(attempt);
    const canAnswer = this.#challenge !== undefined && this.#context.tokens !== undefined;
    return canAnswer ? this.#withToken(request, gone) : attempt;
  }

  #openly(request: HttpRequest, expected: readonly number[]): Promise<Attempt<SmallFile>> {
    return fetchSmallFile(this.#context.attempts, { request, expected });
  }

  async #withToken(request: HttpRequest, expected: readonly number[]): Promise<Attempt<SmallFile>> {
    const { tokens, attempts } = this.#context;
    if (tokens === undefined) return this.#openly(request, expected);
    const need = needOf(this.#root, this.#challenge);
    const send = (token: Secret): Promise<Attempt<SmallFile>> => fetchSmallFile(attempts, { request, expected, token });
    return sendWith(tokens, need, { url: request.url, send });
  }
}

const gone = [404, 410, 451];
const noToken: ReadonlySet<string> = new Set(["registry/token-missing", "registry/provider-missing"]);

/** What a token is needed for: a sparse root is named as cargo names it. */
function needOf(root: string, challenge: Challenge | undefined): TokenNeed {
  const headers = Object.entries(challenge?.headers ?? {}).map(([name, value]) => `${name}: ${value}`);
  const loginUrl = loginUrlOf(challenge?.headers["www-authenticate"] ?? "");
  return { index: root.startsWith("sparse+") ? root : `sparse+${root}`, headers, loginUrl };
}

/** A request that is made with a token. */
export interface TokenUse<T> {
  readonly url: string;
  readonly send: (token: Secret) => Promise<Attempt<T>>;
}

/** Sends with the token of a registry. A 401 is then the end: the token is not accepted, or did not get where it is wanted. */
export async function sendWith<T>(tokens: TokenSource, need: TokenNeed, use: TokenUse<T>): Promise<Attempt<T>> {
  const given: GivenToken = await tokens.token(need);
  const attempt = await use.send(given.token);
  const challenge = challengeOf(attempt);
  if (attempt.kind === "done" || challenge === undefined) return attempt;
  const where = attempt.failure.error.where ?? shownUrl(use.url);
  const loginUrl = loginUrlOf(challenge.headers["www-authenticate"] ?? "") ?? need.loginUrl;
  const error =
    originOf(where) === originOf(use.url)
      ? tokenRejected(where, { need: { ...need, loginUrl }, ...given }, challenge.said)
      : tokenNotSent(where, use.url);
  return { kind: "failed", failure: { error, next: "give-up" } };
}

function originOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).origin : undefined;
}

function challengeOf(attempt: Attempt<unknown>): Challenge | undefined {
  return attempt.kind === "failed" ? attempt.failure.challenge : undefined;
}

function readConfig(request: HttpRequest, { head, body }: SmallFile): LoadedConfig {
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
