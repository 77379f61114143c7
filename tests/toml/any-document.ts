import { type Arbitrary, array, constantFrom, oneof, record, tuple, uniqueArray } from "fast-check";

/** Blanks in front of and behind things. */
const space = constantFrom("", " ", "  ", "\t");
const comment = constantFrom("", "", " # why", "#", " # [not.a.table] = 1");
const gap = constantFrom("", "", "\n", "# a comment\n", "\n# one\n\n# two\n", "   \n");
const inner = constantFrom("", " ", "\n  ", " # c\n    ");
const key = constantFrom("alpha", "beta", "gamma", '"quoted key"', "'lit'", "delta-1", "x_y", "1", '"\\u0041"');

const scalar = constantFrom(
  '"text"',
  "'raw \\ text'",
  '"""\nlong\n  text # no comment"""',
  "'''\nraw '' text'''",
  "1_000",
  "0xFF",
  "-1.5e3",
  "nan",
  "true",
  "1979-05-27 07:32:00Z",
  "07:32:00",
  '"# [x]"',
  '"a\\tb"',
);

function joined(open: string, parts: readonly string[], close: string): string {
  return `${open}${parts.join(",")}${close}`;
}

const flatArray: Arbitrary<string> = tuple(
  array(tuple(inner, scalar, inner), { maxLength: 4 }),
  inner,
  constantFrom("", ","),
).map(([elements, end, comma]) =>
  joined(
    "[",
    elements.map((element) => element.join("")),
    `${elements.length > 0 ? comma : ""}${elements.length > 0 && comma === "" ? "" : end}]`,
  ),
);

const inlineTable: Arbitrary<string> = tuple(
  uniqueArray(tuple(key, oneof(scalar, flatArray), space), { maxLength: 3, selector: ([name]) => name }),
  inner,
  constantFrom("", ","),
).map(([entries, end, comma]) => {
  const parts = entries.map(([name, value, blank]) => `${blank}${name}${blank}=${blank}${value}${blank}`);
  const isOpen = entries.length === 0 || comma === ",";
  return joined("{", parts, `${entries.length > 0 ? comma : ""}${isOpen ? end : ""}}`);
});

const value = oneof({ weight: 3, arbitrary: scalar }, flatArray, inlineTable);

/** `key = value` lines of one table, with comments and blanks. */
const statements = uniqueArray(record({ gap, key, space, value, comment }), {
  maxLength: 4,
  selector: (statement) => nameOf(statement.key),
}).map((lines) =>
  lines
    .map((line) => `${line.gap}${line.space}${line.key}${line.space}=${line.space}${line.value}${line.comment}\n`)
    .join(""),
);

function nameOf(written: string): string {
  return written === '"\\u0041"' ? "A" : written.replaceAll(/["']/g, "");
}

const header = record({
  gap,
  space,
  name: constantFrom("one", "two", "three.four", "three.five", "'six'.seven", '"eight nine"'),
  isArray: constantFrom(false, false, true),
  comment,
});

/** A TOML text with `\n` line ends, in every form that putting it together again keeps. */
export function anyDocument(): Arbitrary<string> {
  const tables = uniqueArray(tuple(header, statements), { maxLength: 5, selector: ([{ name }]) => name });
  return tuple(statements, tables, gap).map(
    ([first, rest, end]) =>
      first +
      rest
        .map(([{ gap: before, space: blank, name, isArray, comment: behind }, body]) => {
          const [open, close] = isArray ? ["[[", "]]"] : ["[", "]"];
          return `${before}${blank}${open}${blank}${name}${blank}${close}${behind}\n${body}`;
        })
        .join("") +
      end,
  );
}
