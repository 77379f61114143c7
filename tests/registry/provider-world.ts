import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type CredentialProvider, type RegistryCredentials, secret } from "../../src/cargo/index.ts";
import { type RegistryOptions } from "../support/loopback-registry.ts";
import type { ClientOptions } from "./open-client.ts";
import { world } from "./worlds.ts";

/** The token of the private registries here. */
export const TOKEN = "marked-0123456789-token";

/** A directory for programs that give tokens. */
export interface ProgramPlace {
  /** Writes a shell script; `$SEEN` is a file where it may leave a note. */
  program(name: string, script: string): string;
  /** What the programs left in `$SEEN`. */
  seen(): string;
}

export function programPlace(): ProgramPlace {
  const root = mkdtempSync(join(tmpdir(), "cargo-hub-provider-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const notes = join(root, "seen");
  return {
    program(name, script) {
      const path = join(root, name);
      writeFileSync(path, `#!/bin/sh\nSEEN=${notes}\n${script}\n`);
      chmodSync(path, 0o755);
      return path;
    },
    seen: () => (existsSync(notes) ? readFileSync(notes, "utf8") : ""),
  };
}

/** A script that speaks the protocol and gives `answer` to the question in `$line`. */
export function speaking(answer: string, before = ""): string {
  return `echo '{"v":[1]}'\nread -r line\n${before}\necho '${answer}'`;
}

/** The answer that holds the token. */
export function withToken(life = '"cache":"session"', token = TOKEN): string {
  return `{"Ok":{"kind":"get","token":"${token}",${life},"operation_independent":true}}`;
}

/** Credentials as the configuration would give them. */
export function credentials(
  providers: readonly CredentialProvider[],
  more: Partial<RegistryCredentials> & { readonly plainToken?: string } = {},
): (index: string) => RegistryCredentials {
  const { plainToken, ...rest } = more;
  return (index) => ({
    index,
    name: "lab",
    token: plainToken === undefined ? undefined : secret(plainToken),
    tokenOrigin: plainToken === undefined ? undefined : "credentials.toml",
    tokenVariable: "CARGO_REGISTRIES_LAB_TOKEN",
    hasSecretKey: false,
    providers,
    isExplicit: true,
    warnings: [],
    ...rest,
  });
}

/** {@link world} with a registry that wants {@link TOKEN} and a client that asks `providers` for it. */
export function privateWorld(
  credentialsOf: (index: string) => RegistryCredentials,
  registry: Partial<RegistryOptions> = {},
  client: ClientOptions = {},
): ReturnType<typeof world> {
  const times = { noticeMs: 60_000, stopMs: 60_000, holdMs: 60_000 };
  const env = { PATH: process.env["PATH"] };
  const options = { token: TOKEN, config: { "auth-required": true }, ...registry };
  return world(options, { credentialsOf, env, providerTimes: times, ...client });
}
