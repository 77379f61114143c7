import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import * as tls from "node:tls";
import { RegistryError } from "./registry-error.ts";

/** Where the bundle of trusted authorities comes from. */
export interface AuthoritySettings {
  /** `http.cainfo`: a PEM file that replaces every other bundle. */
  readonly cainfo?: string | undefined;
  /** For SSL_CERT_FILE (replaces the system's bundle) and NODE_EXTRA_CA_CERTS (joins it). */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Where distributions keep the bundle that curl and openssl use. */
const SYSTEM_BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
  "/usr/local/share/certs/ca-root-nss.crt",
];

/**
 * Reads the authorities to trust. Takes 20 ms, so it is done once, before the first https connection.
 *
 * Node's own list counts only where the system has none: Node 20 does not read the system's, and a person who removed an
 * authority from the system meant it.
 *
 * @throws {RegistryError} registry/tls-authorities when a file that was named can not be used.
 */
export function loadAuthorities({ cainfo, env }: AuthoritySettings): tls.SecureContext {
  const extraFile = env["NODE_EXTRA_CA_CERTS"];
  const extra = extraFile === undefined || extraFile === "" ? [] : [named(extraFile, "NODE_EXTRA_CA_CERTS")];
  const certFile = env["SSL_CERT_FILE"];
  if (cainfo !== undefined) return contextOf([named(cainfo, "http.cainfo"), ...extra]);
  if (certFile !== undefined && certFile !== "") return contextOf([named(certFile, "SSL_CERT_FILE"), ...extra]);
  const system = systemBundle() ?? systemStore();
  if (system !== undefined) return contextOf([...system, ...extra]);
  return extra.length === 0 ? tls.createSecureContext() : contextOf([...tls.rootCertificates, ...extra]);
}

function contextOf(certificates: readonly string[]): tls.SecureContext {
  return tls.createSecureContext({ ca: [...certificates] });
}

function systemBundle(): string[] | undefined {
  for (const path of SYSTEM_BUNDLES) {
    try {
      const text = readFileSync(path, "latin1");
      if (text.includes("-----BEGIN ")) return [text];
    } catch {
      // Another distribution's place.
      continue;
    }
  }
  return undefined;
}

/** Windows and macOS keep no file; newer Node versions can ask the system. */
function systemStore(): string[] | undefined {
  const list: unknown = Reflect.get(tls, "getCACertificates");
  if (typeof list !== "function") return undefined;
  const found: unknown = list("system");
  if (!Array.isArray(found)) return undefined;
  const certificates = found.filter((item) => typeof item === "string");
  return certificates.length === 0 ? undefined : [...certificates, ...tls.rootCertificates];
}

function named(path: string, setting: string): string {
  let text: string;
  try {
    text = readFileSync(path, "latin1");
    if (!text.includes("-----BEGIN ")) throw new Error("it holds no PEM certificate");
    // A bundle is read as far as it is good, without complaint; so at least its first certificate must be.
    new X509Certificate(text).toString();
  } catch (cause) {
    throw new RegistryError({
      code: "registry/tls-authorities",
      what: `${setting} names a file that can not be used: ${cause instanceof Error ? cause.message : String(cause)}`,
      where: path,
      help: `let ${setting} name a PEM file with the certificates of the authorities to trust`,
      cause,
    });
  }
  return text;
}
