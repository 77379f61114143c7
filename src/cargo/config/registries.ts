import { fileUrl } from "../file-url.ts";
import { type CargoConfig, configBase, type Located, stringAt } from "./cargo-config.ts";
import { ConfigError } from "./config-error.ts";
import { formatOrigin } from "./config-value.ts";
import { CRATES_IO_NAME, registryLocation, type SourceLocation } from "./configured-sources.ts";

/**
 * The index of `[registries.NAME]`, from files, options or `CARGO_REGISTRIES_<NAME>_INDEX`.
 *
 * @returns undefined when nobody gives one.
 * @throws {ConfigError} `cargo/config-registry` for a name or URL that cargo refuses: no URL, or one with a password.
 */
export function registryIndex(config: CargoConfig, name: string): SourceLocation | undefined {
  if (!isRegistryName(name)) throw badRegistry(name, undefined, "its name has a character that no registry's may have");
  const index = stringAt(config, ["registries", name, "index"]);
  if (index === undefined) return undefined;
  return registryLocation(indexUrl(config, name, index), index.origin);
}

/** As {@link registryIndex}, but undefined for a registry that cargo could not use: to `replace-with` it is as unknown as a missing one. */
export function usableRegistryIndex(config: CargoConfig, name: string): SourceLocation | undefined {
  try {
    return registryIndex(config, name);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

/** The names below `[registries]` in files and options that have a usable index, in the order of the files. */
export function registryNames(config: CargoConfig): string[] {
  const table = config.root.value.get("registries");
  if (table?.kind !== "table") return [];
  return [...table.value.keys()].filter((name) => usableRegistryIndex(config, name) !== undefined);
}

/** `registry.default`: where commands go that name no registry. */
export function defaultRegistry(config: CargoConfig): Located<string> | undefined {
  return stringAt(config, ["registry", "default"]);
}

/**
 * Whether the public registry is asked by the sparse protocol (the default) or by git.
 *
 * @throws {ConfigError} `cargo/config-registry` for a protocol that is neither.
 */
export function cratesIoProtocol(config: CargoConfig): Located<"sparse" | "git"> {
  const protocol = stringAt(config, ["registries", CRATES_IO_NAME, "protocol"]);
  if (protocol === undefined) return { value: "sparse", origin: { kind: "default" } };
  const { value, origin } = protocol;
  if (value === "sparse" || value === "git") return { value, origin };
  throw badRegistry(CRATES_IO_NAME, formatOrigin(origin), `its protocol is \`${value}\`, but must be sparse or git`);
}

function isRegistryName(name: string): boolean {
  return /^[\p{XID_Start}_][\p{XID_Continue}-]*$/u.test(name);
}

function indexUrl(config: CargoConfig, name: string, { value, origin }: Located<string>): string {
  const where = formatOrigin(origin);
  const url = parsedUrl(value, value.startsWith("file:") ? `${fileUrl(configBase(origin, config.cwd))}/` : undefined);
  if (url === undefined) throw badRegistry(name, where, `its index \`${value}\` is not an absolute URL`);
  if (url.password !== "") throw badRegistry(name, where, "its index holds a password");
  return url.href;
}

function parsedUrl(text: string, base: string | undefined): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}

function badRegistry(name: string, where: string | undefined, what: string): ConfigError {
  return new ConfigError({
    code: "cargo/config-registry",
    what: `\`[registries.${name}]\` can not be used: ${what}`,
    where: where ?? `registries.${name}`,
    help: 'write `index = "sparse+https://…/"`; credentials belong into a credential provider',
  });
}
