import { expect, test } from "vitest";
import {
  configDigestText,
  configPlaces,
  cratePlaces,
  hubLayout,
  ignoredPaths,
  indexPlaces,
} from "../../src/plan/index.ts";

const ident = "registry.example-0123456789abcdef";

test.each([
  ["a", "1/a"],
  ["cc", "2/cc"],
  ["syn", "3/s/syn"],
  ["tokio", "to/ki/tokio"],
  ["Inflector", "in/fl/inflector"],
])("the files of %s lie where cargo looks for them", (name, path) => {
  expect(cratePlaces({ ident, name, version: "1.2.3+x" })).toEqual({
    crate: `registry/cache/${ident}/${name}-1.2.3+x.crate`,
    source: `registry/src/${ident}/${name}-1.2.3+x`,
    rawIndex: `registry/index/${ident}/${path}`,
    cacheIndex: `registry/index/${ident}/.cache/${path}`,
  });
  expect(indexPlaces({ ident, name })).toEqual({
    rawIndex: `registry/index/${ident}/${path}`,
    cacheIndex: `registry/index/${ident}/.cache/${path}`,
  });
});

test("the registry's config.json lies beside its digest, in the form that sha256sum reads", () => {
  expect(configPlaces(ident)).toEqual({
    config: `registry/index/${ident}/config.json`,
    digest: `registry/index/${ident}/config.json.sha256`,
  });
  expect(configDigestText("0a1b")).toBe("0a1b  config.json\n");
});

function isIgnored(path: string): boolean {
  return ignoredPaths("none").some((ignored) => `/${path}` === ignored || `/${path}/`.startsWith(ignored));
}

test("what can be made again is ignored by git, the rest is not", () => {
  const { config, hubConfig, hubToml, hubLock, stdLock, gitignore, gitattributes, ...made } = hubLayout;
  expect(Object.values(made).filter((path) => !isIgnored(path))).toEqual([]);
  expect(
    [config, hubConfig, hubToml, hubLock, stdLock, gitignore, gitattributes].filter((path) => isIgnored(path)),
  ).toEqual([]);
});
