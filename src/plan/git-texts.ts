import type { HubCommit } from "../formats/index.ts";
import { type BlockMarks, cutAtBlock, endedLines, markedBlock } from "./marked-block.ts";
import { PlanError } from "./plan-error.ts";

const ignoreMarks: BlockMarks = { begin: "# >>> cargo-hub: made again from hub.lock", end: "# <<< cargo-hub" };
const attributeMarks: BlockMarks = {
  begin: "# >>> cargo-hub: git must not change line ends in these, their bytes are checked",
  end: "# <<< cargo-hub",
};

const ownOfCargo = ["/git/", "/.package-cache", "/.package-cache-mutate", "/.global-cache"];
/** Where `cargo login` writes tokens when the hub is its home. */
const secrets = ["/credentials", "/credentials.toml"];
const privateFiles = ".*.hub-partial";

/**
 * What `.cargo/.gitignore` ignores: all that can be made again from what is committed.
 *
 * With `crates`, the lines that begin with `!` stand against a `*.crate`, a `registry/` or a `target` (which may be a crate's name, and
 * so an index file's) in a .gitignore further up.
 */
export function ignoredPaths(commit: HubCommit): readonly string[] {
  if (commit === "none") return ["/registry/", ...ownOfCargo, ...secrets, privateFiles];
  return [
    "!/registry/",
    "/registry/*",
    "!/registry/cache/",
    "!/registry/cache/**",
    "/registry/cache/*/index",
    "!/registry/index/",
    "!/registry/index/*/",
    "/registry/index/*/*",
    "!/registry/index/*/config.json",
    "!/registry/index/*/config.json.sha256",
    "!/registry/index/*/?/",
    "!/registry/index/*/?/**",
    "!/registry/index/*/??/",
    "!/registry/index/*/??/**",
    ...ownOfCargo,
    ...secrets,
    privateFiles,
  ];
}

/** The attributes of all files of a hub that are, or may be, committed. */
const attributes = [
  "/.gitignore text eol=lf",
  "/.gitattributes text eol=lf",
  "/hub.config.toml text eol=lf",
  "/hub.lock text eol=lf",
  "/hub.std.lock text eol=lf",
  "/registry/cache/** binary",
  "/registry/index/** -text",
];

/**
 * Puts our block into a .gitignore, or brings it up to date; every other byte is kept.
 *
 * @throws {PlanError} plan/block-damaged when the block's end mark is gone.
 */
export function withIgnoredPaths(text: string, commit: HubCommit): string {
  return withBlock(withoutOldLines(text), ignoreMarks, { lines: ignoredPaths(commit), file: ".cargo/.gitignore" });
}

/** {@link withIgnoredPaths} for .gitattributes. */
export function withAttributes(text: string): string {
  return withBlock(text, attributeMarks, { lines: attributes, file: ".cargo/.gitattributes" });
}

function withBlock(
  text: string,
  marks: BlockMarks,
  { lines, file }: { readonly lines: readonly string[]; readonly file: string },
): string {
  const inside = `${lines.join("\n")}\n`;
  const cut = cutAtBlock(text, marks);
  if (cut === "open") throw endMarkMissing(marks, file);
  if (cut === undefined) return endedLines(text) + markedBlock(marks, inside);
  return cut.inside === inside ? text : cut.before + markedBlock(marks, inside) + cut.after;
}

/** The first hubs had these lines without an end mark. */
const oldLines =
  /^# cargo-hub: made again from hub\.lock\r?\n(?:\/(?:registry\/|git\/|\.package-cache(?:-mutate)?|\.global-cache)\r?\n)+/m;

function withoutOldLines(text: string): string {
  return text.replace(oldLines, "");
}

function endMarkMissing({ begin, end }: BlockMarks, where: string): PlanError {
  return new PlanError({
    code: "plan/block-damaged",
    what: `cargo-hub's block begins with \`${begin}\`, but its last line, \`${end}\`, is gone, so nobody can tell what of the rest is the user's`,
    where,
    help: `put the line \`${end}\` back where the block ended, or delete the block, and run \`cargo-hub fill\` again`,
  });
}
