import { inspect } from "node:util";
import { assert, property, string } from "fast-check";
import { expect, test } from "vitest";
import {
  formatCredentialQuestion,
  helloProblem,
  hideSecrets,
  isUsableToken,
  loginUrlOf,
  mayBeReused,
  readCredentialAnswer,
  secret,
  tokenFromStdout,
} from "../../src/cargo/index.ts";

test.each(['{"v":[1]}', '{"v":[2,1,7],"more":true}\n'])("the hello %j is one", (line) => {
  expect(helloProblem(line)).toBeUndefined();
});

test.each(['{"v":[2]}', '{"v":[]}', '{"v":1}', "hello", "", "[1]", "null"])("the hello %j is none", (line) => {
  expect(helloProblem(line)).toBeDefined();
});

test("a question is the line that cargo writes", () => {
  const index = "sparse+https://lab.example/index/";
  expect(formatCredentialQuestion({ index, name: undefined, headers: [], args: [] })).toBe(
    `{"v":1,"registry":{"index-url":"${index}"},"kind":"get","operation":"read"}`,
  );
  expect(formatCredentialQuestion({ index, name: "lab", headers: ["a: b"], args: ["x y"] })).toBe(
    `{"v":1,"registry":{"index-url":"${index}","name":"lab","headers":["a: b"]},"kind":"get","operation":"read","args":["x y"]}`,
  );
});

const token = '"kind":"get","token":"T","operation_independent":true';

test.each<[string, unknown]>([
  [`{"Ok":{${token},"cache":"session"}}`, { kind: "session" }],
  [`{"Ok":{${token},"cache":"never"}}`, { kind: "never" }],
  [`{"Ok":{${token},"cache":"in another way","more":1}}`, { kind: "never" }],
  [`{"Ok":{${token},"cache":"expires","expiration":1693942857}}`, { kind: "expires", atSeconds: 1_693_942_857 }],
])("%s holds a token", (line, life) => {
  const answer = readCredentialAnswer(line);
  expect(answer).toMatchObject({ kind: "token", life });
  expect(answer.kind === "token" ? answer.token.expose() : "").toBe("T");
});

test.each<[string, Readonly<Record<string, unknown>>]>([
  ['{"Err":{"kind":"not-found"}}', { kind: "not-found" }],
  ['{"Err":{"kind":"url-not-supported"}}', { kind: "url-not-supported" }],
  ['{"Err":{"kind":"operation-not-supported"}}', { kind: "failed" }],
  ['{"Err":{"kind":"other","message":"boom","caused-by":["deep",1]}}', { kind: "failed", reasons: ["boom", "deep"] }],
  ['{"Err":{"kind":"strange"}}', { kind: "failed" }],
])("%s is what a provider says instead of a token", (line, expected) => {
  expect(readCredentialAnswer(line)).toMatchObject(expected);
});

test.each([
  "T-in-plain-text",
  '{"Ok":{"kind":"login"}}',
  '{"Ok":{"kind":"get","token":"T-in-plain-text","cache":"session"}}',
  '{"Ok":{"kind":"get","token":"T-in-plain-text","operation_independent":true}}',
  '{"Ok":{"kind":"get","token":["T-in-plain-text"],"cache":"session","operation_independent":true}}',
  `{"Ok":{${token},"cache":"expires"}}`,
  `{"Ok":{${token},"cache":"expires","expiration":"2100-01-01T00:00:00Z"}}`,
  `{"Ok":{${token},"cache":"expires","expiration":1.5}}`,
  '{"token":"T-in-plain-text"}',
  "[]",
])("%s is no answer, and nothing of it is repeated", (line) => {
  const answer = readCredentialAnswer(line);
  expect(answer.kind).toBe("failed");
  expect(JSON.stringify(answer)).not.toContain("T-in-plain-text");
});

test.each<[string, string | undefined]>([
  ["T", "T"],
  ["T\n", "T"],
  [" T \n", " T "],
  ["", ""],
  ["\n", ""],
  ["T\n\n", undefined],
  ["T\nU", undefined],
])("of the output %j the token is %j", (output, expected) => {
  expect(tokenFromStdout(output)?.expose()).toBe(expected);
});

