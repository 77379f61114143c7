import { expect, test } from "vitest";
import { type ErrorParts, HubError } from "../../src/errors/index.ts";

type SampleCode = "sample/broken";
class SampleError extends HubError<SampleCode> {}

const parts: ErrorParts<SampleCode> = {
  code: "sample/broken",
  what: "it holds 1, but 2 was promised",
  where: "/project/Cargo.lock:3:1",
  help: "write 2",
};

test("an error keeps its parts and is named after its class", () => {
  const error = new SampleError(parts);
  expect(error).toMatchObject({ ...parts, name: "SampleError" });
  expect(error).toBeInstanceOf(HubError);
  expect(error).toBeInstanceOf(Error);
});

test("its message begins with the place, when there is one", () => {
  const { where: _where, ...placeless } = parts;
  expect(new SampleError(parts).message).toBe("/project/Cargo.lock:3:1: it holds 1, but 2 was promised");
  expect(new SampleError(placeless).message).toBe("it holds 1, but 2 was promised");
  expect(new SampleError(placeless).where).toBeUndefined();
});

test("its cause is the error underneath, and absent when there is none", () => {
  const cause = new RangeError("underneath");
  expect(new SampleError({ ...parts, cause }).cause).toBe(cause);
  expect(Object.hasOwn(new SampleError(parts), "cause")).toBe(false);
});

test("no part of it shows a password", () => {
  const url = "https://someone:hunter2@registry.example/index/";
  const error = new SampleError({ code: "sample/broken", what: `${url} answers 500`, where: url, help: `open ${url}` });
  expect(error).toMatchObject({
    what: "https://registry.example/index/ answers 500",
    where: "https://registry.example/index/",
    help: "open https://registry.example/index/",
  });
  expect(error.message).not.toContain("hunter2");
  expect(String(error.stack)).not.toContain("hunter2");
});
