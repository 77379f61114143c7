import { RegistryError, shownUrl } from "./registry-error.ts";

/** A proxy to send through. */
export interface Proxy {
  /** How to speak with the proxy itself. */
  readonly isTls: boolean;
  readonly host: string;
  readonly port: number;
  /** `Basic …`, when the address holds a user name. */
  readonly authorization: string | undefined;
}

/**
 * Reads a proxy's address as cargo does: `[scheme://][user:password@]host[:port]`, `http` and port 1080 unless told.
 *
 * @throws {RegistryError} registry/bad-proxy, also for SOCKS, which is not spoken here.
 */
export function parseProxy(text: string): Proxy {
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  let url: URL;
  try {
    // A scheme without default port, so that an explicit `:80` is told from none.
    url = new URL(full.replace(/^https?:/i, "proxy:"));
  } catch (cause) {
    throw badProxy(text, "it is not an address", cause);
  }
  const scheme = full.slice(0, full.indexOf(":")).toLowerCase();
  if (scheme !== "http" && scheme !== "https")
    throw badProxy(text, `it speaks ${scheme}, and only http and https are spoken here`);
  if (url.hostname === "") throw badProxy(text, "it names no host");
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return {
    isTls: scheme === "https",
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? 1080 : Number(url.port),
    authorization: credentials === ":" ? undefined : `Basic ${Buffer.from(credentials).toString("base64")}`,
  };
}

function badProxy(text: string, reason: string, cause?: unknown): RegistryError {
  return new RegistryError({
    code: "registry/bad-proxy",
    what: `the proxy ${JSON.stringify(shownUrl(text))} can not be used: ${reason}`,
    help: "correct `http.proxy` in Cargo's configuration or the variable HTTPS_PROXY, for example `http://proxy.example:3128`",
    cause,
  });
}
