import { array, assert, constantFrom, property, string, tuple } from "fast-check";
import { expect, test } from "vitest";
import { redact } from "../../src/errors/index.ts";

test.each([
  ["nothing to hide", "nothing to hide"],
  ["", ""],
  ["https://host.example/a@b", "https://host.example/a@b"],
  ["https://user@host.example/", "https://host.example/"],
  ["https://user:pass@host.example:8080/a?b#c", "https://host.example:8080/a?b#c"],
  ["https://user:p@ss@host.example/", "https://host.example/"],
  ["https://user:it's@host.example/", "https://host.example/"],
  ["'https://user:pass@host.example'", "'https://host.example'"],
  ['"https://user:pass@host.example"', '"https://host.example"'],
  ["`https://user:pass@host.example`", "`https://host.example`"],
  ["<https://user:pass@host.example>", "<https://host.example>"],
  ["registry+ssh://git:pass@host.example/x", "registry+ssh://host.example/x"],
  ["sparse+https://user:pass@host.example/", "sparse+https://host.example/"],
  ["socks5h://user:pass@host.example", "socks5h://host.example"],
  ["a http://u:p@one.example b http://u:p@two.example c", "a http://one.example b http://two.example c"],
  ["http://u:p@one.example,http://u:p@two.example/", "http://one.example,http://two.example/"],
  ["http://u:p@[::1]:80/", "http://[::1]:80/"],
  ["http://u:p@host.example?q=a@b", "http://host.example?q=a@b"],
  ["http://u:p@host.example\nsomebody@mail.example", "http://host.example\nsomebody@mail.example"],
  ["somebody@mail.example", "somebody@mail.example"],
  ["https://", "https://"],
  ["https://@", "https://"],
  ["://://u:p@h://", "://://h://"],
])("%j is shown as %j", (text, shown) => {
  expect(redact(text)).toBe(shown);
});

/** Any text of the characters that RFC 3986 allows before the `@`. */
const userInformation = (): ReturnType<typeof string> =>
  string({
    unit: constantFrom(..."abcXYZ019-._~!$&'()*+,;=:%40".split("")),
    minLength: 1,
    maxLength: 12,
  });

test("no user name and no password survives, whatever stands around the URL", () => {
  const secret = userInformation().map((text) => `SECRET${text}`);
  const around = string({ unit: constantFrom(..."ab :/@'\"`?#<>\n".split("")), maxLength: 12 });
  assert(
    property(tuple(around, secret, secret, around), ([before, user, password, after]) => {
      expect(redact(`${before} https://${user}:${password}@host.example/${after}`)).not.toContain("SECRET");
    }),
  );
});

test("text without an @ stays as it is, and what was redacted once stays as well", () => {
  const pieces = array(constantFrom("://", "https://", "/", "@", "u:p@", "h.example", " ", "'", "#"), {
    maxLength: 20,
  });
  assert(
    property(pieces, (all) => {
      const text = all.join("");
      const once = redact(text);
      expect(redact(once)).toBe(once);
      const plain = text.replaceAll("@", "");
      expect(redact(plain)).toBe(plain);
    }),
  );
});

test.each([
  ["URLs without a user", "http://h ", "http://h "],
  ["URLs with a user", "http://u:p@h/", "http://h/"],
  ["URLs in a list", "http://u:p@h,", "http://h,"],
  ["starts of a URL", "://", "://"],
  ["apostrophes", "://'@", "://"],
])("a million %s are read in one pass", (_story, piece, shown) => {
  // Anything quadratic would take minutes and run into the test's time limit.
  const count = 1_000_000;
  expect(redact(piece.repeat(count)) === shown.repeat(count)).toBe(true);
});

test("a million @ in one URL are read in one pass", () => {
  expect(redact(`https://${"u:p@".repeat(1_000_000)}host.example/`)).toBe("https://host.example/");
});
