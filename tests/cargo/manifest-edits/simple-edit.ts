import {
  type AddFlags,
  addDependencies,
  type DependencySection,
  dependencyRequests,
  type EditOutcome,
  type PackageQuestion,
  removeDependencies,
} from "../../../src/cargo/index.ts";
import { parseVersion } from "../../../src/semver/index.ts";

/** `[dependencies]` */
export const NORMAL: DependencySection = { kind: "normal", target: undefined };

const place = { at: "/app/Cargo.toml", directory: "/app" };

/** Adds to a package that is its own workspace, in a world where every crate has version 1.2.3 and the features `std` and `more`. */
export function addTo(text: string, flags: AddFlags, section = NORMAL): EditOutcome {
  const manifest = { text, ...place };
  const run = addDependencies(
    {
      manifest,
      workspace: manifest,
      name: "app",
      rustVersion: undefined,
      members: [{ name: "app", version: "0.1.0", directory: "/app" }],
      rustc: undefined,
      ignoresRust: false,
    },
    dependencyRequests(flags),
    section,
  );
  for (let next = run.next(); ; ) {
    if (next.done === true) return next.value;
    next = run.next([
      {
        name: nameIn(next.value),
        version: parseVersion("1.2.3"),
        features: new Map([
          ["std", []],
          ["more", ["std"]],
        ]),
        rustVersion: "1.999",
      },
    ]);
  }
}

function nameIn(question: PackageQuestion): string {
  return question.kind === "index" ? question.name : "found";
}

/** Removes from `[dependencies]` or another section. */
export function removeFrom(text: string, name: string, section = NORMAL): EditOutcome {
  return removeDependencies({ text, ...place }, [name], section);
}

/** The text of an edit that must succeed. */
export function edited(outcome: EditOutcome): string {
  if (outcome.kind === "refused") throw outcome.error;
  return outcome.text;
}
