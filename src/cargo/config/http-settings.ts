import { booleanAt, type CargoConfig, integerAt, type Located, pathAt, stringAt } from "./cargo-config.ts";
import { type ConfigValue, formatOrigin } from "./config-value.ts";
import { type Environment, wrongValue } from "./environment.ts";

/** A protocol version of TLS, in cargo's words; `default` leaves the choice to the library. */
export type SslVersion = "default" | "tlsv1" | "tlsv1.0" | "tlsv1.1" | "tlsv1.2" | "tlsv1.3";

/** What `[http]`, the `CARGO_HTTP_*` variables and the general proxy variables say, with cargo's defaults. */
export interface HttpSettings {
  /** The proxies as configured; ask `proxyFor`, which knows the exceptions too. */
  readonly proxy: ProxySettings;
  /** A file of certificate authorities in PEM form, absolute, that replaces the system's. */
  readonly cainfo: string | undefined;
  /** The same for the connection to the proxy; `cainfo` where nothing else is said. */
  readonly proxyCainfo: string | undefined;
  /** For connecting, and how long a transfer may stay below `lowSpeedLimit`. */
  readonly timeoutSeconds: number;
  /** Bytes per second. */
  readonly lowSpeedLimit: number;
  /** HTTP/2 may be used; false forces HTTP/1.1. */
  readonly multiplexing: boolean;
  /** Undefined: the program's own. */
  readonly userAgent: string | undefined;
  readonly sslVersion: { readonly min: SslVersion; readonly max: SslVersion } | undefined;
  /** Whether revocation lists are asked; only cargo on Windows heeds it. */
  readonly checkRevoke: boolean | undefined;
}

/** Proxies as URLs or `host:port`; undefined is none. They may hold credentials: never show them. */
export interface ProxySettings {
  readonly http: string | undefined;
  readonly https: string | undefined;
  /** The hosts that are reached directly: names, `.domains`, addresses, networks, or `*`. */
  readonly noProxy: string | undefined;
}

/**
 * Reads `[http]`.
 *
 * The proxy is `http.proxy` (or `CARGO_HTTP_PROXY`), where an empty text means none at all; else the variables that
 * libcurl knows: `http_proxy` for `http:` (not in capitals, which a web server could be made to set), `https_proxy`
 * or `HTTPS_PROXY` for `https:`, then `all_proxy` or `ALL_PROXY`. `no_proxy` or `NO_PROXY` holds for all of them. Git's
 * own `http.proxy`, which cargo asks before those variables, is not looked at.
 *
 * @throws {ConfigError} `cargo/config-value`.
 * @see The Cargo Book, "Configuration", `[http]`; curl's manual, "ENVIRONMENT".
 */
export function httpSettings(config: CargoConfig): HttpSettings {
  const cainfo = pathAt(config, ["http", "cainfo"])?.value;
  return {
    proxy: proxySettings(stringAt(config, ["http", "proxy"]), config.env),
    cainfo,
    proxyCainfo: pathAt(config, ["http", "proxy-cainfo"])?.value ?? cainfo,
    timeoutSeconds: integerAt(config, ["http", "timeout"])?.value ?? generalTimeout(config.env) ?? 30,
    lowSpeedLimit: integerAt(config, ["http", "low-speed-limit"])?.value ?? 10,
    multiplexing: booleanAt(config, ["http", "multiplexing"])?.value ?? true,
    userAgent: stringAt(config, ["http", "user-agent"])?.value,
    sslVersion: sslVersions(config),
    checkRevoke: booleanAt(config, ["http", "check-revoke"])?.value,
  };
}

/** Cargo passes over a `HTTP_TIMEOUT` that is no number. */
function generalTimeout(env: Environment): number | undefined {
  const text = env["HTTP_TIMEOUT"];
  return text !== undefined && /^\+?[0-9]+$/.test(text) ? Number(text) : undefined;
}

function proxySettings(configured: Located<string> | undefined, env: Environment): ProxySettings {
  const noProxy = nonEmpty(env["no_proxy"]) ?? nonEmpty(env["NO_PROXY"]);
  if (configured !== undefined) {
    const proxy = nonEmpty(configured.value);
    return { http: proxy, https: proxy, noProxy };
  }
  const any = nonEmpty(env["all_proxy"]) ?? nonEmpty(env["ALL_PROXY"]);
  return {
    http: nonEmpty(env["http_proxy"]) ?? any,
    https: nonEmpty(env["https_proxy"]) ?? nonEmpty(env["HTTPS_PROXY"]) ?? any,
    noProxy,
  };
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}

const versions: readonly SslVersion[] = ["default", "tlsv1", "tlsv1.0", "tlsv1.1", "tlsv1.2", "tlsv1.3"];

function sslVersions(config: CargoConfig): HttpSettings["sslVersion"] {
  const path = ["http", "ssl-version"];
  const value: ConfigValue | undefined = config.get(path);
  if (value !== undefined && value.kind !== "table") {
    const version = sslVersion(stringAt(config, path));
    // One version is the lowest that may be spoken, as in libcurl.
    return version === undefined ? undefined : { min: version, max: "default" };
  }
  const min = sslVersion(stringAt(config, [...path, "min"]));
  const max = sslVersion(stringAt(config, [...path, "max"]));
  return min === undefined && max === undefined ? undefined : { min: min ?? "default", max: max ?? "default" };
}

function sslVersion(found: Located<string> | undefined): SslVersion | undefined {
  if (found === undefined) return undefined;
  const version = versions.find((known) => known === found.value);
  if (version !== undefined) return version;
  throw wrongValue("http.ssl-version", `one of ${versions.join(", ")}`, {
    found: `\`${found.value}\``,
    where: formatOrigin(found.origin),
  });
}
