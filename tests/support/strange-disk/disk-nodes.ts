import type { DiskFacts } from "./disk-facts.ts";

/** Error numbers of Linux that the disk answers with. */
export const errno = {
  EPERM: 1,
  ENOENT: 2,
  EACCES: 13,
  EEXIST: 17,
  ENOTDIR: 20,
  EINVAL: 22,
  EMLINK: 31,
  ENOSYS: 38,
  ENOTEMPTY: 39,
} as const;

/** An error for the kernel. */
export class DiskError extends Error {
  readonly number: number;
  constructor(name: keyof typeof errno) {
    super(name);
    this.number = errno[name];
  }
}

/** A file, link or directory in memory. */
export interface DiskNode {
  readonly id: number;
  /** Type and permission bits. */
  mode: number;
  mtimeNs: bigint;
  links: number;
  /** How often a file is open. */
  opened: number;
  /** A file's bytes or a link's target. */
  content: Buffer;
  /** Folded name → name and node; empty but for directories. */
  readonly entries: Map<string, { readonly name: string; readonly node: DiskNode }>;
}

export const FILE = 0o100000;
export const DIRECTORY = 0o040000;
const LINK = 0o120000;
const TYPE = 0o170000;

function isDirectory(node: DiskNode): boolean {
  return (node.mode & TYPE) === DIRECTORY;
}

/** The nodes of one disk, kept in memory, by the rules of its facts. */
export class DiskNodes {
  readonly root: DiskNode;
  readonly #facts: DiskFacts;
  readonly #nodes = new Map<number, DiskNode>();

  constructor(facts: DiskFacts) {
    this.#facts = facts;
    this.root = this.make(DIRECTORY | 0o755);
  }

  get(id: number): DiskNode {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new DiskError("ENOENT");
    return node;
  }

  /** Ids begin with 1, which is the kernel's name for the root. */
  make(mode: number, content: Buffer = Buffer.alloc(0)): DiskNode {
    const id = this.#nodes.size + 1;
    const node = { id, mode: 0, mtimeNs: 0n, links: 1, opened: 0, content, entries: new Map() };
    node.mode = this.#facts.modes === "kept" ? mode : (mode & TYPE) | 0o755;
    this.#nodes.set(id, node);
    this.touch(node);
    return node;
  }

  find(parent: DiskNode, name: string): DiskNode {
    const found = parent.entries.get(this.#fold(name));
    if (found === undefined) throw new DiskError("ENOENT");
    return found.node;
  }

  add(parent: DiskNode, name: string, node: DiskNode): DiskNode {
    if (!isDirectory(parent)) throw new DiskError("ENOTDIR");
    if (parent.entries.has(this.#fold(name))) throw new DiskError("EEXIST");
    parent.entries.set(this.#fold(name), { name: this.#shown(name), node });
    this.touch(parent);
    return node;
  }

  symlink(parent: DiskNode, name: string, target: string): DiskNode {
    if (!this.#facts.hasSymlinks) throw new DiskError("EPERM");
    return this.add(parent, name, this.make(LINK | 0o777, Buffer.from(target)));
  }

  link(node: DiskNode, parent: DiskNode, name: string): DiskNode {
    if (this.#facts.mostLinks < 2) throw new DiskError("EPERM");
    if (node.links >= this.#facts.mostLinks) throw new DiskError("EMLINK");
    this.add(parent, name, node);
    node.links += 1;
    return node;
  }

  remove(parent: DiskNode, name: string): void {
    const node = this.find(parent, name);
    if (node.entries.size > 0) throw new DiskError("ENOTEMPTY");
    this.#refuseOpen(node);
    parent.entries.delete(this.#fold(name));
    node.links -= 1;
    this.touch(parent);
  }

  /** Puts what has a name at another one; what stands there goes, unless it is a directory that holds something. */
  rename(from: { parent: DiskNode; name: string }, to: { parent: DiskNode; name: string }): void {
    const node = this.find(from.parent, from.name);
    this.#refuseOpen(node);
    const there = to.parent.entries.get(this.#fold(to.name))?.node;
    if (there !== undefined && there !== node) {
      if (isDirectory(there) && this.#facts.holdsOpenFiles) throw new DiskError("EACCES");
      this.remove(to.parent, to.name);
    }
    from.parent.entries.delete(this.#fold(from.name));
    to.parent.entries.set(this.#fold(to.name), { name: this.#shown(to.name), node });
    this.touch(from.parent);
    this.touch(to.parent);
  }

  chmod(node: DiskNode, mode: number): void {
    if (this.#facts.modes === "refused") throw new DiskError("EPERM");
    if (this.#facts.modes === "kept") node.mode = (node.mode & TYPE) | (mode & 0o7777);
  }

  setTime(node: DiskNode, timeNs: bigint): void {
    const step = BigInt(this.#facts.timeStepMs) * 1_000_000n;
    node.mtimeNs = step === 0n ? timeNs : timeNs - (timeNs % step);
  }

  touch(node: DiskNode): void {
    this.setTime(node, BigInt(Date.now()) * 1_000_000n);
  }

  /** On such a disk a directory is held by whatever is open below it. */
  #refuseOpen(node: DiskNode): void {
    if (!this.#facts.holdsOpenFiles) return;
    if (node.opened > 0) throw new DiskError("EACCES");
    for (const entry of node.entries.values()) this.#refuseOpen(entry.node);
  }

  #shown(name: string): string {
    return this.#facts.lowersNames ? name.toLowerCase() : name;
  }

  #fold(name: string): string {
    return this.#facts.ignoresCase ? name.toLowerCase() : name;
  }
}
