import { createHash } from "node:crypto";
import { type BuiltCrate, buildCrate, type CrateSpec } from "./crate-builder.ts";

/** What a registry holds, by URL path; no sockets. */
export class RegistryContent {
  readonly #versions = new Map<string, Map<string, { built: BuiltCrate; line: string }>>();
  readonly #crates = new Map<string, Uint8Array>();
  readonly #dl: string;
  readonly #origin: string;

  /** `dl` is the template of config.json; `{origin}` in it stands for the server's own address. */
  constructor(origin: string, dl: string) {
    this.#origin = origin;
    this.#dl = dl.replaceAll("{origin}", origin);
  }

  /** Text of config.json. */
  config(extra: Readonly<Record<string, unknown>>): string {
    return JSON.stringify({ dl: this.#dl, ...extra });
  }

  add(crate: CrateSpec | BuiltCrate): BuiltCrate {
    const built = "crate" in crate ? crate : buildCrate(crate);
    const key = built.name.toLowerCase();
    const versions = this.#versions.get(key) ?? new Map<string, { built: BuiltCrate; line: string }>();
    versions.set(built.version, { built, line: built.line });
    this.#versions.set(key, versions);
    this.#crates.set(this.#downloadPath(built), built.crate);
    return built;
  }

  built(name: string, version: string): BuiltCrate {
    return this.#entry(name, version).built;
  }

  remove(name: string): void {
    for (const { built } of this.#versions.get(name.toLowerCase())?.values() ?? []) {
      this.#crates.delete(this.#downloadPath(built));
    }
    this.#versions.delete(name.toLowerCase());
  }

  /** Replaces one line; `edit` gets the present one. */
  editLine(name: string, version: string, edit: (line: string) => string): void {
    const entry = this.#entry(name, version);
    entry.line = edit(entry.line);
  }

  indexFile(path: string): Uint8Array | undefined {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const versions = this.#versions.get(name);
    if (versions === undefined || indexPath(name) !== path) return undefined;
    return Buffer.from([...versions.values()].map(({ line }) => `${line}\n`).join(""));
  }

  crateFile(path: string): Uint8Array | undefined {
    return this.#crates.get(path);
  }

  #entry(name: string, version: string): { built: BuiltCrate; line: string } {
    const entry = this.#versions.get(name.toLowerCase())?.get(version);
    if (entry === undefined) throw new Error(`the loopback registry has no ${name} ${version}`);
    return entry;
  }

  #downloadPath(built: BuiltCrate): string {
    const lower = built.name.toLowerCase();
    const markers: Record<string, string> = {
      "{crate}": built.name,
      "{version}": built.version,
      "{prefix}": prefix(built.name),
      "{lowerprefix}": prefix(lower),
      "{sha256-checksum}": built.checksum,
    };
    const has = Object.keys(markers).some((marker) => this.#dl.includes(marker));
    let url = has ? this.#dl : `${this.#dl}/{crate}/{version}/download`;
    for (const [marker, value] of Object.entries(markers)) url = url.replaceAll(marker, value);
    return new URL(url, this.#origin).pathname;
  }
}

/** A strong entity tag of the content. */
export function entityTag(bytes: Uint8Array): string {
  return `"${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}"`;
}

function prefix(name: string): string {
  if (name.length < 3) return String(name.length);
  return name.length === 3 ? `3/${name[0] ?? ""}` : `${name.slice(0, 2)}/${name.slice(2, 4)}`;
}

function indexPath(lowerName: string): string {
  return `${prefix(lowerName)}/${lowerName}`;
}
