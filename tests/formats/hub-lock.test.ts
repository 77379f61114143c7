import { assert, property } from "fast-check";
import { expect, test } from "vitest";
import { emptyHubLock, FormatsError, formatHubLock, type HubLock, parseHubLock } from "../../src/formats/index.ts";
import { parseToml } from "../../src/toml/index.ts";
import { anyHubLock, golden, resealed, sha256, sorted } from "./sample.ts";

const text = golden("hub-lock-v1.lock");
const empty = golden("hub-lock-v1-empty.lock");
const second = golden("hub-lock-v2.lock");

function parse(content: string): HubLock {
  return parseHubLock(content, "hub.lock", sha256);
}

/** What is wrong with `content`. */
function refusal(content: string): FormatsError {
  try {
    parse(content);
  } catch (error) {
    if (error instanceof FormatsError) return error;
    throw error;
  }
  throw new Error(`this was taken for right: ${content}`);
}

test("version 1 is read as it was written", () => {
  const lock = parse(text);
  expect(lock.lockfiles).toEqual([
    { path: "../tools/Cargo.lock", sha256: sha256("b") },
    { path: "Cargo.lock", sha256: sha256("a") },
  ]);
  expect(lock.targets).toEqual(["aarch64-apple-darwin", "x86_64-unknown-linux-gnu"]);
  expect(lock.hosts).toEqual(["x86_64-unknown-linux-gnu"]);
  expect(lock.crates.map(({ name, version, kind, runs }) => [name, version, kind, ...runs])).toEqual([
    ["bytes", "1.11.0", "full"],
    ["derive_all", "1.0.0+build.5", "full", "build-script", "proc-macro"],
    ["libc", "0.2.177", "full", "build-script"],
    ["libc", "0.2.9", "full"],
    ["libc", "0.2.9", "full"],
    ["windows-sys", "0.61.2", "stub", "proc-macro"],
    ["x", "0.1.0-rc.1", "git"],
  ]);
  expect(lock.crates[4]).toEqual({
    source: "sparse+https://registry.example/index/",
    name: "libc",
    version: "0.2.9",
    sha256: sha256("i"),
    size: 2,
    kind: "full",
    line: sha256("j"),
    runs: [],
    license: 'file:LICENSE "as is" \\ \t\n\u0007\u007f é 🦀',
  });
  expect(parse(empty)).toEqual(emptyHubLock);
});

test.each([text, empty, second])("what was written is written back byte for byte", (content) => {
  expect(formatHubLock(parse(content), sha256)).toBe(content);
});

test("version 2 is read as it was written", () => {
  const lock = parse(second);
  expect(lock.crates.map(({ name }) => name)).toEqual(["bytes"]);
  expect(lock.vendored.map(({ name, files }) => [name, files])).toEqual([["old", sha256("c")]]);
  expect(lock.repositories).toEqual([
    { url: "https://git.example/one", commit: "1".repeat(40), tree: "2".repeat(40), sha256: sha256("d"), size: 4711 },
    { url: "https://git.example/one", commit: "3".repeat(64), tree: "4".repeat(64), sha256: sha256("e"), size: 1 },
  ]);
  expect(lock.packages.map(({ name, path }) => [name, path])).toEqual([
    ["member", "crates/member"],
    ["one", ""],
  ]);
  expect(lock.quarantine.map(({ name, reason }) => [name, reason])).toEqual([["bytes", "edition 2024"]]);
});

test("version 2 without anything of its own is damage: version 1 says the same", () => {
  expect(refusal(resealed(text.replace("version = 1", "version = 2"))).code).toBe("formats/hub-lock-damaged");
  const blocks = ["vendored", "repositories", "packages", "quarantine"].map((key) => `${key} = []\n`).join("");
  const padded = text.replace("version = 1", "version = 2").replace("\nchecksum", `\n${blocks}checksum`);
  expect(refusal(resealed(padded)).code).toBe("formats/hub-lock-damaged");
});

