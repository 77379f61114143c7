import { compileGlob, type Glob, GlobProblem } from "./glob.ts";

interface Rule {
  readonly glob: Glob;
  /** Begins with `!`: takes back what earlier rules said. */
  readonly isException: boolean;
  readonly onlyDirectories: boolean;
}

/** The patterns of `include` or `exclude`; the last that matches decides. */
export type IgnoreRules = readonly Rule[];

/** A pattern that is not one. */
export interface IgnoreProblem {
  readonly pattern: string;
  readonly why: string;
}

/**
 * Reads patterns as lines of a .gitignore, which is how cargo reads them.
 *
 * @see The Cargo Book, "The `exclude` and `include` fields".
 */
export function parseIgnoreRules(patterns: readonly string[]): IgnoreRules | IgnoreProblem {
  const rules: Rule[] = [];
  for (const pattern of patterns) {
    const line = pattern.endsWith("\\ ") ? pattern : pattern.trimEnd();
    if (line === "" || line.startsWith("#")) continue;
    const rule = ruleOf(line);
    if (rule instanceof GlobProblem) return { pattern, why: rule.why };
    rules.push(rule);
  }
  return rules;
}

function ruleOf(line: string): Rule | GlobProblem {
  const isEscaped = line.startsWith("\\!") || line.startsWith("\\#");
  const isException = !isEscaped && line.startsWith("!");
  let pattern = isEscaped || isException ? line.slice(1) : line;
  const isAnchored = !isEscaped && pattern.startsWith("/");
  if (isAnchored) pattern = pattern.slice(1);
  const onlyDirectories = pattern.endsWith("/");
  if (onlyDirectories) pattern = pattern.slice(0, -1).replace(/\\$/, "");
  const isAnywhere = !isAnchored && !pattern.includes("/") && pattern !== "**";
  let whole = isAnywhere ? `**/${pattern}` : pattern;
  // Only what lies in the directory, not the directory itself.
  if (whole.endsWith("/**")) whole += "/*";
  const glob = compileGlob(whole);
  return glob instanceof GlobProblem ? glob : { glob, isException, onlyDirectories };
}

/** What the rules say about one path, its parents left aside. */
function ignoreVerdict(rules: IgnoreRules, path: string, isDirectory: boolean): "matched" | "exception" | undefined {
  const rule = rules.findLast(({ glob, onlyDirectories }) => (isDirectory || !onlyDirectories) && glob.matches(path));
  if (rule === undefined) return undefined;
  return rule.isException ? "exception" : "matched";
}

/**
 * Whether the rules match a path: what they say about the path itself or, when they say nothing, about the nearest
 * directory above it. So an exception counts even below a directory that is matched.
 */
export function isMatched(rules: IgnoreRules, path: string, isDirectory: boolean): boolean {
  for (let at = path, directory = isDirectory; ; directory = true) {
    const verdict = ignoreVerdict(rules, at, directory);
    if (verdict !== undefined) return verdict === "matched";
    if (at === "") return false;
    at = at.slice(0, Math.max(at.lastIndexOf("/"), 0));
  }
}
