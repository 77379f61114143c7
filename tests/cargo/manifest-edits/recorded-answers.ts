import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { cargoEdit, type EditResult, type EditRow, editWorld } from "./edit-world.ts";

const PATH = new URL("../../fixtures/manifest-edits/answers.json", import.meta.url);

/** What cargo did with a row, and a digest of the row it was. */
export interface RecordedAnswer extends EditResult {
  readonly row: string;
}

/** The answers on disk, by the names of rows; with RECORD_CARGO set, cargo's answers of now, which are written there first. */
export async function recordedAnswers(rows: readonly EditRow[]): Promise<Readonly<Record<string, RecordedAnswer>>> {
  if (process.env["RECORD_CARGO"] !== undefined) await record(rows);
  return JSON.parse(readFileSync(PATH, "utf8"));
}

/** Tells rows apart that have one name. */
export function rowDigest({ files, args }: EditRow): string {
  return createHash("sha256")
    .update(JSON.stringify([files, args]))
    .digest("hex")
    .slice(0, 16);
}

async function record(rows: readonly EditRow[]): Promise<void> {
  const world = editWorld();
  try {
    const answers: Record<string, RecordedAnswer> = {};
    for (const row of rows) answers[row.name] = { row: rowDigest(row), ...(await cargoEdit(world, row)) };
    writeFileSync(PATH, `${JSON.stringify(answers, undefined, 1)}\n`);
  } finally {
    world.remove();
  }
}