test("any TOML reader reads the same values", () => {
  for (const [content, number] of [
    [text, 1],
    [second, 2],
  ] as const) {
    const { checksum, version, ...rest } = parseToml(content, "hub.lock");
    expect({ ...emptyHubLock, ...rest }).toEqual(parse(content));
    expect(version).toBe(number);
    expect(content).toContain(`checksum = ${JSON.stringify(checksum)}`);
  }
});

test("what was written is read as it was, sorted, and written again to the same bytes", () => {
  assert(
    property(anyHubLock(), (lock) => {
      const content = formatHubLock(lock, sha256);
      expect(parse(content)).toEqual(sorted(lock));
      expect(formatHubLock(parse(content), sha256)).toBe(content);
      expect(parseToml(content, "hub.lock")["crates"]).toEqual(sorted(lock).crates);
    }),
  );
});

test("texts are sorted by their bytes, also beyond 16 bits", () => {
  const hosts = ["🦀", "\ufffd", "é", "z", "", "zz", "🦀a", "\u{10ffff}"];
  const lock = { ...emptyHubLock, hosts };
  expect(parse(formatHubLock(lock, sha256)).hosts).toEqual(["", "z", "zz", "é", "\ufffd", "🦀", "🦀a", "\u{10ffff}"]);
});

test.each([text, second])("every change of a single byte is refused", (content) => {
  const bytes = Buffer.from(content);
  const accepted: string[] = [];
  for (let at = 0; at < bytes.length; at += 1) {
    for (const bit of [0x01, 0x20, 0x80]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ bit;
      try {
        parse(changed.toString("utf8"));
        accepted.push(`byte ${at} ^ ${bit}`);
      } catch (error) {
        if (!(error instanceof FormatsError)) throw error;
      }
    }
  }
  expect(accepted).toEqual([]);
});

test.each([text, empty, second])(
  "a checkout with Windows line ends in every line is read as what was written",
  (content) => {
    expect(parse(content.replaceAll("\n", "\r\n"))).toEqual(parse(content));
  },
);

test.each([text, second])("every cut, and every byte too few or too many, is refused", (whole) => {
  const accepted: string[] = [];
  const tryText = (story: string, content: string): void => {
    try {
      parse(content);
      accepted.push(story);
    } catch (error) {
      if (!(error instanceof FormatsError)) throw error;
    }
  };
  for (let at = 0; at < whole.length; at += 1) {
    tryText(`the first ${at} characters`, whole.slice(0, at));
    tryText(`without character ${at}`, whole.slice(0, at) + whole.slice(at + 1));
    tryText(`a blank before character ${at}`, `${whole.slice(0, at)} ${whole.slice(at)}`);
  }
  tryText("one more newline", `${whole}\n`);
  tryText("one Windows line end", whole.replace("\n", "\r\n"));
  tryText("all Windows line ends but one", whole.replaceAll("\n", "\r\n").replace(/\r\n$/, "\n"));
  tryText("a byte order mark", `\ufeff${whole}`);
  expect(accepted).toEqual([]);
});

/** A text that is damaged although its checksum is right. */
function edited(edit: (content: string) => string): string {
  const changed = edit(text);
  expect(changed).not.toBe(text);
  return resealed(changed);
}

function swapLines(content: string, first: number): string {
  const lines = content.split("\n");
  [lines[first], lines[first + 1]] = [lines[first + 1] ?? "", lines[first] ?? ""];
  return lines.join("\n");
}

