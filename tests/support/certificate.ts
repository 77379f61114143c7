import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A server's key and certificate, and the authority that signed it; all PEM text. */
export interface TlsMaterial {
  readonly key: string;
  readonly certificate: string;
  /** The authority's certificate: what a client must trust. */
  readonly authority: string;
}

/**
 * Makes a fresh authority and a certificate for `hosts` (names or IP addresses) with the machine's openssl.
 *
 * Takes about 50 ms; a test file makes one and shares it.
 */
export function makeCertificate(hosts: readonly string[] = ["localhost", "127.0.0.1"]): TlsMaterial {
  const directory = mkdtempSync(join(tmpdir(), "cargo-hub-tls-"));
  const at = (name: string): string => join(directory, name);
  const openssl = (...args: string[]): void => {
    execFileSync("openssl", args, { cwd: directory, stdio: "pipe" });
  };
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  try {
    openssl(
      "req",
      "-x509",
      ...newKey,
      "-keyout",
      "ca.key",
      "-out",
      "ca.pem",
      "-days",
      "2",
      "-subj",
      "/CN=test authority",
    );
    openssl("req", ...newKey, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=test server");
    const names = hosts.map((host) => `${/^[\d.]+$|:/.test(host) ? "IP" : "DNS"}:${host}`);
    writeFileSync(at("extensions"), `subjectAltName=${names.join(",")}\nbasicConstraints=CA:FALSE\n`);
    const authority = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"];
    openssl(
      "x509",
      "-req",
      "-in",
      "server.csr",
      ...authority,
      "-out",
      "server.pem",
      "-days",
      "2",
      "-extfile",
      "extensions",
    );
    const read = (name: string): string => readFileSync(at(name), "utf8");
    return { key: read("server.key"), certificate: read("server.pem"), authority: read("ca.pem") };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
