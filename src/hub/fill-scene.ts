import type { CargoConfig } from "../cargo/index.ts";
import type { HubLock, HubToml } from "../formats/index.ts";
import type { HubSource, PlacedSource, WantedCrate, WantedGitPackage } from "../plan/index.ts";
import type { LinkMode } from "../store/index.ts";
import type { OnEvent } from "./events.ts";
import type { LoadedLockfile, PreviousLock } from "./load.ts";
import type { LocalCrate } from "./local/local-crates.ts";
import type { HubPlace, Standpoint } from "./locate.ts";
import type { Environment } from "./sources.ts";
import type { StdWish } from "./std-lock.ts";

/** How `fill` is to work. */
export interface FillOptions extends Standpoint {
  readonly env: Environment;
  /** The user's home directory. */
  readonly home: string;
  /** Keep Cargo.lock and hub.lock as they are, or fail. */
  readonly locked: boolean;
  readonly offline: boolean;
  readonly jobs: number | undefined;
  readonly link: LinkMode;
  /** Fill a directory that is in use as CARGO_HOME. */
  readonly adopt: boolean;
  /** Ask the registry for all index lines again. */
  readonly refresh: boolean;
  /** `.crate` files and packages' directories to hold from now on, relative to the current directory. */
  readonly with: readonly string[];
  /** Hold what the standard library's lockfile asks for, from now on, and take that lockfile from here. */
  readonly std: StdWish | undefined;
  /** Folders to take crates from before anything is asked over the network, relative to the current directory. */
  readonly from: readonly string[];
  /** Sent with every request. */
  readonly userAgent: string;
  readonly onEvent: OnEvent;
  /** Set by a repair. */
  readonly distrust?: Distrust;
}

/** What a repair knows to be wrong, so that a fill does not take it for right because it is there. */
export interface Distrust {
  /** Keys of the crates that must be put in place anew. */
  readonly crates: ReadonlySet<string>;
  /** Whatever stands at the hub's places may be replaced: hub.lock, which would say so, is itself in doubt. */
  readonly everythingIsOurs: boolean;
}

/** What a fill works on, loaded. */
export interface FillScene {
  readonly place: HubPlace;
  readonly hubToml: HubToml;
  /** The text that hub.toml is to get; undefined when it stays as it is. */
  readonly newHubToml: string | undefined;
  /** The text that hub.std.lock is to get; undefined when it stays as it is. */
  readonly newStdLock: string | undefined;
  /** What `with` gives. All of it is among `wanted` too. */
  readonly local: readonly LocalCrate[];
  readonly lockfiles: readonly LoadedLockfile[];
  readonly previous: PreviousLock;
  /** hub.lock as the last fill on this disk left it, which a checkout may have replaced; undefined when that is not known. */
  readonly held: HubLock | undefined;
  /** Crates of registries. */
  readonly wanted: readonly WantedCrate[];
  /** Packages of git repositories. */
  readonly wantedGit: readonly WantedGitPackage[];
  readonly config: CargoConfig;
  /** The sources of all of them. */
  readonly placed: readonly PlacedSource[];
  readonly sources: readonly HubSource[];
}
