import { type Arbitrary, assert, constantFrom, property, record, tuple, uniqueArray } from "fast-check";
import { expect, test } from "vitest";
import { anyDocument } from "../toml/any-document.ts";
import { addTo, edited, NORMAL, removeFrom } from "./manifest-edits/simple-edit.ts";

const name = constantFrom("aaa", "ggg", "lll-m", "lll_n", "ppp", "zzz");
const comment = constantFrom("", "", "  # beside", "# x");
const above = constantFrom("", "", "\n", "# above\n", "\n# one\n\n# two\n");

/** What may stand behind a name in `[dependencies]`. */
const value = constantFrom(
  ' = "1"',
  "='1.2'",
  '   =   "=1.2.3"',
  ' = { version = "1", features = ["std"] }',
  '={version="1",optional=false,features=[ "more" , ],default-features=false}',
  ' = { version = "1", features = [\n  "std", # s\n  "more",\n] }',
);

interface AnyManifest {
  /** Everything around the entries; the entries themselves go behind `before`. */
  readonly before: string;
  readonly entries: readonly { readonly name: string; readonly text: string }[];
  readonly after: string;
}

function anyManifest(): Arbitrary<AnyManifest> {
  const entry = record({ above, name, value, comment }).map((parts) => ({
    name: parts.name,
    text: `${parts.above}${parts.name}${parts.value}${parts.comment}\n`,
  }));
  return tuple(
    anyDocument(),
    uniqueArray(entry, { minLength: 1, maxLength: 5, selector: (one) => one.name }),
    constantFrom("", "\n# the end\n", "\n# last\n[features]\nx = []\n", "[profile.dev]\n"),
  ).map(([document, entries, after]) => ({ before: `${document}[dependencies] # all\n`, entries, after }));
}

function textOf({ before, entries, after }: AnyManifest): string {
  return before + entries.map(({ text }) => text).join("") + after;
}

test("adding a crate adds its line, and every other byte stays where it was or moves with its neighbours", () => {
  assert(
    property(anyManifest(), constantFrom("bbb", "mmm", "yyy"), (manifest, crate) => {
      const text = textOf(manifest);
      const line = `${crate} = "1.2.3"\n`;
      const after = edited(addTo(text, { crates: [crate] }));
      expect(after.split(line).length).toBe(2);
      expect(after.replace(line, "")).toBe(text);
    }),
    { numRuns: 200 },
  );
});

test("removing what was added gives the text there was before", () => {
  const section = constantFrom(
    NORMAL,
    { kind: "dev", target: undefined } as const,
    { kind: "build", target: "cfg(unix)" } as const,
  );
  assert(
    property(anyManifest(), section, (manifest, where) => {
      const text = textOf(manifest);
      const flags = { crates: ["mmm"], features: ["more"], defaultFeatures: false };
      expect(edited(removeFrom(edited(addTo(text, flags, where)), "mmm", where))).toBe(text);
    }),
    { numRuns: 200 },
  );
});

test("changing an entry changes nothing else", () => {
  assert(
    property(anyManifest(), (manifest) => {
      const changed = manifest.entries[0]?.name ?? "";
      const sorted = { ...manifest, entries: manifest.entries.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
      const kept = sorted.entries.findIndex(({ name: own }) => own === changed);
      const after = edited(addTo(textOf(sorted), { crates: [changed], features: ["more"] }));
      const start =
        sorted.before +
        sorted.entries
          .slice(0, kept)
          .map(({ text }) => text)
          .join("");
      const end =
        sorted.entries
          .slice(kept + 1)
          .map(({ text }) => text)
          .join("") + sorted.after;
      expect(after.startsWith(start)).toBe(true);
      expect(after.endsWith(end)).toBe(true);
      expect(after.slice(start.length, after.length - end.length)).toContain("more");
    }),
    { numRuns: 200 },
  );
});

test("doing the same once more changes nothing", () => {
  assert(
    property(anyManifest(), name, (manifest, crate) => {
      const flags = { crates: [crate], features: ["std"], optional: true };
      const once = edited(addTo(textOf(manifest), flags));
      expect(edited(addTo(once, flags))).toBe(once);
    }),
    { numRuns: 200 },
  );
});
