import { TomlDate } from "smol-toml";

export type { TomlDate } from "smol-toml";

/** A TOML table; keys in the order of the text. May hold a key named `__proto__`: look up own keys only. */
export interface TomlTable {
  [key: string]: TomlValue;
}

/** Any TOML value. Integers are numbers, and bigints beyond 2^53-1 only. */
export type TomlValue = string | number | bigint | boolean | TomlDate | TomlTable | TomlValue[];

/** True for a table, false for arrays, dates and scalars. */
export function isTomlTable(value: TomlValue | undefined): value is TomlTable {
  return typeof value === "object" && !Array.isArray(value) && !(value instanceof TomlDate);
}

/** True when both values are equal, key order of tables aside. */
export function sameTomlValue(left: TomlValue, right: TomlValue): boolean {
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left.length !== right.length) return false;
    return left.every((value, index) => {
      const other = right[index];
      return other !== undefined && sameTomlValue(value, other);
    });
  }
  if (left instanceof TomlDate) return right instanceof TomlDate && left.toISOString() === right.toISOString();
  if (isTomlTable(left)) {
    if (!isTomlTable(right)) return false;
    const keys = Object.keys(left);
    if (keys.length !== Object.keys(right).length) return false;
    return keys.every((key) => {
      const [value, other] = [left[key], Object.hasOwn(right, key) ? right[key] : undefined];
      return value !== undefined && other !== undefined && sameTomlValue(value, other);
    });
  }
  return Object.is(left, right);
}
