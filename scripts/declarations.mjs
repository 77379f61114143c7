// Reads the declaration files that `tsc` writes, as far as the doors of the rooms need it.

/**
 * Splits a declaration file into its top-level statements, without comments.
 *
 * @param {string} text a `.d.ts` as the compiler prints it
 * @returns {string[]}
 */
export function splitStatements(text) {
  const statements = [];
  let statement = "";
  let depth = 0;
  for (const token of text.matchAll(
    /[ \t]*\/\*[\s\S]*?\*\/\n?|[ \t]*\/\/[^\n]*\n?|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|=>|[\s\S]/g,
  )) {
    const part = token[0];
    if (/^\s*\/[/*]/.test(part)) continue;
    statement += part;
    if ("{([".includes(part)) depth += 1;
    else if ("})]".includes(part)) depth -= 1;
    if (depth === 0 && (part === ";" || (part === "}" && endsWithItsBody(statement)))) {
      statements.push(tidy(statement));
      statement = "";
    }
  }
  if (statement.trim() !== "") statements.push(tidy(statement));
  return statements;
}

function endsWithItsBody(statement) {
  return /^\s*(?:export\s+)?(?:declare\s+)?(?:abstract\s+)?(?:class|interface|namespace)\b/.test(statement);
}

function tidy(statement) {
  return statement
    .replaceAll("\r", "")
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "")
    .join("\n")
    .trim();
}

/**
 * The names a file declares: `["HubError", ["class HubError …"]]`; an overloaded function has several texts.
 *
 * @param {string[]} statements
 * @returns {Map<string, string[]>}
 */
export function declaredNames(statements) {
  const names = new Map();
  for (const statement of statements) {
    const match =
      /^(?:export\s+)?(?:declare\s+)?((?:abstract\s+)?(?:class|interface|type|function|const|let|namespace)\s+([\w$]+)[\s\S]*)$/.exec(
        statement,
      );
    if (match === null) continue;
    const [, text = "", name = ""] = match;
    names.set(name, [...(names.get(name) ?? []), text.replace(/;$/, "")]);
  }
  return names;
}

/**
 * The `export { a, type b as c } from "…"` and `import { … } from "…"` lists of a file.
 *
 * @param {string[]} statements
 * @returns {{ kind: "import" | "export", from: string | undefined, items: { name: string, as: string }[] }[]}
 */
export function nameLists(statements) {
  const lists = [];
  for (const statement of statements) {
    const match = /^(import|export)\s+(?:type\s+)?\{([\s\S]*)\}(?:\s*from\s*["'](.+)["'])?;?$/.exec(statement);
    if (match === null) continue;
    const items = (match[2] ?? "")
      .split(",")
      .map((item) => item.trim().replace(/^type\s+/, ""))
      .filter((item) => item !== "")
      .map((item) => {
        const [name = "", as = name] = item.split(/\s+as\s+/);
        return { name, as };
      });
    lists.push({ kind: match[1], from: match[3], items });
  }
  return lists;
}
