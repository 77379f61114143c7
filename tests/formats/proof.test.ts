import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { formatProof, type ProofRecord } from "../../src/formats/index.ts";
import { golden, sha256 } from "./sample.ts";

const record: ProofRecord = {
  formatVersion: 1,
  passed: true,
  command: ["cargo", "check", "--frozen"],
  directory: "crates/a",
  exitCode: 0,
  signal: null,
  isolation: "network-namespace",
  loopback: true,
  emptyCargoHome: true,
  lockUnchanged: true,
  hubLock: sha256("x"),
  lockfiles: [{ path: "Cargo.lock", sha256: sha256("a") }],
  toolchain: { cargo: "cargo 1.95.0 (f2d3ce0bd 2026-03-21)", rustc: null },
  startedAt: "2026-01-02T03:04:05Z",
  durationMs: 1234,
};

test("version 1 is written as it always was", () => {
  expect(formatProof(record)).toBe(golden("proof-v1.json"));
});

test("it is one JSON document that says what the record says", () => {
  const failed: ProofRecord = { ...record, passed: false, exitCode: null, signal: "SIGKILL", command: ["a", '"\n'] };
  expect(JSON.parse(formatProof(failed))).toEqual(failed);
  expect(formatProof(failed).endsWith("}\n")).toBe(true);
});

test("its page explains every key", () => {
  const page = readFileSync(new URL("../../docs/formats/proof.md", import.meta.url), "utf8");
  const explained = [...page.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]);
  expect(explained).toEqual(Object.keys(record));
});