test.each<[string, boolean]>([
  ["T", true],
  ["Bearer a.b-c_d~+/=", true],
  [" T ", true],
  ["", false],
  ["  ", false],
  ["T\r", false],
  ["T\n", false],
  ["ä", false],
  ["T\u0000", false],
])("whether %j can stand in a header: %j", (text, expected) => {
  expect(isUsableToken(secret(text))).toBe(expected);
});

test("a token is kept for its session, or until a minute before its end", () => {
  expect(mayBeReused({ kind: "session" }, 0)).toBe(true);
  expect(mayBeReused({ kind: "never" }, 0)).toBe(false);
  expect(mayBeReused({ kind: "expires", atSeconds: 1000 }, 939_999)).toBe(true);
  expect(mayBeReused({ kind: "expires", atSeconds: 1000 }, 940_000)).toBe(false);
});

test("a secret shows nothing of itself", () => {
  const marked = { token: secret("marked-token") };
  for (const shown of [inspect(marked, { depth: 9, showHidden: true }), JSON.stringify(marked)]) {
    expect(shown).not.toContain("marked");
  }
  expect(marked.token.expose()).toBe("marked-token");
});

test.each<[text: string, token: string, shown: string]>([
  ["the token abc is bad: abc", "abc", "the token [secret] is bad: [secret]"],
  ["cut in the middle: abcd-ef", "abcd-efgh", "cut in the middle: [secret]"],
  ["only 12345678", "Bearer 12345678", "only [secret]"],
  ["Bearer is no secret", "Bearer 12345678", "Bearer is no secret"],
  ["encoded a%2Fb%3D", "a/b=", "encoded [secret]"],
  ['escaped a\\"bc', 'a"bc', "escaped [secret]"],
  ["cut off behind abcd…", "abcdefgh", "cut off behind [secret]…"],
  ["words like abc", "abcdefgh", "words like abc"],
  ["nothing", "", "nothing"],
])("in %j the secret %j is hidden", (text, hidden, shown) => {
  expect(hideSecrets(text, [secret(hidden)])).toBe(shown);
});

test("what was hidden is not there any more, wherever it stood", () => {
  assert(
    property(string(), string({ minLength: 8 }), string(), (before, hidden, after) => {
      expect(hideSecrets(before + hidden + after, [secret(hidden)]).replaceAll("[secret]", "")).not.toContain(hidden);
    }),
  );
});

test.each<[string, string | undefined]>([
  ['Cargo login_url="https://login.example/me?a=b"', "https://login.example/me?a=b"],
  ["cargo LOGIN_URL=https://login.example/me", "https://login.example/me"],
  ['Basic realm="Cargo login_url=x", Cargo a="b", login_url="https://login.example/"', "https://login.example/"],
  ['Negotiate YII==, Cargo login_url="https://login.example/"', "https://login.example/"],
  ['Cargo login_url="https://login.example/\\"x"', "https://login.example/%22x"],
  ['NoCargo login_url="https://login.example/"', undefined],
  ["Bearer", undefined],
  ["Cargo", undefined],
  ["", undefined],
  ['Cargo login_url="nonsense"', undefined],
  ['Cargo login_url="javascript:alert(1)"', undefined],
  ['Cargo login_url="https://ann:pw@login.example/"', undefined],
  ['Cargo login_url="\u001b[31m"', undefined],
  [`Cargo login_url="https://login.example/${"x".repeat(600)}"`, undefined],
])("the challenge %j leads to %j", (challenge, expected) => {
  expect(loginUrlOf(challenge)).toBe(expected);
});

test("a hostile challenge is read in a moment", () => {
  const started = performance.now();
  for (const text of [
    "a".repeat(60_000),
    'Cargo x="'.repeat(7000),
    ", ".repeat(30_000),
    `Cargo ${"a=".repeat(30_000)}`,
  ])
    loginUrlOf(text);
  expect(performance.now() - started).toBeLessThan(1000);
});
