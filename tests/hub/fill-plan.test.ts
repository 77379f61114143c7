import { expect, test } from "vitest";
import { isSha256, parseSourceId, registryIdent, type Sha256 } from "../../src/cargo/index.ts";
import { emptyHubLock, type HubCrate } from "../../src/formats/index.ts";
import { type FillPlan, planFill } from "../../src/hub/fill-plan.ts";
import type { WantedCrate } from "../../src/plan/index.ts";
import { sha256 } from "../plan/sample.ts";

function held(name: string, source: string): HubCrate {
  const record = { size: 1, kind: "full", line: "", runs: [], license: "" } as const;
  return { source, name, version: "1.0.0", sha256: sha256(name), ...record };
}

function digest(text: string): Sha256 {
  const found = sha256(text);
  if (!isSha256(found)) throw new TypeError(`${found} is no digest`);
  return found;
}

function wanted(name: string, source: string): WantedCrate {
  const sourceId = parseSourceId(source, "Cargo.lock");
  const place = { source, sourceId, ident: registryIdent(sourceId) };
  return { ...place, name, version: "1.0.0", checksum: digest(name), wantedBy: "Cargo.lock" };
}

function plan(crates: readonly HubCrate[], wants: readonly WantedCrate[]): FillPlan {
  return planFill({
    wanted: wants,
    previous: { ...emptyHubLock, crates },
    observe: () => ({ crate: true, source: true, index: true }),
    placement: () => ({ quarantined: false, reason: undefined }),
    refresh: false,
  });
}

test("a crate that nobody wants any more goes", () => {
  const { remove, install } = plan([held("old", "registry+https://h.example/index")], []);
  expect([remove.map(({ name }) => name), install]).toEqual([["old"], []]);
});

test("a crate whose source is spelled in another way stays where it is, and is ours", () => {
  const before = [held("kept", "registry+https://h.example/index"), held("old", "registry+https://h.example/index")];
  const { remove, install } = plan(before, [wanted("kept", "registry+https://h.example/index.git")]);
  expect(remove.map(({ name }) => name)).toEqual(["old"]);
  expect(install.map(({ crate, owned }) => [crate.name, owned])).toEqual([["kept", true]]);
});
