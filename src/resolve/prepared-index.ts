import { type IndexDependency, isSha256 } from "../cargo/index.ts";
import {
  compareTriples,
  formatVersion,
  matchesRequirement,
  parseRequirement,
  parseVersion,
  type Requirement,
  requirementRange,
  type Version,
  type VersionTriple,
} from "../semver/index.ts";
import type { IndexContents, IndexPackage, IndexState, IndexVersion } from "./index-package.ts";
import { damaged } from "./resolve-error.ts";

/** Reads a part of a package's bodies, by bytes, as UTF-8. */
export type ReadBody = (from: number, end: number) => string;

/** What is kept of one prepared package. */
export interface KeptPackage {
  readonly head: string;
  readonly readBody: ReadBody;
  /** Where it is kept, for error messages. */
  readonly at: string;
}

/** Opens packages that `prepareIndexFile` made; equal requirements in them are parsed once. */
export type OpenPrepared = (kept: KeptPackage) => IndexPackage;

/**
 * Opens prepared packages. Of each the head is read at once, of the bodies only those that the resolver asks for.
 *
 * @throws {ResolveError} `resolve/prepared-index-damaged`, from the opener and later from what it returns.
 */
export function preparedIndexOpener(): OpenPrepared {
  const requirements = new Map<string, Requirement>();
  const requirement = (text: string): Requirement => {
    let known = requirements.get(text);
    if (known === undefined) {
      known = parseRequirement(text);
      requirements.set(text, known);
    }
    return known;
  };
  return ({ head, readBody, at }) => {
    const fields = parsed(head, at);
    if (!isHead(fields)) throw damaged("the head has another shape", at);
    return new PreparedIndex(fields, (from, end) => contentsFrom(parsed(readBody(from, end), at), requirement, at));
  };
}

/** The head as docs/formats/prepared-index.md has it. */
interface Head {
  readonly v: 1;
  readonly n: readonly number[];
  readonly odd?: Readonly<Record<string, string>>;
  readonly s: string;
  readonly b: readonly number[];
  readonly rust?: Groups;
  readonly links?: Groups;
  readonly t?: string;
}

type Groups = readonly (string | readonly number[])[];

const STATES: Readonly<Record<string, IndexState>> = {
  o: "offered",
  y: "yanked",
  i: "invalid",
  u: "unsupported-schema",
};
const TIME_DIGITS = 7;

class PreparedIndex implements IndexPackage {
  readonly #head: Head;
  readonly #read: (from: number, end: number) => IndexContents;
  readonly #made: (IndexVersion | undefined)[] = [];
  readonly #count: number;
  #starts: readonly number[] | undefined;
  #rust: ReadonlyMap<number, string> | undefined;
  #links: ReadonlyMap<number, string> | undefined;

  constructor(head: Head, read: (from: number, end: number) => IndexContents) {
    this.#head = head;
    this.#read = read;
    this.#count = head.s.length;
  }

  get versions(): readonly IndexVersion[] {
    return Array.from({ length: this.#count }, (_, position) => this.#version(position));
  }

  matching(requirement: Requirement): readonly IndexVersion[] {
    const range = requirementRange(requirement);
    const found: IndexVersion[] = [];
    const first = range?.end === undefined ? 0 : this.#firstBelow(range.end);
    const end = range === undefined ? this.#count : this.#firstBelow(range.from);
    for (let position = first; position < end; position += 1) {
      const version = this.#version(position);
      const isFound =
        range === undefined ? matchesRequirement(requirement, version.version) : version.version.pre === "";
      if (isFound) found.push(version);
    }
    return found;
  }

  /** The first position whose numbers are below `bound`; a number above 2^53-1 counts as 2^53, which no bound exceeds. */
  #firstBelow(bound: VersionTriple): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareTriples(this.#triple(middle), bound) < 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #triple(position: number): VersionTriple {
    const { n } = this.#head;
    const at = position * 3;
    return { major: n[at] ?? 0, minor: n[at + 1] ?? 0, patch: n[at + 2] ?? 0 };
  }

  #version(position: number): IndexVersion {
    const known = this.#made[position];
    if (known !== undefined) return known;
    const odd = this.#head.odd?.[position];
    const made = new PreparedVersion(position, odd === undefined ? this.#plain(position) : parseVersion(odd), this);
    this.#made[position] = made;
    return made;
  }

  #plain(position: number): Version {
    const { n } = this.#head;
    const at = position * 3;
    return { major: n[at] ?? 0, minor: n[at + 1] ?? 0, patch: n[at + 2] ?? 0, pre: "", build: "" };
  }

