import {
  type CredentialProvider,
  hideSecrets,
  providerLabel,
  type RegistryCredentials,
  type Secret,
} from "../../cargo/index.ts";
import { RegistryError, shownUrl } from "../registry-error.ts";

/** What is known about a registry that wants a token. */
export interface TokenNeed {
  /** The registry as cargo names it: `sparse+https://…/`, or the URL of a git repository. */
  readonly index: string;
  /** The headers of the answer that asked for it, each as `name: value`; empty when none was seen. */
  readonly headers: readonly string[];
  /** Where the server says that a person gets one. */
  readonly loginUrl: string | undefined;
}

/** A provider that had no token, and why. */
export interface Refusal {
  readonly provider: CredentialProvider;
  readonly kind: "not-found" | "url-not-supported" | "inside-cargo";
}

/** The registry's address as a browser takes it. */
function rootOf({ index }: TokenNeed): string {
  return shownUrl(index.replace(/^sparse\+/, ""));
}

/** Cargo's rule: who may not read without a token has to say where tokens come from. */
export function providerMissing(need: TokenNeed, credentials: RegistryCredentials): RegistryError {
  const table = tableOf(credentials);
  return new RegistryError({
    code: "registry/provider-missing",
    what: `the registry wants a token${loginHint(need)}, and Cargo's configuration names no credential provider that it could come from`,
    where: rootOf(need),
    help: `write \`credential-provider = "cargo:token"\` into ${table} of Cargo's configuration, or \`global-credential-providers = ["cargo:token"]\` into [registry]; cargo insists on it too`,
  });
}

/** Nobody who was asked has a token. */
export function tokenMissing(
  need: TokenNeed,
  credentials: RegistryCredentials,
  refusals: readonly Refusal[],
): RegistryError {
  const said = refusals.map(({ provider, kind }) => `${providerLabel(provider)} ${refusalTexts[kind]}`).join("; ");
  return new RegistryError({
    code: "registry/token-missing",
    what: `the registry wants a token${loginHint(need)}, and there is none: ${said}`,
    where: rootOf(need),
    help: howToSet(credentials, refusals),
  });
}

const refusalTexts: Readonly<Record<Refusal["kind"], string>> = {
  "not-found": "has none",
  "url-not-supported": "does not know this registry",
  "inside-cargo": "is a part of cargo that nobody else can ask",
};

function howToSet(credentials: RegistryCredentials, refusals: readonly Refusal[]): string {
  const hidden = refusals.find(({ kind }) => kind === "inside-cargo");
  if (hidden !== undefined) {
    const keychain = providerLabel(hidden.provider);
    return `let a program read the keychain: \`credential-provider = ["cargo:token-from-stdout", …]\` in the place of ${keychain}; the page of this error shows the commands`;
  }
  const { name, tokenVariable, providers } = credentials;
  if (name === undefined)
    return `give the registry a name in Cargo's configuration, \`[registries.NAME]\` with \`index = "${shownUrl(credentials.index)}"\`, and run \`cargo login --registry NAME\``;
  const login = `run \`cargo login --registry ${name}\``;
  const hasOwn = providers.some(({ kind }) => kind === "token");
  return hasOwn && tokenVariable !== undefined ? `${login}, or set the variable ${tokenVariable}` : login;
}

/** The configuration asks for what cannot be done here. */
export function asymmetricUnsupported(need: TokenNeed, { name, index }: RegistryCredentials): RegistryError {
  return new RegistryError({
    code: "registry/provider-unsupported",
    what: `${name ?? shownUrl(index)} is to be read with an asymmetric token (\`secret-key\`, \`cargo:paseto\`), which neither cargo nor cargo-hub can do without cargo's unstable features`,
    where: rootOf(need),
    help: 'use a plain token with `credential-provider = "cargo:token"`, if the registry takes one',
  });
}

/** A provider could not be run, failed, or gave something else than an answer. */
export function providerFailed(
  need: TokenNeed,
  provider: CredentialProvider,
  { reasons, secrets }: { readonly reasons: readonly string[]; readonly secrets: readonly Secret[] },
): RegistryError {
  const words = reasons.map((reason) =>
    reason
      .replaceAll(/[\p{C}\s]+/gu, " ")
      .trim()
      .slice(0, 300),
  );
  const said = hideSecrets(words.slice(0, 5).join(": "), secrets);
  return new RegistryError({
    code: "registry/provider-failed",
    what: `the credential provider ${providerLabel(provider)} gave no token${said === "" ? "" : `: ${said}`}`,
    where: rootOf(need),
    help: "see that the program works when you call it yourself, or correct `credential-provider` in Cargo's configuration",
  });
}

/** A token that no header can hold. */
export function tokenUnusable(need: TokenNeed, from: string): RegistryError {
  return new RegistryError({
    code: "registry/token-unusable",
    what: `what ${from} gives as token is empty, or holds a line break or a character outside of ASCII`,
    where: rootOf(need),
    help: "store the token anew, as the registry shows it and without anything around it",
  });
}

/** The server does not accept the token. @param said The server's own words, without the token. */
export function tokenRejected(
  where: string,
  {
    need,
    credentials,
    from,
  }: { readonly need: TokenNeed; readonly credentials: RegistryCredentials; readonly from: string },
  said: string,
): RegistryError {
  const again = need.loginUrl === undefined ? "get a new token" : `get a new token at ${need.loginUrl}`;
  return new RegistryError({
    code: "registry/token-rejected",
    what: `the registry rejects the token that ${from} gave (401)${said === "" ? "" : `: ${said}`}`,
    where,
    help: `${again}, and then ${howToSet(credentials, [])}`,
  });
}

/** A redirect led away from the registry, to somebody who wants a token as well. */
export function tokenNotSent(where: string, url: string): RegistryError {
  return new RegistryError({
    code: "registry/unauthorized",
    what: `${shownUrl(url)} redirects to this other server, which wants a token (401); the registry's token is not sent there`,
    where,
    help: "tell whoever runs the registry: a redirect must lead to the same server, or to one that needs no token",
  });
}

function loginHint({ loginUrl }: TokenNeed): string {
  return loginUrl === undefined ? "" : ` (to be had at ${loginUrl})`;
}

function tableOf({ name }: RegistryCredentials): string {
  if (name === undefined) return "a `[registries.NAME]` that has this index";
  return name === "crates-io" ? "[registry]" : `[registries.${name}]`;
}
