/** A dependency in a random world. */
export interface DependencySpec {
  /** The name in Cargo.toml. */
  readonly key: string;
  /** The package's own name. */
  readonly name: string;
  readonly requirement: string | undefined;
  /** A directory below the world, for a path dependency. */
  readonly path?: string;
  readonly kind: "normal" | "dev" | "build";
  readonly target: string | undefined;
  readonly optional: boolean;
  readonly defaultFeatures: boolean;
  readonly features: readonly string[];
}

/** A version of a package in a random world. */
export interface PackageSpec {
  readonly name: string;
  readonly version: string;
  readonly dependencies: readonly DependencySpec[];
  readonly features: Readonly<Record<string, readonly string[]>>;
  readonly links: string | undefined;
  readonly rustVersion: string | undefined;
}

/** A line of the random registry. */
export interface PublishedSpec extends PackageSpec {
  readonly yanked: boolean;
  /** In what way the line is unusable for cargo. */
  readonly fault: "no-such-feature" | "bad-requirement" | "newer-schema" | "not-json" | undefined;
  /** Published after the first lockfile was made. */
  readonly isLater: boolean;
}

/** A package with a manifest: a member of the workspace, a path dependency or a patch. */
export interface LocalSpec extends PackageSpec {
  readonly directory: string;
  readonly edition: "2018" | "2021" | "2024";
}

/** Everything that one seed gives. */
export interface WorldSpec {
  readonly seed: number;
  readonly published: readonly PublishedSpec[];
  /** In cargo's order; one of them is the root, or the root is virtual. */
  readonly members: readonly LocalSpec[];
  /** Packages outside the workspace: path dependencies and patches. */
  readonly others: readonly LocalSpec[];
  readonly patches: readonly LocalSpec[];
  readonly resolver: "1" | "2" | "3" | undefined;
  /** Directory of the package whose manifest is the root; `undefined` for a virtual one. */
  readonly root: string | undefined;
  /** Directories in `workspace.members`; `undefined` for a package alone. */
  readonly workspace: readonly string[] | undefined;
  /** A dependency that is added to the first member before the lockfile is updated. */
  readonly added: DependencySpec | undefined;
  /** What else changes before the lockfile is updated. */
  readonly later: Partial<Pick<WorldSpec, "members" | "others" | "patches">>;
}

/** When a world is looked at: before the first lockfile, or when it is updated. */
export type Moment = "first" | "later";

/** The world as it is at a moment; lines that are published later are in both. */
export function worldAt(world: WorldSpec, moment: Moment): WorldSpec {
  return moment === "first" ? world : { ...world, ...world.later };
}
