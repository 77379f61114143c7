import { expect, test } from "vitest";
import { changedEntryRows } from "./manifest-edits/changed-entry-rows.ts";
import { cargoEdit, type EditResult, editWorld } from "./manifest-edits/edit-world.ts";
import { layoutRows } from "./manifest-edits/layout-rows.ts";
import { newEntryRows } from "./manifest-edits/new-entry-rows.ts";
import { type OurResult, ourEdit } from "./manifest-edits/our-edit.ts";
import { recordedAnswers, rowDigest } from "./manifest-edits/recorded-answers.ts";
import { refusedRows } from "./manifest-edits/refused-rows.ts";
import { removalRows } from "./manifest-edits/removal-rows.ts";
import { workspaceRows } from "./manifest-edits/workspace-rows.ts";

const rows = [...newEntryRows, ...changedEntryRows, ...layoutRows, ...workspaceRows, ...removalRows, ...refusedRows];
const answers = await recordedAnswers(rows);

/**
 * Cargo's answer in the shape of ours, which has to be equal: manifests byte for byte, what is told up to where cargo begins to
 * resolve, and what an error advises. An edit that we refuse must have failed in cargo too.
 */
function inOurShape(cargos: EditResult, ours: OurResult): OurResult {
  const said = cargos.said.replaceAll(/^ +Updating .*\n/gm, "");
  const rest = said.slice(ours.said.length);
  const more = /^(?: +(?:Adding|Removing) | {13}|warning: (?:translating|ignoring)).*/.exec(rest)?.[0] ?? "";
  const helps = Array.from(rest.matchAll(/^help: (.*)$/gm), ([, help]) => help);
  return {
    ok: ours.ok || cargos.ok,
    said: said.slice(0, ours.said.length) + (ours.ok ? more : ""),
    manifests: cargos.manifests,
    help: ours.help !== undefined && helps.length > 0 ? helps.join("\nhelp: ") : ours.help,
  };
}

test.each(rows)("$name", (row) => {
  const cargos = answers[row.name];
  if (cargos?.row !== rowDigest(row)) throw new Error("cargo's answer to this row is not recorded");
  const ours = ourEdit(row);
  expect(inOurShape(cargos, ours)).toEqual(ours);
});

test("every row has a name of its own, and an answer is kept for no other", () => {
  expect(Object.keys(answers).sort()).toEqual(rows.map(({ name }) => name).sort());
});

test("the cargo on this machine answers every twentieth row in the same way", async () => {
  const world = editWorld();
  try {
    for (const row of rows.filter((_, index) => index % 20 === 7)) {
      const ours = ourEdit(row);
      expect(inOurShape(await cargoEdit(world, row), ours), row.name).toEqual(ours);
    }
  } finally {
    world.remove();
  }
});
