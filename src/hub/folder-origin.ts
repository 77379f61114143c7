import { parseIndexCache, parseRegistryConfig, type Sha256 } from "../cargo/index.ts";
import { HubError } from "../errors/index.ts";
import type { WantedCrate } from "../plan/index.ts";
import { readBytesIfThere, readText, sha256Hex } from "./files.ts";
import type { FolderIndex, FolderLayout } from "./folder-layout.ts";
import { HubRoomError } from "./hub-room-error.ts";
import type { Origin } from "./origins.ts";
import { type FindUnpacked, openVendorFolder } from "./vendored/vendor-folder.ts";

/** How far a folder is trusted to be what it looks like; its bytes are checked in any case. */
export interface FolderTrust {
  /** What somebody named must be right: a wrong file is an error. In a cache it is passed over. */
  readonly strict: boolean;
  readonly lines: Origin["lines"];
  /** Checksums of all wanted crates: a file with one of them is another registry's, not a wrong one. */
  readonly wanted: ReadonlySet<string>;
  /** Directory name of the mirror through which cargo reads the registry; its own when there is none. */
  readonly mirror: string;
}

/** An origin that reads files of a folder. Sends nothing, writes nothing. */
export function openFolder(layout: FolderLayout, { strict, lines, wanted, mirror }: FolderTrust): Origin {
  return {
    place: layout.path,
    kind: layout.kind,
    strict,
    lines,
    unpacked: openUnpacked(layout, wanted),
    async configText({ ident }) {
      return layout
        .configFiles({ ident, mirror })
        .map(configAt)
        .find((text) => text !== undefined);
    },
    async indexBody(crate) {
      const bodies = layout.indexFiles(crate).flatMap((file) => linesAt(file) ?? []);
      // Of two lines for one version the last counts: the likeliest file's must stand behind the others'.
      return bodies.length === 0 ? undefined : bodies.toReversed().join("\n");
    },
    async crateBytes(crate) {
      for (const path of layout.crateFiles(crate)) {
        const bytes = readBytesIfThere(path);
        if (bytes === undefined) continue;
        const actual = sha256Hex(bytes);
        if (actual === crate.checksum) return { bytes, from: "folder", place: layout.path };
        if (strict && !wanted.has(actual)) throw otherBytes(crate, path, actual);
      }
      return undefined;
    },
  };
}

/** A registry's packages are listed once. */
function openUnpacked(layout: FolderLayout, wanted: ReadonlySet<string>): FindUnpacked {
  const folders = new Map<string, FindUnpacked>();
  return (crate) => {
    const root = layout.unpacked(crate.ident);
    if (root === undefined) return undefined;
    const find = folders.get(root) ?? openVendorFolder(root, wanted);
    folders.set(root, find);
    return find(crate);
  };
}

function configAt(path: string): string | undefined {
  const text = readText(path);
  return text !== undefined && isReadable(() => parseRegistryConfig(text, path)) ? text : undefined;
}

function linesAt({ path, form }: FolderIndex): string | undefined {
  if (form === "raw") return readText(path);
  const bytes = readBytesIfThere(path);
  if (bytes === undefined) return undefined;
  let text: string | undefined;
  isReadable(() => {
    text = parseIndexCache(bytes, path)
      .lines.map(({ line }) => `${line}\n`)
      .join("");
  });
  return text;
}

/** What can not be read is as good as not there, as cargo sees it. */
function isReadable(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof HubError) return false;
    throw error;
  }
}

function otherBytes({ name, version, checksum, wantedBy }: WantedCrate, path: string, actual: Sha256): HubRoomError {
  return new HubRoomError({
    code: "hub/folder-damaged",
    what: `the crate file of ${name} ${version} hashes to ${actual}, but ${wantedBy} says ${checksum}`,
    where: path,
    help: "take the file away or get it anew from where it came; nothing was taken from it",
  });
}
