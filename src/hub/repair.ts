import { isSha256, parseSourceId, registryIdent } from "../cargo/index.ts";
import { crateKey, cratePlaces } from "../plan/index.ts";
import { openStore, retireTree, storeRoots } from "../store/index.ts";
import type { Finding } from "./check-crate.ts";
import { checkLock } from "./check-lock.ts";
import { fillHub } from "./fill.ts";
import type { FillOptions } from "./fill-scene.ts";
import { existingHub, inHub } from "./locate.ts";
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
  await fillHub({ ...options, locked: false, distrust: { crates: distrusted, everythingIsOurs: true } });
  const after = await verifyHub(options);
  const still = new Set([...after.missing, ...after.damaged, ...after.foreign].map(({ path }) => path));
  return { ...after, repaired: wrong.filter(({ path }) => !still.has(path)) };
}

/** Sets the store's trees of affected crates aside. @returns the keys of the crates that must be put in place anew. */
function retireDamaged(options: FillOptions, wrong: readonly Finding[]): Set<string> {
  const place = existingHub(options);
  const store = openStore(storeRoots(options.env, options.home).store, { umask: process.umask() });
  const { crates } = checkLock(place, []);
  const keys = new Set<string>();
  const paths = wrong.filter(({ area }) => crateAreas.has(area)).map(({ path }) => path);
  for (const crate of crates) {
    const { sha256 } = crate;
    if (!isSha256(sha256)) continue;
    const places = cratePlaces({ ...crate, ident: registryIdent(parseSourceId(crate.source, "hub.lock")) });
    const crateFile = inHub(place, places.crate);
    const source = inHub(place, places.source);
    const affected = (path: string): boolean =>
      path === crateFile || path === source || path.startsWith(`${source}/`) || path.includes(sha256);
    if (!paths.some(affected)) continue;
    keys.add(crateKey(crate));
    retireTree(store, sha256);
  }
  return keys;
}

const crateAreas: ReadonlySet<Finding["area"]> = new Set([
  "crate",
  "source",
  "checksum-file",
  "store-crate",
  "store-tree",
]);
