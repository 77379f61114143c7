import { type CargoConfig, stringAt } from "../config/cargo-config.ts";
import { formatOrigin } from "../config/config-value.ts";
import { CRATES_IO_NAME } from "../config/configured-sources.ts";
import { environmentName } from "../config/environment.ts";
import { isCratesIo, type SourceId } from "../source-id.ts";
import { type CredentialProvider, globalProviders, providerAt, providerLabel } from "./credential-provider.ts";
import { registryNameOf } from "./registry-name.ts";
import { type Secret, secret } from "./secret.ts";

/** What the configuration says about how a registry is proved that one may read it. */
export interface RegistryCredentials {
  /** `sparse+https://…/`, or the URL of a git repository: as providers are told it. */
  readonly index: string;
  /** The registry's name in the configuration; `crates-io` for the public one, undefined when it has none. */
  readonly name: string | undefined;
  /** The token that `cargo:token` knows. */
  readonly token: Secret | undefined;
  /** The file or variable that has it. */
  readonly tokenOrigin: string | undefined;
  /** The variable that would set that token; undefined for a registry without a name. */
  readonly tokenVariable: string | undefined;
  /** Whether there is a key for asymmetric tokens. */
  readonly hasSecretKey: boolean;
  /** Whom to ask, in this order. `cargo:token` alone when nobody is named. */
  readonly providers: readonly CredentialProvider[];
  /** Whether the configuration names providers. Cargo insists on that for registries that may not be read without a token. */
  readonly isExplicit: boolean;
  /** What is configured in vain. */
  readonly warnings: readonly string[];
}

/**
 * Finds the credentials of a registry as cargo does: by its URL alone.
 *
 * @param config With the credentials of CARGO_HOME, see {@link withCredentials}.
 * @throws {ConfigError} as {@link registryNameOf}; `cargo/config-value` for what is no token or provider.
 * @see The Cargo Book, "Registry Authentication".
 */
export function registryCredentials(config: CargoConfig, source: SourceId): RegistryCredentials {
  const index = source.kind === "sparse" ? `sparse+${source.url}` : source.url;
  const isPublic = isCratesIo(source);
  const name = isPublic ? CRATES_IO_NAME : registryNameOf(config, index);
  const table = isPublic ? ["registry"] : name === undefined ? undefined : ["registries", name];
  const token = table === undefined ? undefined : stringAt(config, [...table, "token"]);
  const secretKey = table === undefined ? undefined : stringAt(config, [...table, "secret-key"]);
  const own = table === undefined ? undefined : providerAt(config, [...table, "credential-provider"]);
  const configured = own === undefined ? globalProviders(config) : [own];
  const providers = configured.map(({ provider }) => provider);
  const shown = name ?? index;
  const warnings = configured.flatMap((one) => one.warnings);
  if (token !== undefined && configured.length > 0 && !providers.some(({ kind }) => kind === "token")) {
    const because =
      own === undefined
        ? "the `cargo:token` credential provider is not listed in `registry.global-credential-providers`"
        : `this registry is configured to use credential-provider \`${providerLabel(own.provider)}\``;
    warnings.push(
      `registry \`${shown}\` has a token in ${formatOrigin(token.origin)} that is ignored, because ${because}`,
    );
  }
  return {
    index,
    name,
    token: token === undefined ? undefined : secret(token.value),
    tokenOrigin: token === undefined ? undefined : formatOrigin(token.origin),
    tokenVariable: table === undefined ? undefined : environmentName([...table, "token"]),
    hasSecretKey: secretKey !== undefined,
    providers: configured.length === 0 ? [{ kind: "token" }] : providers,
    isExplicit: configured.length > 0,
    warnings,
  };
}
