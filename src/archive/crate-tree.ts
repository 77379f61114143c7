import { quote } from "../errors/index.ts";
import { foldName } from "../system/index.ts";

/** What a path in a crate is. A hard link is one more name of a file. */
export type NodeKind = "file" | "directory" | "symlink";

/** What adding a path to a {@link CrateTree} comes to. */
export type Placement =
  | { readonly kind: "new" }
  /** The archive has that very path already, as the same kind of thing: the later one counts. */
  | { readonly kind: "again" }
  /** Another path is the same for a file system that ignores case; both are plain files. */
  | { readonly kind: "collides"; readonly with: string }
  | { readonly kind: "conflict"; readonly reason: string };

interface Node {
  readonly kind: NodeKind;
  readonly path: string;
  /** All spellings, once there are several. */
  spellings: Set<string> | undefined;
}

const NEW: Placement = { kind: "new" };
const AGAIN: Placement = { kind: "again" };

/**
 * The paths of one crate as its entries make them, before anything is created.
 *
 * Decides what file systems decide differently: whether two names are one, and whether a path leads through something
 * that is not a directory. Names that differ only in case may both be files (published packages have `readme.md` beside
 * `README.md`), never anything else: a link could stand for a directory.
 */
export class CrateTree {
  readonly #nodes = new Map<string, Node>();
  readonly #directories = new Set<string>([""]);
  readonly #onDirectory: (path: string) => void;
  #lastParent = "";

  /** @param onDirectory Called once for each directory, parents first. */
  constructor(onDirectory: (path: string) => void) {
    this.#onDirectory = onDirectory;
  }

  /** How many files, directories and links there are. */
  get size(): number {
    return this.#nodes.size;
  }

  /** Adds a file or symlink, and the directories above it. */
  add(path: string, kind: "file" | "symlink"): Placement {
    const slash = path.lastIndexOf("/");
    const parent = slash === -1 ? "" : path.slice(0, slash);
    if (parent !== this.#lastParent) {
      const placement = this.addDirectory(parent);
      if (placement.kind === "conflict") return placement;
      this.#lastParent = parent;
    }
    const folded = foldName(path);
    const node = this.#nodes.get(folded);
    if (node === undefined) {
      this.#nodes.set(folded, { kind, path, spellings: undefined });
      return NEW;
    }
    const isKnown = node.path === path || node.spellings?.has(path) === true;
    if (node.kind !== kind) return conflict(isKnown ? `was a ${node.kind} before` : clash(node));
    if (isKnown) return AGAIN;
    if (kind === "symlink") return conflict(clash(node));
    node.spellings ??= new Set([node.path]);
    node.spellings.add(path);
    return { kind: "collides", with: node.path };
  }

  /** Adds a directory and those above it. `again` if it is there. */
  addDirectory(path: string): Placement {
    if (this.#directories.has(path)) return AGAIN;
    const slash = path.lastIndexOf("/");
    if (slash !== -1) {
      const above = this.addDirectory(path.slice(0, slash));
      if (above.kind === "conflict") return above;
    }
    const folded = foldName(path);
    const node = this.#nodes.get(folded);
    if (node !== undefined && node.kind !== "directory") {
      const isSame = node.path === path || node.spellings?.has(path) === true;
      return conflict(isSame ? `needs a directory where ${quote(path)} is a ${node.kind}` : clash(node));
    }
    if (node === undefined) this.#nodes.set(folded, { kind: "directory", path, spellings: undefined });
    this.#directories.add(path);
    this.#onDirectory(path);
    return NEW;
  }

  /** Whether exactly this path is a file. */
  isFile(path: string): boolean {
    const node = this.#nodes.get(foldName(path));
    return node?.kind === "file" && (node.path === path || node.spellings?.has(path) === true);
  }
}

function conflict(reason: string): Placement {
  return { kind: "conflict", reason };
}

function clash(node: Node): string {
  return `differs only in case from the ${node.kind} ${quote(node.path)}`;
}
