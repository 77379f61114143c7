import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** What cargo made of one crate file. */
export interface CargoUnpacking {
  readonly succeeded: boolean;
  /** The package's directory with what cargo wrote, also when it failed half-way. */
  readonly directory: string;
  readonly stderr: string;
  remove(): void;
}

/**
 * Lets the real cargo unpack a crate file: from a local registry, with a home of its own, offline.
 *
 * `cargo fetch` is enough; nothing is compiled, so the content need not be Rust.
 */
export function unpackWithCargo(crate: Uint8Array, name: string, version: string): CargoUnpacking {
  const root = mkdtempSync(join(tmpdir(), "cargo-hub-archive-"));
  const write = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  const cksum = createHash("sha256").update(crate).digest("hex");
  write(`registry/${name}-${version}.crate`, crate);
  const line = { name, vers: version, deps: [], cksum, features: {}, yanked: false };
  write(`registry/index/${indexDirectory(name)}/${name}`, `${JSON.stringify(line)}\n`);
  const manifest = `[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\n${name} = "=${version}"\n`;
  write("app/Cargo.toml", manifest);
  write("app/src/lib.rs", "");
  const config = `[source.crates-io]\nreplace-with = "local"\n\n[source.local]\nlocal-registry = "../registry"\n`;
  write("app/.cargo/config.toml", config);
  const env: Record<string, string | undefined> = {
    ...process.env,
    CARGO_HOME: join(root, "home"),
    CARGO_NET_OFFLINE: "true",
  };
  const { status, stderr } = spawnSync("cargo", ["fetch"], { cwd: join(root, "app"), env, encoding: "utf8" });
  const sources = join(root, "home/registry/src");
  const ident = existsSync(sources) ? (readdirSync(sources)[0] ?? "") : "";
  return {
    succeeded: status === 0,
    directory: join(sources, ident, `${name}-${version}`),
    stderr,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function indexDirectory(name: string): string {
  if (name.length < 3) return String(name.length);
  return name.length === 3 ? `3/${name.slice(0, 1)}` : `${name.slice(0, 2)}/${name.slice(2, 4)}`;
}