  state(position: number): IndexState {
    return STATES[this.#head.s[position] ?? ""] ?? "invalid";
  }

  rustVersion(position: number): string | undefined {
    if (this.#head.rust === undefined) return undefined;
    this.#rust ??= byPosition(this.#head.rust);
    return this.#rust.get(position);
  }

  links(position: number): string | undefined {
    if (this.#head.links === undefined) return undefined;
    this.#links ??= byPosition(this.#head.links);
    return this.#links.get(position);
  }

  time(position: number): string | undefined {
    const text = this.#head.t?.slice(position * TIME_DIGITS, (position + 1) * TIME_DIGITS).trim() ?? "";
    return text === "" ? undefined : `${new Date(Number.parseInt(text, 36) * 1000).toISOString().slice(0, -5)}Z`;
  }

  contents(position: number): IndexContents {
    const { b } = this.#head;
    this.#starts ??= startsOf(b);
    const from = this.#starts[position] ?? 0;
    return this.#read(from, from + (b[position] ?? 0));
  }
}

/** Holds only what every candidate is asked for; the head has the rest. */
class PreparedVersion implements IndexVersion {
  readonly position: number;
  readonly version: Version;
  readonly #source: PreparedIndex;

  constructor(position: number, version: Version, source: PreparedIndex) {
    this.position = position;
    this.version = version;
    this.#source = source;
  }

  get versionText(): string {
    return formatVersion(this.version);
  }

  get state(): IndexState {
    return this.#source.state(this.position);
  }

  get links(): string | undefined {
    return this.#source.links(this.position);
  }

  get rustVersion(): string | undefined {
    return this.#source.rustVersion(this.position);
  }

  get publishedAt(): string | undefined {
    return this.#source.time(this.position);
  }

  contents(): IndexContents {
    return this.#source.contents(this.position);
  }
}

/** Where each body begins. */
function startsOf(lengths: readonly number[]): readonly number[] {
  const starts: number[] = [];
  let at = 0;
  for (const length of lengths) {
    starts.push(at);
    at += length;
  }
  return starts;
}

function byPosition(groups: Groups): ReadonlyMap<number, string> {
  const values = new Map<number, string>();
  for (let at = 0; at + 1 < groups.length; at += 2) {
    const value = groups[at];
    const positions = groups[at + 1];
    if (typeof value !== "string" || typeof positions !== "object") continue;
    for (const position of positions) values.set(position, value);
  }
  return values;
}

function parsed(text: string, at: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw damaged("it is not JSON", at);
  }
}

function isHead(fields: unknown): fields is Head {
  if (typeof fields !== "object" || fields === null) return false;
  if (!("v" in fields && "n" in fields && "s" in fields && "b" in fields) || fields.v !== 1) return false;
  const { n, s, b } = fields;
  return (
    typeof s === "string" && Array.isArray(n) && Array.isArray(b) && n.length === 3 * s.length && b.length === s.length
  );
}

function contentsFrom(body: unknown, requirement: (text: string) => Requirement, at: string): IndexContents {
  if (!Array.isArray(body)) throw damaged("a body is not an array", at);
  const [checksum, dependencies, features]: unknown[] = body;
  if (!isSha256(checksum) || !Array.isArray(dependencies) || typeof features !== "object" || features === null) {
    throw damaged("a body has another shape", at);
  }
  return {
    checksum,
    dependencies: dependencies.map((fields: unknown) => dependencyFrom(fields, requirement, at)),
    features: new Map(Object.entries(features)),
  };
}

function dependencyFrom(fields: unknown, requirement: (text: string) => Requirement, at: string): IndexDependency {
  if (!Array.isArray(fields)) throw damaged("a dependency is not an array", at);
  const [name, requirementText, flags = 0, features = [], target, packageName, registry]: unknown[] = fields;
  if (
    typeof name !== "string" ||
    typeof requirementText !== "string" ||
    typeof flags !== "number" ||
    !Array.isArray(features)
  ) {
    throw damaged("a dependency has another shape", at);
  }
  return {
    name,
    packageName: typeof packageName === "string" ? packageName : name,
    requirement: requirement(requirementText),
    requirementText,
    features,
    optional: (flags & 1) !== 0,
    defaultFeatures: (flags & 2) === 0,
    target: typeof target === "string" ? target : undefined,
    kind: (flags & 4) === 0 ? "normal" : "build",
    registry: typeof registry === "string" ? registry : undefined,
  };
}
