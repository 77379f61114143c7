import { isTomlTreeTable, type TomlTree, type TomlTreeTable, tomlKey, tomlString } from "../../toml/index.ts";

interface Section {
  /** Keys from the top, written as TOML; empty for the top itself. */
  readonly path: readonly string[];
  readonly isElement: boolean;
  body: string;
  hasChildren: boolean;
}

/**
 * Writes a document as the TOML writer inside cargo does: each table under its own header, lists of two and more over
 * several lines, strings in the plainest form. Tables stand in the order in which they are met.
 */
export function formatTomlTree(document: TomlTreeTable): string {
  const sections: Section[] = [];
  addSection(document, newSection([], false), sections);
  return sections.filter(isNeeded).map(sectionText).join("\n");
}

function newSection(path: readonly string[], isElement: boolean): Section {
  return { path, isElement, body: "", hasChildren: false };
}

function addSection(table: TomlTreeTable, section: Section, sections: Section[]): void {
  sections.push(section);
  for (const [name, value] of table) {
    const key = tomlKey(name);
    if (isTomlTreeTable(value)) {
      section.hasChildren = true;
      addSection(value, newSection([...section.path, key], false), sections);
    } else if (isListOfTables(value)) {
      section.hasChildren = true;
      for (const element of value) addSection(element, newSection([...section.path, key], true), sections);
    } else {
      section.body += `${key} = ${valueText(value)}\n`;
    }
  }
}

function isListOfTables(value: TomlTree): value is readonly TomlTreeTable[] {
  return Array.isArray(value) && value.length > 0 && value.every((element: TomlTree) => isTomlTreeTable(element));
}

/** A table that only holds tables needs no header of its own. */
function isNeeded({ path, isElement, body, hasChildren }: Section): boolean {
  return path.length === 0 ? body !== "" : isElement || body !== "" || !hasChildren;
}

function sectionText({ path, isElement, body }: Section): string {
  if (path.length === 0) return body;
  const name = path.join(".");
  return `${isElement ? `[[${name}]]` : `[${name}]`}\n${body}`;
}

function valueText(value: TomlTree): string {
  if (typeof value === "string") return tomlString(value);
  if (typeof value === "number") return floatText(value);
  if (typeof value === "bigint" || typeof value === "boolean") return String(value);
  if (isTomlTreeTable(value)) return inlineTable(value);
  if (isList(value)) return listText(value);
  return value.toISOString().replace(/(:\d\d)\.0+(?=$|[Zz+-])/, "$1");
}

function isList(value: TomlTree): value is readonly TomlTree[] {
  return Array.isArray(value);
}

function listText(values: readonly TomlTree[]): string {
  if (values.length < 2) return `[${values.map(valueText).join("")}]`;
  return `[\n${values.map((value) => `    ${valueText(value)},\n`).join("")}]`;
}

function inlineTable(table: TomlTreeTable): string {
  const entries = Array.from(table, ([key, value]) => ` ${tomlKey(key)} = ${valueText(value)}`);
  return entries.length === 0 ? "{}" : `{${entries.join(",")} }`;
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const sign = Object.is(value, -0) ? "-" : "";
  return sign + (Number.isInteger(value) ? `${wholeDigits(value)}.0` : plainDigits(value));
}

function wholeDigits(value: number): string {
  return BigInt(value).toString();
}

/** Without an exponent, which JavaScript writes below 1e-6. */
function plainDigits(value: number): string {
  const text = String(value);
  const [digits = "", exponent] = text.split("e-");
  if (exponent === undefined) return text;
  const [whole = "", fraction = ""] = digits.replace("-", "").split(".");
  return `${value < 0 ? "-" : ""}0.${"0".repeat(Number(exponent) - 1)}${whole}${fraction}`;
}
