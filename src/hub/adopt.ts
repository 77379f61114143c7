import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { compareCrate } from "../archive/index.ts";
import { emptyHubLock } from "../formats/index.ts";
import { crateDirectory, packageDirectory, sourceDirectory } from "../plan/index.ts";
import { makeDirectory, sha256Hex } from "./files.ts";
import type { FillScene } from "./fill-scene.ts";
import { foreignContent, type Move, sourceMarks } from "./install.ts";
import { inHub } from "./locate.ts";
import { type ForeignPackage, foreignPackages } from "./observe.ts";

/**
 * Prepares the marks for packages that lie among the hub's and are not the hub's.
 *
 * One directory without a `.cargo-checksum.json` makes Cargo refuse the whole directory source. Packages that cargo itself unpacked there are
 * checked against the `.crate` file beside them and get the mark; anything else is refused.
 *
 * @throws {HubRoomError} hub/foreign-content.
 */
export async function adoptForeign(
  scene: FillScene,
  work: { readonly staging: string; readonly umask: number },
): Promise<Move[]> {
  const { place, wanted, previous, held } = scene;
  const moves: Move[] = [];
  const idents = new Set(wanted.map(({ ident }) => ident));
  for (const ident of idents) {
    const known = new Set(wanted.filter((crate) => crate.ident === ident).map((crate) => packageDirectory(crate)));
    for (const lock of [previous.kind === "read" ? previous.lock : emptyHubLock, held ?? emptyHubLock])
      for (const crate of [...lock.crates, ...lock.vendored]) known.add(packageDirectory(crate));
    for (const found of foreignPackages(place, ident, known)) {
      if (!found.complete) moves.push(...(await adoptPackage(scene, found, work)));
    }
  }
  return moves;
}

async function adoptPackage(
  { place }: FillScene,
  { ident, directory }: ForeignPackage,
  { staging, umask }: { readonly staging: string; readonly umask: number },
): Promise<Move[]> {
  const path = inHub(place, `${sourceDirectory(ident)}/${directory}`);
  const crate = inHub(place, `${crateDirectory(ident)}/${directory}.crate`);
  if (!existsSync(crate)) {
    throw foreignContent(
      path,
      `no lockfile asks for this package, and there is no ${basename(crate)} to check it against, so Cargo would refuse the whole hub`,
    );
  }
  const bytes = readFileSync(crate);
  const sha256 = sha256Hex(bytes);
  const compared = await compareCrate({ crate: bytes, topDirectory: directory, directories: [path], umask });
  const difference = compared.differences[0];
  if (difference !== undefined)
    throw foreignContent(
      join(path, difference.path),
      `it differs from the file in ${basename(crate)}: ${difference.reason}`,
    );
  makeDirectory(staging);
  return sourceMarks(compared.files, sha256).flatMap(([name, text]) => {
    const target = join(path, name);
    if (existsSync(target)) return [];
    const staged = join(staging, `${directory}-${ident}${name}`);
    writeFileSync(staged, text);
    return [{ from: staged, to: target }];
  });
}
