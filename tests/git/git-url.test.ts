import { expect, test } from "vitest";
import { withoutSecrets } from "../../src/git/git-url.ts";
import { parseGitUrl, submoduleUrl } from "../../src/git/index.ts";
import { errorOf } from "./scene.ts";

test.each([
  "https://host.example/a/b.git",
  "http://127.0.0.1:8080/a",
  "http://[::1]:8080/a",
  "ssh://git@host.example:2222/a/b",
  "git://host.example/a",
  "file:///srv/git/a",
  "https://host.example/a%20b/-c",
  "https://host.example/a?x=1",
])("%s is handed to git as it is", (text) => {
  expect(parseGitUrl(text).href).toBe(text);
});

test.each([
  ["an option", "--upload-pack=touch /tmp/x"],
  ["a short option", "-oProxyCommand=x"],
  ["the ext helper", "ext::sh -c 'touch /tmp/x'"],
  ["the ext helper without blanks", "ext::sh"],
  ["the fd helper", "fd::7"],
  ["any helper", "foo::https://host.example/x"],
  ["a helper named like a protocol", "https::https://host.example/x"],
  ["a helper by its protocol", "ext://sh"],
  ["another protocol", "ftp://host.example/x"],
  ["a script", "javascript:alert(1)"],
  ["a path", "/srv/git/a"],
  ["a relative path", "../a"],
  ["a host and a path, as ssh likes it", "git@host.example:a/b"],
  ["the same without user", "host.example:a/b"],
  ["nothing", ""],
  ["a host that is an option to ssh", "ssh://-oProxyCommand=x/a"],
  ["the same, encoded", "ssh://%2doProxyCommand=x/a"],
  ["a user that is an option to ssh", "ssh://-l@host.example/a"],
  ["an encoded user", "ssh://%2Dl@host.example/a"],
  ["a path that is an option", "ssh://host.example/-x"],
  ["an encoded newline in a git path", "git://host.example/a%0ahost=x"],
  ["an encoded NUL", "https://host.example/a%00"],
  ["an encoded newline behind a bad escape", "https://host.example/a%zz%0A"],
  ["a newline", "https://host.example/a\nb"],
  ["a tab, which URL parsers drop", "https://host.example/\ta"],
  ["a blank", "https://host.example/a b"],
  ["a file on a host", "file://host.example/a"],
  ["no host", "https:///"],
  ["a protocol without slashes", "https:host.example/a"],
  ["a file without slashes", "file:/srv/a"],
])("%s is refused: %s", (_what, text) => {
  expect(errorOf(() => parseGitUrl(text))).toMatchObject({ code: "git/url-refused" });
});

test("the answer to a host and a path says how cargo wants it", () => {
  const { what } = errorOf(() => parseGitUrl("git@host.example:team/a.git"));
  expect(what).toContain("ssh://");
});

test.each([
  ["https://host.example/team/a", "../b", "https://host.example/team/b"],
  ["https://host.example/team/a/", "../b", "https://host.example/team/b"],
  ["https://host.example/team/a", "./b", "https://host.example/team/a/b"],
  ["https://host.example/team/a.git", "../../b.git", "https://host.example/b.git"],
  ["https://host.example/a", "../../../b", "https://host.example/b"],
  ["https://me:pw@host.example/a", "../b", "https://me:pw@host.example/b"],
  ["ssh://git@host.example/team/a", "../b", "ssh://git@host.example/team/b"],
  ["file:///srv/a", "../b", "file:///srv/b"],
  ["file:///srv/a", "file:///srv/c", "file:///srv/c"],
  ["https://host.example/a", "https://other.example/b", "https://other.example/b"],
])("from %s the submodule %s is at %s", (above, written, url) => {
  expect(submoduleUrl(parseGitUrl(above), written).href).toBe(url);
});

test.each([
  ["https://host.example/a", "file:///etc"],
  ["https://host.example/a", "/etc"],
  ["https://host.example/a", "b"],
  ["https://host.example/a", "git@host.example:b"],
  ["https://host.example/a", "ext::sh"],
  ["https://host.example/a", "-x"],
  ["file:///srv/a", "../%0a"],
  ["https://host.example/a", "../%00"],
])("below %s the submodule %s is refused", (above, written) => {
  expect(errorOf(() => submoduleUrl(parseGitUrl(above), written))).toMatchObject({ code: "git/url-refused" });
});

test("what is shown of a URL has no user, no password, no query", () => {
  expect(parseGitUrl("https://me:s3cret@host.example/a?token=t0ken").shown).toBe("https://host.example/a");
});

test.each([
  "fatal: unable to access 'https://me%40home:s3cret%21@host.example/a?token=t0ken': no",
  "fatal: Authentication failed for me@home with s3cret!",
  "remote: s3cret%21 is wrong, so is token=t0ken",
])("secrets are taken out of «%s»", (text) => {
  const said = withoutSecrets(text, parseGitUrl("https://me%40home:s3cret%21@host.example/a?token=t0ken"));
  expect(said).not.toMatch(/s3cret|t0ken|me@home|me%40home/);
});

test("the user of ssh is no secret", () => {
  const said = withoutSecrets("git: Permission denied", parseGitUrl("ssh://git@host.example/a"));
  expect(said).toBe("git: Permission denied");
});

test.each(["user:s3cret@host:path", "https:me:s3cret@host.example/a", "ext://me:s3cret@host.example/a"])(
  "the refusal of %s does not show the password",
  (text) => {
    const error = errorOf(() => parseGitUrl(text));
    expect(`${error.message} ${error.what} ${error.help}`).not.toContain("s3cret");
  },
);
