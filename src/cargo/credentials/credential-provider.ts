import { type CargoConfig, configPath } from "../config/cargo-config.ts";
import type { ConfigOrigin, ConfigValue } from "../config/config-value.ts";
import { formatOrigin } from "../config/config-value.ts";
import { wrongValue } from "../config/environment.ts";

/** Who may know a registry's token, as the configuration names it. */
export type CredentialProvider =
  /** `cargo:token`: configuration, variables and the file of credentials. */
  | { readonly kind: "token" }
  /** `cargo:token-from-stdout`: a program that prints the token. The first word is the program. */
  | { readonly kind: "token-from-stdout"; readonly command: readonly string[] }
  /** Part of cargo itself, and of nobody else: the keychains of systems, and asymmetric tokens. */
  | { readonly kind: "inside-cargo"; readonly name: KeychainName | "cargo:paseto" }
  /** A program that speaks cargo's protocol: a name for PATH, or an absolute path. */
  | { readonly kind: "plugin"; readonly program: string; readonly args: readonly string[] };

type KeychainName = (typeof keychains)[number];

const keychains = ["cargo:libsecret", "cargo:macos-keychain", "cargo:wincred"] as const;

/** What `name` means without any `[credential-alias]`; undefined for a name that is not built into cargo. */
function builtIn(name: string, args: readonly string[]): CredentialProvider | undefined {
  if (name === "cargo:token") return { kind: "token" };
  if (name === "cargo:token-from-stdout") return { kind: "token-from-stdout", command: args };
  if (name === "cargo:paseto") return { kind: "inside-cargo", name };
  const keychain = keychains.find((known) => known === name);
  return keychain === undefined ? undefined : { kind: "inside-cargo", name: keychain };
}

/** A provider as messages name it: without arguments, which may hold secrets. */
export function providerLabel(provider: CredentialProvider): string {
  if (provider.kind === "token") return "cargo:token";
  if (provider.kind === "token-from-stdout")
    return ["cargo:token-from-stdout", ...provider.command.slice(0, 1)].join(" ");
  return provider.kind === "inside-cargo" ? provider.name : provider.program;
}

/** A provider, with what cargo would warn of. */
export interface ConfiguredProvider {
  readonly provider: CredentialProvider;
  readonly warnings: readonly string[];
}

/**
 * The one provider that a key names: `registries.NAME.credential-provider` or `registry.credential-provider`.
 *
 * @throws {ConfigError} `cargo/config-value`.
 */
export function providerAt(config: CargoConfig, path: readonly string[]): ConfiguredProvider | undefined {
  const command = commandAt(config, path);
  return command === undefined ? undefined : resolved(config, command);
}

/**
 * `registry.global-credential-providers` in the order in which they are asked: the last one of the list first.
 *
 * @returns Empty when nobody names any.
 * @throws {ConfigError} `cargo/config-value`.
 */
export function globalProviders(config: CargoConfig): ConfiguredProvider[] {
  const key = "registry.global-credential-providers";
  const value = config.get(key.split("."));
  if (value === undefined) return [];
  // A variable alone has no array that it would extend: its words are the list.
  const items = value.kind === "string" && value.origin.kind === "environment" ? wordsOf(value) : itemsOf(key, value);
  return items.toReversed().map((item) => resolved(config, commandFrom(key, wordsOf(item))));
}

interface Word {
  readonly value: string;
  readonly origin: ConfigOrigin;
}

/** A program with its arguments; there is at least the program. */
type Command = readonly [program: Word, ...args: Word[]];

function commandAt(config: CargoConfig, path: readonly string[]): Command | undefined {
  const value = config.get(path);
  const key = path.join(".");
  if (value === undefined) return undefined;
  return commandFrom(key, value.kind === "string" ? wordsOf(value) : itemsOf(key, value), value.origin);
}

function wordsOf({ value, origin }: Word): Word[] {
  return value
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((word) => ({ value: word, origin }));
}

function itemsOf(key: string, value: ConfigValue): Word[] {
  const where = formatOrigin(value.origin);
  if (value.kind !== "array") throw wrongValue(key, "an array of strings", { found: `of type ${value.kind}`, where });
  return value.value.map((item) => {
    if (item.kind === "string") return item;
    throw wrongValue(key, "an array of strings", { found: `an array with a value of type ${item.kind}`, where });
  });
}

function commandFrom(key: string, words: readonly Word[], origin?: ConfigOrigin): Command {
  const [program, ...args] = words;
  if (program !== undefined) return [program, ...args];
  const where = origin === undefined ? "Cargo's configuration" : formatOrigin(origin);
  throw wrongValue(key, "the name of a provider", { found: "empty", where });
}

/** What a command stands for. A word without arguments may be an alias; an alias of an alias is none. */
function resolved(config: CargoConfig, command: Command): ConfiguredProvider {
  const [program, ...args] = command;
  const own = builtIn(program.value, texts(args));
  const aliasPath = ["credential-alias", ...program.value.split(".")];
  const alias = args.length === 0 ? commandAt(config, aliasPath) : undefined;
  if (own !== undefined) {
    const shadow = `credential-alias \`${program.value}\` will be ignored because it would shadow a built-in credential-provider`;
    return { provider: own, warnings: alias === undefined ? [] : [shadow] };
  }
  if (alias === undefined) return { provider: plugin(config, command), warnings: [] };
  const [aliasProgram, ...aliasArgs] = alias;
  return { provider: builtIn(aliasProgram.value, texts(aliasArgs)) ?? plugin(config, alias), warnings: [] };
}

/** A program with a separator in its name is a path, relative to what paths of its origin start from. */
function plugin(config: CargoConfig, [program, ...args]: Command): CredentialProvider {
  const isPath = program.value.includes("/") || (program.value.includes("\\") && !config.cwd.startsWith("/"));
  const path = isPath ? configPath(program.value, program.origin, config.cwd) : program.value;
  return { kind: "plugin", program: path, args: texts(args) };
}

function texts(words: readonly Word[]): string[] {
  return words.map(({ value }) => value);
}
