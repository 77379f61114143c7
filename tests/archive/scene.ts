import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArchiveError, type UnpackedCrate, type UnpackJob, unpackCrate } from "../../src/archive/index.ts";
import { file, type Member } from "../support/archive-builder.ts";

/** The package of most tests, and a manifest and a library for it. */
export const TOP = "demo-1.0.0";
export const MANIFEST: Member = file(
  `${TOP}/Cargo.toml`,
  '[package]\nname = "demo"\nversion = "1.0.0"\nedition = "2021"\n',
);
export const LIBRARY: Member = file(`${TOP}/src/lib.rs`, "// a library\n", { mtime: 1_500_000_000 });

/** One path of a directory: kind, permission bits and content or target; times for all but directories. */
export interface Listed {
  readonly path: string;
  readonly kind: "file" | "directory" | "symlink" | "other";
  readonly mode: string;
  readonly mtime?: number;
  readonly content?: string;
}

/** A directory with an empty place for the package and neighbours that must stay as they are. */
export interface Scene {
  readonly root: string;
  /** Empty, as `unpackCrate` wants it. */
  readonly into: string;
  unpack(crate: UnpackJob["crate"], more?: Partial<UnpackJob>): Promise<UnpackedCrate>;
  /** Unpacks, and gives the result or the refusal; fails on any other error and when anything outside `into` changed. */
  attempt(crate: UnpackJob["crate"], more?: Partial<UnpackJob>): Promise<UnpackedCrate | ArchiveError>;
  /** The same for what has to be refused. */
  refusal(crate: UnpackJob["crate"], more?: Partial<UnpackJob>): Promise<ArchiveError>;
  remove(): void;
}

/** Makes a {@link Scene}. */
function makeScene(): Scene {
  const root = mkdtempSync(join(tmpdir(), "cargo-hub-archive-"));
  const into = join(root, "src", TOP);
  mkdirSync(into, { recursive: true });
  for (const path of ["secret", "src/secret", "src/sibling-1.0.0/src/lib.rs", "src/sibling-1.0.0/.cargo-ok"]) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), `kept ${path}`);
  }
  chmodSync(into, 0o755);
  const unpack: Scene["unpack"] = (crate, more) =>
    unpackCrate({ crate, topDirectory: TOP, into, umask: 0o022, ...more });
  const attempt: Scene["attempt"] = async (crate, more) => {
    const before = listOutside(root, into);
    const result = await unpack(crate, more).catch((reason: unknown) => reason);
    const after = listOutside(root, into);
    if (after !== before) throw new Error(`something outside changed:\n${before}\n${after}`);
    if (result instanceof ArchiveError || isUnpacked(result)) return result;
    throw new Error("failed with something else than an ArchiveError", { cause: result });
  };
  return {
    root,
    into,
    unpack,
    attempt,
    async refusal(crate, more) {
      const result = await attempt(crate, more);
      if (!(result instanceof ArchiveError)) throw new Error(`was not refused: ${JSON.stringify(result.files)}`);
      return result;
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function isUnpacked(result: unknown): result is UnpackedCrate {
  return typeof result === "object" && result !== null && "files" in result;
}

/** Runs `work` in a scene of its own. */
export async function inScene<T>(work: (scene: Scene) => Promise<T>): Promise<T> {
  const scene = makeScene();
  try {
    return await work(scene);
  } finally {
    scene.remove();
  }
}

/** All paths below a directory, sorted. Links are not followed. */
export function list(directory: string, prefix = ""): Listed[] {
  return readdirSync(join(directory, prefix))
    .sort()
    .flatMap((name): Listed[] => {
      const path = prefix + name;
      const full = join(directory, path);
      const stats = lstatSync(full, { bigint: true });
      const mode = (Number(stats.mode) & 0o7777).toString(8);
      if (stats.isDirectory()) return [{ path, kind: "directory", mode }, ...list(directory, `${path}/`)];
      const mtime = Number(stats.mtimeNs) / 1e9;
      if (stats.isSymbolicLink()) return [{ path, kind: "symlink", mode, mtime, content: readlinkSync(full) }];
      if (!stats.isFile()) return [{ path, kind: "other", mode, mtime }];
      return [{ path, kind: "file", mode, mtime, content: readFileSync(full, "latin1") }];
    });
}

/** Everything in `root` but what `into` holds, with inodes, links and exact times, as comparable text. */
function listOutside(root: string, into: string): string {
  const lines: string[] = [];
  const visit = (path: string): void => {
    const stats = lstatSync(path, { bigint: true });
    const isInto = path === into;
    const rest = isInto ? "" : `${stats.mode} ${stats.mtimeNs} ${stats.nlink} ${stats.size}`;
    const content = stats.isFile() ? readFileSync(path, "latin1") : "";
    lines.push(`${path} ${stats.ino} ${rest} ${content}`);
    if (stats.isDirectory() && !isInto) for (const name of readdirSync(path).sort()) visit(join(path, name));
  };
  visit(root);
  return lines.join("\n");
}
