import {
  type CredentialProvider,
  hideSecrets,
  isUsableToken,
  mayBeReused,
  providerLabel,
  type RegistryCredentials,
  type Secret,
  type TokenLife,
} from "../../cargo/index.ts";
import type { RegistryEvent } from "../registry-event.ts";
import { askProvider, type ProviderProgram, type ProviderReply } from "./ask-provider.ts";
import type { ProgramTimes } from "./provider-program.ts";
import {
  asymmetricUnsupported,
  providerFailed,
  providerMissing,
  type Refusal,
  type TokenNeed,
  tokenMissing,
  tokenUnusable,
} from "./token-errors.ts";

/** A token, and who gave it. */
export interface GivenToken {
  readonly token: Secret;
  /** For messages: the provider, and the file or variable where that is known. */
  readonly from: string;
  readonly credentials: RegistryCredentials;
}

/** Finds the tokens of registries. */
export interface TokenSource {
  /**
   * The token of one registry, from memory or from whom the configuration names.
   *
   * Whoever is asked is asked alone: two programs that want something of a person would only confuse each other.
   *
   * @throws {RegistryError} registry/token-missing, -unusable, registry/provider-missing, -failed, -unsupported.
   * @throws {ConfigError} for credentials that can not be read.
   */
  token(need: TokenNeed): Promise<GivenToken>;
  /** Stops a program that is still running. */
  close(): void;
}

export interface TokenSourceSettings {
  /** What the configuration says about a registry, by `sparse+https://…/` or the URL of a git repository. */
  readonly credentialsOf: (index: string) => RegistryCredentials;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly times: ProgramTimes;
  readonly onEvent: (event: RegistryEvent) => void;
}

interface Kept extends GivenToken {
  readonly life: TokenLife;
}

/** Opens a source of tokens. Reads nothing and runs nothing before the first token is wanted. */
export function openTokenSource(settings: TokenSourceSettings): TokenSource {
  const kept = new Map<string, Kept>();
  const stop = new AbortController();
  const credentialsOf = rememberedCredentials(settings);
  let turn: Promise<unknown> = Promise.resolve();
  const inMemory = (index: string): GivenToken | undefined => {
    const found = kept.get(index);
    return found !== undefined && mayBeReused(found.life, Date.now()) ? found : undefined;
  };
  return {
    async token(need) {
      const found = inMemory(need.index);
      if (found !== undefined) return found;
      const mine = turn.then(async () => {
        const foundMeanwhile = inMemory(need.index);
        if (foundMeanwhile !== undefined) return foundMeanwhile;
        const credentials = credentialsOf(need.index);
        const given = await findToken(need, { settings, signal: stop.signal, credentials });
        if (given.life.kind !== "never") kept.set(need.index, given);
        return given;
      });
      turn = mine.catch(() => undefined);
      return mine;
    },
    close() {
      stop.abort();
    },
  };
}

/** The credentials of each registry, looked up once; what is configured in vain is told then. */
function rememberedCredentials({ credentialsOf, onEvent }: TokenSourceSettings): TokenSourceSettings["credentialsOf"] {
  const known = new Map<string, RegistryCredentials>();
  return (index) => {
    const before = known.get(index);
    if (before !== undefined) return before;
    const credentials = credentialsOf(index);
    known.set(index, credentials);
    for (const message of credentials.warnings) onEvent({ kind: "credential-warning", message });
    return credentials;
  };
}

interface Search {
  readonly settings: TokenSourceSettings;
  readonly signal: AbortSignal;
  readonly credentials: RegistryCredentials;
}

async function findToken(need: TokenNeed, search: Search): Promise<Kept> {
  const { settings, credentials } = search;
  if (!credentials.isExplicit) throw providerMissing(need, credentials);
  const refusals: Refusal[] = [];
  for (const provider of credentials.providers) {
    settings.onEvent({
      kind: "credential",
      provider: providerLabel(provider),
      registry: credentials.name ?? credentials.index,
    });
    const answer = await ask(provider, need, search);
    if ("token" in answer) {
      const from = fromWhom(provider, credentials);
      if (!isUsableToken(answer.token)) throw tokenUnusable(need, from);
      return { ...answer, from, credentials };
    }
    refusals.push({ provider, kind: answer.kind });
  }
  if (credentials.hasSecretKey) throw asymmetricUnsupported(need, credentials);
  throw tokenMissing(need, credentials, refusals);
}

type Asked = { readonly token: Secret; readonly life: TokenLife } | Pick<Refusal, "kind">;

async function ask(provider: CredentialProvider, need: TokenNeed, search: Search): Promise<Asked> {
  const { credentials } = search;
  switch (provider.kind) {
    case "token":
      if (credentials.token === undefined) return { kind: "not-found" };
      return { token: credentials.token, life: { kind: "session" } };
    case "inside-cargo":
      if (provider.name === "cargo:paseto") throw asymmetricUnsupported(need, credentials);
      return { kind: platformOf[provider.name] === process.platform ? "inside-cargo" : "url-not-supported" };
    case "plugin":
    case "token-from-stdout":
      return askProgram(provider, need, search);
  }
}

/** On other systems cargo itself passes these over. */
const platformOf = { "cargo:libsecret": "linux", "cargo:macos-keychain": "darwin", "cargo:wincred": "win32" } as const;

async function askProgram(
  provider: ProviderProgram,
  need: TokenNeed,
  { settings, signal, credentials }: Search,
): Promise<Asked> {
  const label = providerLabel(provider);
  const known = credentials.token === undefined ? [] : [credentials.token];
  const say = (words: string, secrets: readonly Secret[]): void => {
    const text = hideSecrets(words, secrets).trimEnd();
    if (text !== "") settings.onEvent({ kind: "provider-said", provider: label, text });
  };
  const { answer, words }: ProviderReply = await askProvider(provider, {
    credentials,
    headers: need.headers,
    run: {
      env: settings.env,
      times: settings.times,
      signal,
      onWait: () => settings.onEvent({ kind: "provider-waits", provider: label }),
      onWords: (text) => say(text, known),
    },
  });
  const secrets = answer.kind === "token" ? [...known, answer.token] : known;
  say(words, secrets);
  switch (answer.kind) {
    case "token":
    case "not-found":
    case "url-not-supported":
      return answer;
    case "failed":
      throw providerFailed(need, provider, { reasons: answer.reasons, secrets });
    case "stopped":
      throw providerFailed(need, provider, { reasons: ["it was stopped"], secrets });
  }
}

function fromWhom(provider: CredentialProvider, { tokenOrigin }: RegistryCredentials): string {
  const label = providerLabel(provider);
  return provider.kind === "token" && tokenOrigin !== undefined ? `${label} (${tokenOrigin})` : label;
}
