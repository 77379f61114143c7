import { expect, test } from "vitest";
import { CRATES_IO, parseLockfile, pathSourceId, type SourceId } from "../../src/cargo/index.ts";
import {
  type Asking,
  type IndexPackage,
  type Need,
  type PackageSummary,
  type ResolveAnswer,
  type ResolveOutcome,
  type ResolveRequest,
  readIndexPackage,
  resolve,
} from "../../src/resolve/index.ts";
import { parseRequirement } from "../../src/semver/index.ts";
import { buildCrate, type CrateSpec } from "../support/crate-builder.ts";

const app: SourceId = pathSourceId("/app");

function member(dependencies: Readonly<Record<string, string>>): PackageSummary {
  return {
    name: "app",
    version: "0.1.0",
    source: app,
    dependencies: Object.entries(dependencies).map(([name, text]) => ({
      name,
      packageName: name,
      source: CRATES_IO,
      requirement: parseRequirement(text),
      kind: "normal",
      target: undefined,
      features: [],
      optional: false,
      defaultFeatures: true,
    })),
    features: new Map(),
    links: undefined,
    rustVersion: undefined,
  };
}

function request(dependencies: Readonly<Record<string, string>>): ResolveRequest {
  return { members: [member(dependencies)], rustVersions: [], patches: [], replacements: [], previous: undefined };
}

function index(crates: readonly CrateSpec[]): (name: string) => IndexPackage | undefined {
  const lines = new Map<string, string>();
  for (const crate of crates) lines.set(crate.name, `${lines.get(crate.name) ?? ""}${buildCrate(crate).line}\n`);
  return (name) => {
    const body = lines.get(name);
    return body === undefined ? undefined : readIndexPackage(body, name);
  };
}

interface Run {
  readonly outcome: ResolveOutcome;
  /** The names asked for, question by question. */
  readonly asked: readonly (readonly string[])[];
}

/** Answers what is needed, and what is likely too when `farsighted`. */
function run(
  asking: Asking<ResolveOutcome>,
  find: (name: string) => IndexPackage | undefined,
  farsighted: boolean,
): Run {
  const asked: string[][] = [];
  const answer = (need: Need): ResolveAnswer => {
    if (need.kind !== "index") throw new Error("only crates.io is there");
    return { need, found: find(need.name) };
  };
  for (let next = asking.next(); ; ) {
    if (next.done === true) return { outcome: next.value, asked };
    const { needed } = next.value;
    const likely = farsighted ? next.value.likely() : [];
    expect(likely.filter((need) => needed.includes(need))).toEqual([]);
    asked.push([...needed, ...likely].map((need) => (need.kind === "index" ? need.name : need.source.url)));
    next = asking.next([...needed, ...likely].map(answer));
  }
}

/** Three levels, each package with three below it. */
const tree: readonly CrateSpec[] = ["a", "b", "c"].flatMap((top) => [
  { name: top, version: "1.0.0", deps: { [`${top}-1`]: "1", [`${top}-2`]: "1", [`${top}-3`]: "1" } },
  ...[1, 2, 3].flatMap((at) => [
    { name: `${top}-${at}`, version: "1.0.0", deps: { [`${top}-${at}-leaf`]: "1" } },
    { name: `${top}-${at}-leaf`, version: "1.0.0" },
  ]),
]);
const top = { a: "1", b: "1", c: "1" };

test("what is likely comes level by level, so that few questions are asked", () => {
  const near = run(resolve(request(top)), index(tree), false);
  const far = run(resolve(request(top)), index(tree), true);
  expect(far.outcome).toEqual(near.outcome);
  expect(far.asked.map((names) => names.length)).toEqual([3, 9, 9]);
  expect(near.asked.length).toBe(13);
  expect(far.asked.flat().sort()).toEqual(near.asked.flat().sort());
});

test("nothing is asked for twice, and the same run asks the same", () => {
  const first = run(resolve(request(top)), index(tree), false);
  const second = run(resolve(request(top)), index(tree), false);
  expect(second).toEqual(first);
  expect(new Set(first.asked.flat()).size).toBe(first.asked.flat().length);
});

test("optional dependencies that no feature reaches are not asked for", () => {
  const crates = [
    {
      name: "a",
      version: "1.0.0",
      deps: { b: { version: "1", optional: true }, d: { version: "1", kind: "dev" as const } },
    },
  ];
  expect(run(resolve(request({ a: "1" })), index(crates), true).asked).toEqual([["a"]]);
});

test("what is not answered is asked for again", () => {
  const asking = resolve(request({ a: "1" }));
  const first = asking.next();
  const again = asking.next([]);
  expect(again.done === true || first.done === true ? undefined : again.value.needed).toEqual(
    first.done === true ? [] : first.value.needed,
  );
});

test("a search that takes too many steps is given up", () => {
  const { outcome } = run(resolve({ ...request(top), mostSteps: 20 }), index(tree), false);
  expect(outcome).toMatchObject({ kind: "failed", failure: { kind: "too-much-work", steps: 20 } });
  expect(run(resolve({ ...request(top), mostSteps: 21 }), index(tree), false).outcome.kind).toBe("resolved");
});

test("a knot of a hundred packages is untied in bounded work", () => {
  const crates = Array.from({ length: 100 }, (_, at) =>
    [0, 1, 2].map((minor) => ({
      name: `k${at}`,
      version: `1.${minor}.0`,
      deps:
        at === 99 ? {} : { [`k${at + 1}`]: `=1.${minor}.0`, ...(at < 98 ? { [`k${at + 2}`]: `<=1.${minor}` } : {}) },
    })),
  ).flat();
  const { outcome } = run(resolve({ ...request({ k0: "1", k99: "=1.0.0" }), mostSteps: 20_000 }), index(crates), false);
  expect(outcome).toMatchObject({ kind: "resolved" });
});

test("a lockfile says what is kept, also when nothing else is known of it", () => {
  const lock = parseLockfile(
    `version = 4\n\n[[package]]\nname = "a"\nversion = "1.0.0"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\n`,
    "Cargo.lock",
  );
  const crates = [
    { name: "a", version: "1.0.0" },
    { name: "a", version: "1.1.0" },
  ];
  const kept = { ...request({ a: "1" }), previous: { lock, update: { kind: "nothing" } as const } };
  const { outcome } = run(resolve(kept), index(crates), false);
  const versions = outcome.kind === "resolved" ? outcome.graph.packages.map(({ version }) => version) : [];
  expect(versions).toEqual(["1.0.0", "0.1.0"]);
});
