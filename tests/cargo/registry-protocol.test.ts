import { expect, test } from "vitest";
import {
  configRequest,
  downloadUrl,
  type HttpAnswer,
  indexVersionOf,
  isSha256,
  parseRegistryConfig,
  RegistryConfigError,
  readSparseAnswer,
  SparseError,
  sparseRequest,
  validatorFromIndexVersion,
} from "../../src/cargo/index.ts";
import { checksum } from "./index-line-cases.ts";

const root = "https://registry.example/index/";

function answer(status: number, parts: Partial<HttpAnswer> = {}): HttpAnswer {
  return { status, headers: {}, body: "", ...parts };
}

function downloadOf(dl: string, name: string, version = "0.3.0"): string {
  if (!isSha256(checksum)) throw new Error("the test's checksum is none");
  return downloadUrl({ dl, api: undefined, authRequired: false }, { name, version, checksum });
}

test.each([
  ["{}", 'its field "dl" is not a string'],
  ['{"dl":"x","api":1}', 'its field "api" is not a string'],
  ['{"dl":"x","auth-required":null}', 'its field "auth-required" is not true or false'],
  ["[]", "it is not a JSON object"],
  ["<html>", "it is not JSON"],
])("parseRegistryConfig refuses %s", (text, reason) => {
  let thrown: unknown;
  try {
    parseRegistryConfig(text, `${root}config.json`);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(RegistryConfigError);
  expect(thrown).toMatchObject({ code: "cargo/registry-config-invalid", where: `${root}config.json` });
  expect(thrown).toHaveProperty("what", expect.stringContaining(reason));
});

test("parseRegistryConfig reads what there is and ignores what it does not know", () => {
  expect(parseRegistryConfig('{"dl":""}', "config.json")).toEqual({ dl: "", api: undefined, authRequired: false });
  expect(parseRegistryConfig('{"dl":"d","api":null,"x":[]}', "config.json")).toMatchObject({ api: undefined });
  expect(parseRegistryConfig('{"dl":"d","api":"https://a.example","auth-required":true}', "config.json")).toEqual({
    dl: "d",
    api: "https://a.example",
    authRequired: true,
  });
});

test.each([
  ["https://d.example/crates", "Lab_One", "https://d.example/crates/Lab_One/0.3.0/download"],
  ["https://d.example/{unknown}", "a", "https://d.example/{unknown}/a/0.3.0/download"],
  [
    "https://d.example/{prefix}/{lowerprefix}/{sha256-checksum}/{crate}-{version}.crate",
    "Lab_One",
    `https://d.example/La/b_/la/b_/${checksum}/Lab_One-0.3.0.crate`,
  ],
  ["{prefix}|{lowerprefix}", "A", "1|1"],
  ["{prefix}|{lowerprefix}", "Ab", "2|2"],
  ["{prefix}|{lowerprefix}", "Abc", "3/A|3/a"],
  ["{crate}/{crate}/{version}", "$&", "$&/$&/0.3.0"],
])("downloadUrl fills %s in for %s", (dl, name, url) => {
  expect(downloadOf(dl, name)).toBe(url);
});

test("a plus sign in a version is sent as it is", () => {
  expect(downloadOf("https://d.example/{version}", "a", "1.0.0+b.1")).toBe("https://d.example/1.0.0+b.1");
});

test("sparseRequest asks for the file of the lower-cased name", () => {
  expect(sparseRequest(`sparse+${root}`, "Lab_One")).toEqual({
    url: `${root}la/b_/lab_one`,
    headers: { accept: "text/plain", "cargo-protocol": "version=1" },
  });
  expect(configRequest(root).url).toBe(`${root}config.json`);
});

test.each([
  [{ etag: 'W/"1"' }, { "if-none-match": 'W/"1"' }],
  [{ lastModified: "Sat, 01 Jan 2022 00:00:00 GMT" }, { "if-modified-since": "Sat, 01 Jan 2022 00:00:00 GMT" }],
])("sparseRequest sends the validator %j back", (validator, headers) => {
  expect(sparseRequest(root, "a", validator).headers).toMatchObject(headers);
});

test.each(["https://registry.example/index", "file:///srv/index/", "registry.example/", "https:///", ""])(
  "%j can not be the root of a sparse registry",
  (bad) => {
    expect(() => sparseRequest(bad, "a")).toThrow(SparseError);
  },
);

test("an error about a registry's address does not show its password", () => {
  let thrown: unknown;
  try {
    configRequest("https://user:secret@registry.example/index");
  } catch (error) {
    thrown = error;
  }
  expect(JSON.stringify(thrown) + String(thrown)).not.toContain("secret");
});

test.each([
  [{ etag: '"1"', "last-modified": "then" }, { etag: '"1"' }],
  [{ "last-modified": "then" }, { lastModified: "then" }],
  [{ etag: ["first", "second"] }, { etag: "first" }],
  [{ etag: "" }, undefined],
  [{}, undefined],
])("a fresh file with the headers %j keeps its best validator", (headers, validator) => {
  expect(readSparseAnswer(answer(200, { headers, body: "{}" }))).toEqual({ kind: "fresh", body: "{}", validator });
});

test.each([
  [304, "unchanged"],
  [404, "no-such-package"],
  [410, "no-such-package"],
  [451, "no-such-package"],
  [401, "unauthorized"],
])("status %i means %s", (status, kind) => {
  expect(readSparseAnswer(answer(status)).kind).toBe(kind);
});

test.each([204, 206, 301, 400, 403, 429, 500, 503])("status %i is refused, with its number", (status) => {
  expect(readSparseAnswer(answer(status))).toEqual({ kind: "refused", status });
});

test("an unauthorized answer tells where a token can be had", () => {
  const headers = { "www-authenticate": 'Cargo login_url="https://registry.example/me"' };
  expect(readSparseAnswer(answer(401, { headers }))).toEqual({
    kind: "unauthorized",
    loginUrl: "https://registry.example/me",
  });
});

test("bytes that are not UTF-8 cost only their own line", () => {
  const body = Uint8Array.from([...Buffer.from('{"a":"ü"}\n'), 0xff, 0xfe, ...Buffer.from('\n{"b":1}\n')]);
  expect(readSparseAnswer(answer(200, { body }))).toMatchObject({ body: '{"a":"ü"}\n\n{"b":1}\n' });
});

test("a byte order mark stays in the body, so that its line is no line", () => {
  expect(readSparseAnswer(answer(200, { body: Uint8Array.from([0xef, 0xbb, 0xbf, 0x7b, 0x7d]) }))).toMatchObject({
    body: "\ufeff{}",
  });
});

test.each([
  [{ etag: 'W/"1"' }, 'etag: W/"1"'],
  [{ lastModified: "then" }, "last-modified: then"],
  [undefined, "Unknown"],
])("the validator %j is cached as %s", (validator, indexVersion) => {
  expect(indexVersionOf(validator)).toBe(indexVersion);
  expect(validatorFromIndexVersion(indexVersion)).toEqual(validator);
});
