import { assert, constantFrom, dictionary, property, record, string, subarray } from "fast-check";
import { describe, expect, test } from "vitest";
import { describeLineChange, recoverPinnedLine } from "../../src/plan/index.ts";
import { sha256 } from "./sample.ts";

const cksum = sha256("crate");
const pinned = `{"name":"a","vers":"1.0.0","deps":[],"cksum":"${cksum}","features":{"std":[]},"yanked":false}`;

/** The pinned line, recovered from what upstream serves today. */
function recovered(line: string, today: string): string | undefined {
  return recoverPinnedLine(today, sha256(line), sha256);
}

describe("the pinned line is recovered", () => {
  test.each<[string, string]>([
    ["when nothing changed", pinned],
    ["from a yank", pinned.replace('"yanked":false', '"yanked":true')],
    ["from a back-filled pubtime", pinned.replace("}$", "").replace(/\}$/, ',"pubtime":"2026-01-02T03:04:05Z"}')],
    ["from a key in the middle", pinned.replace(',"yanked"', ',"rust_version":"1.70","yanked"')],
    ["from a key at the start", pinned.replace("{", '{"v":2,')],
    [
      "from a yank with several keys at once",
      pinned
        .replace('"yanked":false', '"yanked":true,"links":"a","rust_version":"1.70"')
        .replace(/\}$/, ',"pubtime":"2026-01-02T03:04:05Z","v":2,"features2":{"x":["dep:y"]}}'),
    ],
  ])("%s", (_story, today) => {
    expect(recovered(pinned, today)).toBe(pinned);
  });

  test("from an un-yank", () => {
    const yanked = pinned.replace('"yanked":false', '"yanked":true');
    expect(recovered(yanked, pinned)).toBe(yanked);
  });

  test("with a key that it had all along", () => {
    const timed = pinned.replace(/\}$/, ',"pubtime":"2026-01-02T03:04:05Z"}');
    const today = timed.replace('"yanked":false', '"yanked":true,"rust_version":"1.70"');
    expect(recovered(timed, today)).toBe(timed);
  });

  test.each<[string, string]>([
    ["features named by numbers", pinned.replace('"std":[]', '"std":[],"2018":[],"10":["std"]')],
    ["escapes that JSON does not need", pinned.replace('"std"', '"\\u0073td\\/"')],
    ["blanks", pinned.replaceAll(",", ", ").replaceAll(":", ": ")],
    ["numbers of another spelling", pinned.replace('"deps":[]', '"deps":[],"x":1.0e2')],
    ["the same key in a part", pinned.replace('"deps":[]', '"deps":[{"name":"b","yanked":true,"links":"x","v":1}]')],
  ])("byte for byte with %s", (_story, line) => {
    const today = line
      .replace(/("yanked": ?)false/, "$1true")
      .replace(
        /\}$/,
        line.includes(", ") ? ', "pubtime": "2026-01-02T03:04:05Z"}' : ',"pubtime":"2026-01-02T03:04:05Z"}',
      );
    expect(today).not.toBe(line);
    expect(recovered(line, today)).toBe(line);
  });
});

describe("nothing is recovered", () => {
  test.each<[string, string]>([
    ["when the checksum changed", pinned.replace(cksum, sha256("other bytes"))],
    ["when a dependency was added", pinned.replace('"deps":[]', '"deps":[{"name":"b"}]')],
    ["when a feature changed", pinned.replace('"std":[]', '"std":["alloc"]')],
    ["when a key was removed", pinned.replace('"features":{"std":[]},', "")],
    ["when the keys were sorted anew", '{"cksum":"","deps":[]}'],
    ["from what is no JSON", "<html>"],
    ["from nothing", ""],
    ["from a list", "[]"],
    ["from null", "null"],
    ["from a text", '"yanked"'],
    ["from half a line", pinned.slice(0, -1)],
    ["from two lines in one", `${pinned}${pinned}`],
  ])("%s", (_story, today) => {
    expect(recovered(pinned, today)).toBeUndefined();
  });

  test("when the checksum changed, whatever else changed with it", () => {
    const extra = dictionary(constantFrom("pubtime", "rust_version", "links", "v", "features2"), string());
    const line = record({ cksum: constantFrom("0", "1", "2"), yanked: constantFrom(true, false), extra }).map(
      ({ cksum: digest, yanked, extra: more }) =>
        JSON.stringify({ name: "a", vers: "1.0.0", cksum: digest.repeat(64), yanked, ...more }),
    );
    assert(
      property(line, line, (before, today) => {
        const result = recovered(before, today);
        const same = /"cksum":"(\d)/.exec(before)?.[1] === /"cksum":"(\d)/.exec(today)?.[1];
        expect(result === undefined || (same && result === before)).toBe(true);
      }),
    );
  });
});

test("any yank with any back-filled keys is undone", () => {
  const keys = ["pubtime", "rust_version", "links", "v", "features2"] as const;
  assert(
    property(subarray([...keys]), subarray([...keys]), constantFrom(true, false), (had, added, yanked) => {
      const fields = [`"name":"a"`, `"cksum":"${cksum}"`];
      const before = [...fields, `"yanked":${yanked}`, ...had.map((key) => `"${key}":"x"`)];
      const today = [...fields, `"yanked":${!yanked}`, ...had.map((key) => `"${key}":"x"`)];
      today.splice(1, 0, ...added.filter((key) => !had.includes(key)).map((key) => `"${key}":{"y":["z"]}`));
      const line = `{${before.join()}}`;
      expect(recovered(line, `{${today.join()}}`)).toBe(line);
    }),
  );
});

test.each<{ story: string; before?: string; after: string; changes: string[] }>([
  { story: "a yank", before: pinned, after: pinned.replace("false", "true"), changes: ["yanked"] },
  { story: "an un-yank", before: pinned.replace("false", "true"), after: pinned, changes: ["un-yanked"] },
  {
    story: "a back-filled key",
    before: pinned,
    after: pinned.replace(/\}$/, ',"pubtime":"x"}'),
    changes: ["pubtime added"],
  },
  {
    story: "a yank and a key",
    before: pinned,
    after: pinned.replace("false}", 'true,"v":2}'),
    changes: ["yanked", "v added"],
  },
  { story: "other bytes", before: pinned, after: pinned.replace(cksum, "0"), changes: ["cksum changed"] },
  {
    story: "a key that went",
    before: pinned.replace(/\}$/, ',"links":"x"}'),
    after: pinned,
    changes: ["links removed"],
  },
  {
    story: "another dependency and feature",
    before: pinned,
    after: pinned.replace("[],", '["x"],').replace('{"std":[]}', "{}"),
    changes: ["deps changed", "features changed"],
  },
  { story: "blanks only", before: pinned, after: pinned.replaceAll(",", ", "), changes: ["spelling changed"] },
  { story: "a line that was not kept", after: pinned, changes: ["content changed"] },
  { story: "a line that is no JSON", before: pinned, after: "<html>", changes: ["content changed"] },
])("$story is told in words", ({ before, after, changes }) => {
  expect(describeLineChange(before, after)).toEqual(changes);
});