test.each<[string, (content: string) => string]>([
  ["crates in another order", (content) => swapLines(content, 8)],
  ["versions in another order", (content) => swapLines(content, 10)],
  ["sources in another order", (content) => swapLines(content, 11)],
  ["lockfiles in another order", (content) => swapLines(content, 3)],
  ["targets in another order", (content) => content.replace(/targets = \["(.*)", "(.*)"\]/, 'targets = ["$2", "$1"]')],
  ["a crate twice", (content) => content.replace(/( \{ .*"bytes".*\n)/, "$1$1")],
  ["a lockfile twice", (content) => content.replace(/( \{ path = "Cargo.lock".*\n)/, "$1$1")],
  ["a target twice", (content) => content.replace(/hosts = \["(.*)"\]/, 'hosts = ["$1", "$1"]')],
  ["another heading", (content) => content.replace("Review it", "Read it")],
  ["another spacing", (content) => content.replace("runs = []", "runs = [ ]")],
  ["another spelling of a text", (content) => content.replace("\\u007F", "\\u007f")],
  ["an escape where none is needed", (content) => content.replace('license = "ISC"', 'license = "\\u0049SC"')],
  ["a size with a leading zero", (content) => content.replace("size = 71234", "size = 071234")],
  ["a negative size", (content) => content.replace("size = 71234", "size = -1")],
  ["upper-case digits", (content) => content.replace(/sha256 = "2e7d/, 'sha256 = "2E7D')],
  [
    "another order of what runs",
    (content) => content.replace('["build-script", "proc-macro"]', '["proc-macro", "build-script"]'),
  ],
  ["something else that runs", (content) => content.replace('["build-script"]', '["shell-script"]')],
  ["an unknown kind", (content) => content.replace('"stub"', '"half"')],
  ["an unknown key", (content) => content.replace('kind = "stub"', 'kind = "stub", color = "red"')],
  ["an unknown head", (content) => content.replace("targets = ", "triples = ")],
  ["an empty list on two lines", (content) => content.replace(/crates = \[\n(?: .*\n)*\]/, "crates = [\n]")],
  ["something behind the crates", (content) => content.replace("\nchecksum", "\nmore = 1\nchecksum")],
  ["no crates", (content) => content.replace(/crates = \[\n(?: .*\n)*\]\n/, "")],
])("%s is damage although the checksum is right", (_story, edit) => {
  expect(refusal(edited(edit)).code).toBe("formats/hub-lock-damaged");
});

test.each(["0", "3", "10", "18446744073709551616"])(
  "version %s is refused as a version, whatever else it says",
  (version) => {
    const newer = text.replace("version = 1", `version = ${version}`).replace("hosts", "machines");
    expect(refusal(resealed(newer))).toMatchObject({ code: "formats/hub-lock-version", where: "hub.lock" });
    expect(refusal(resealed(newer)).what).toContain(version);
  },
);

test.each(["<<<<<<< ours", "=======", ">>>>>>> theirs"])("the merge marker %s is told as such", (marker) => {
  const merged = text.replace("crates = [\n", `crates = [\n${marker}\n`);
  expect(refusal(merged)).toMatchObject({ code: "formats/hub-lock-damaged" });
  expect(refusal(merged).what).toContain("merge");
});

test("nothing, and something else, is damage", () => {
  for (const content of ["", "\n", "version = 1\n", "{}", "\0\0\0"]) {
    expect(refusal(content).code).toBe("formats/hub-lock-damaged");
  }
});

test("damage is told with both digests", () => {
  const { what, where } = refusal(text.replace("71234", "71235"));
  expect(where).toBe("hub.lock");
  expect(what.match(/[0-9a-f]{64}/g)).toHaveLength(2);
});

test("more than 64 MiB are refused before anything is hashed", () => {
  const read: string[] = [];
  const content = `${text}${" ".repeat(64 * 1024 * 1024)}`;
  expect(() =>
    parseHubLock(content, "hub.lock", (body) => {
      read.push(body);
      return "";
    }),
  ).toThrow(expect.objectContaining({ code: "formats/hub-lock-damaged" }));
  expect(read).toEqual([]);
});

test("200,000 crates are read, one more is refused", () => {
  const digest = sha256("");
  const crate = (at: number): HubLock["crates"][number] => {
    const version = String(at).padStart(6, "0");
    return {
      source: "s",
      name: "n",
      version,
      sha256: digest,
      size: 1,
      kind: "full",
      line: digest,
      runs: [],
      license: "",
    };
  };
  const crates = Array.from({ length: 200_001 }, (_, at) => crate(at));
  const lock = emptyHubLock;
  expect(parse(formatHubLock({ ...lock, crates: crates.slice(1) }, sha256)).crates).toHaveLength(200_000);
  expect(refusal(formatHubLock({ ...lock, crates }, sha256)).code).toBe("formats/hub-lock-damaged");
});
