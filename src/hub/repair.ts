import { isSha256 } from "../cargo/index.ts";
import { HubError } from "../errors/index.ts";
import { crateKey, cratePlaces, gitPackageDirectory } from "../plan/index.ts";
import { openStore, readPack, retireTree, storeRoots } from "../store/index.ts";
import type { Finding } from "./check-crate.ts";
import { checkLock } from "./check-lock.ts";
import { fillHub } from "./fill.ts";
import type { FillOptions } from "./fill-scene.ts";
import { addressOf } from "./git/address.ts";
import { isRightPack } from "./git/repositories.ts";
import { existingHub, inHub, isBelow } from "./locate.ts";
import { placedCrates, placedVendored } from "./placed-crate.ts";
import { type VerifyReport, verifyHub } from "./verify.ts";

/** What `verify --repair` found, mended, and could not mend. */
export interface RepairReport extends VerifyReport {
  /** What was wrong before. */
  readonly repaired: readonly Finding[];
}

/**
 * Verifies, mends what is wrong from the store and then from upstream, and verifies again.
 *
 * Nothing is written in place: damaged files are replaced by renames, damaged trees of the store are set aside and unpacked anew.
 */
export async function repairHub(options: FillOptions): Promise<RepairReport> {
  const found = await verifyHub(options);
  const wrong = [
    ...found.missing,
    ...found.damaged,
    ...found.foreign.filter(({ area }) => area === "source" || area === "store-tree"),
  ];
  if (wrong.length === 0) return { ...found, repaired: [] };
  const distrusted = retireDamaged(options, wrong);
  await mend(options, distrusted);
  const after = await verifyHub(options);
  const still = new Set([...after.missing, ...after.damaged, ...after.foreign].map(({ path }) => path));
  return { ...after, repaired: wrong.filter(({ path }) => !still.has(path)) };
}

/** Fills the hub. What stops it is told: the report that follows says what is still wrong. */
async function mend(options: FillOptions, crates: ReadonlySet<string>): Promise<void> {
  try {
    await fillHub({ ...options, locked: false, distrust: { crates, everythingIsOurs: true } });
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    options.onEvent({
      kind: "warning",
      message: `nothing could be mended: ${error.message} [${error.code}]; ${error.help}`,
    });
  }
}

/** Sets the store's trees of affected crates aside, unless they are known to be right. @returns the keys of the crates that must be put in place anew. */
function retireDamaged(options: FillOptions, wrong: readonly Finding[]): Set<string> {
  const place = existingHub(options);
  const store = openStore(storeRoots(options.env, options.home).store, { umask: process.umask() });
  const { lock } = checkLock(place, []);
  const keys = new Set<string>();
  const ofCrates = wrong.filter(({ area }) => crateAreas.has(area));
  for (const crate of placedCrates(lock)) {
    const { sha256 } = crate;
    if (!isSha256(sha256)) continue;
    const places = cratePlaces(crate);
    const crateFile = inHub(place, places.crate);
    const source = inHub(place, places.source);
    const affected = (path: string): boolean =>
      path === crateFile || path === source || isBelow(path, source) || path.includes(sha256);
    const own = ofCrates.filter(({ path }) => affected(path));
    if (own.length === 0) continue;
    keys.add(crateKey(crate));
    // Where only the hub's sources are wrong, the store's were compared and found right.
    if (own.some(({ area }) => area !== "source" && area !== "checksum-file")) retireTree(store, sha256);
  }
  for (const crate of placedVendored(lock)) {
    const directory = inHub(place, cratePlaces(crate).source);
    if (wrong.some(({ path }) => path === directory || isBelow(path, directory))) keys.add(crateKey(crate));
  }
  for (const crate of lock.packages) {
    const directory = inHub(place, gitPackageDirectory({ ...crate, ...addressOf(crate) }));
    if (wrong.some(({ path }) => path === directory || isBelow(path, directory))) keys.add(crateKey(crate));
  }
  // Looking into a damaged pack moves it aside; the fill that follows puts a right one in its place.
  for (const { commit } of lock.repositories) readPack(store, commit, (path) => isRightPack(path, commit));
  return keys;
}

const crateAreas: ReadonlySet<Finding["area"]> = new Set([
  "crate",
  "source",
  "checksum-file",
  "store-crate",
  "store-tree",
]);
