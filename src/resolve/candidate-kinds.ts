import { parseVersion, type Version } from "../semver/index.ts";
import type { Candidate, Contents, Node } from "./candidate.ts";
import type { IndexVersion } from "./index-package.ts";
import type { Package } from "./package.ts";
import type { PackageSummary } from "./package-summary.ts";
import type { Source } from "./sources.ts";

/** Makes of a line what the resolver needs of it. */
interface LineReader {
  contentsOf(owner: Candidate, line: IndexVersion): Contents;
}

/** A version of a registry's package. */
export class IndexedCandidate implements Candidate {
  readonly name: string;
  readonly version: Version;
  readonly source: Source;
  readonly slot: Candidate["slot"];
  readonly commit = undefined;
  readonly links: string | undefined;
  readonly rustVersion: string | undefined;
  node: Node | undefined = undefined;
  readonly #line: IndexVersion;
  readonly #reader: LineReader;
  #contents: Contents | undefined;

  constructor(home: Package, line: IndexVersion, reader: LineReader) {
    this.name = home.name;
    this.version = line.version;
    this.source = home.source;
    this.slot = home.slot(line.version);
    this.links = line.links;
    this.rustVersion = line.rustVersion;
    this.#line = line;
    this.#reader = reader;
  }

  get versionText(): string {
    return this.#line.versionText;
  }

  contents(): Contents {
    this.#contents ??= this.#reader.contentsOf(this, this.#line);
    return this.#contents;
  }
}

/** A package with a manifest. */
export class LocalCandidate implements Candidate {
  readonly name: string;
  readonly version: Version;
  readonly versionText: string;
  readonly source: Source;
  readonly slot: Candidate["slot"];
  readonly commit: string | undefined;
  readonly links: string | undefined;
  readonly rustVersion: string | undefined;
  node: Node | undefined = undefined;
  readonly #read: (self: Candidate) => Contents;
  #contents: Contents | undefined;

  constructor(home: Package, summary: PackageSummary, read: (self: Candidate) => Contents) {
    this.name = home.name;
    this.version = parseVersion(summary.version);
    this.versionText = summary.version;
    this.source = home.source;
    this.slot = home.slot(this.version);
    this.commit = summary.source.precise;
    this.links = summary.links;
    this.rustVersion = summary.rustVersion;
    this.#read = read;
  }

  contents(): Contents {
    this.#contents ??= this.#read(this);
    return this.#contents;
  }
}
