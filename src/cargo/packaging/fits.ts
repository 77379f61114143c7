import { isTomlTable, type TomlTree, type TomlValue, tomlTree } from "../../toml/index.ts";
import type { Shape } from "./shape.ts";

/**
 * Whether a value, as `parseExact` has read it, is of a shape: whether cargo can read it. The answer is that of building the value anew
 * by the shape, without building anything.
 */
export function fits(value: TomlValue, shape: Shape): boolean {
  switch (shape.is) {
    case "anything":
      return true;
    case "string":
    case "boolean":
    case "integer":
      return isOfKind(value, shape);
    case "one-of": {
      const option = shape.options.find((candidate) => isOfKind(value, candidate));
      return option !== undefined && fits(value, option);
    }
    case "list":
      return Array.isArray(value) && value.every((element) => fits(element, shape.of));
    case "map":
      return isTomlTable(value) && Object.values(value).every((member) => fits(member, shape.of));
    case "record": {
      if (!isTomlTable(value)) return false;
      return Object.entries(value).every(([key, member]) => {
        const of = shape.keys.get(key);
        return of === undefined || fits(member, of);
      });
    }
    case "made":
      return fits(value, shape.of) && shape.to(treeOf(value)) !== undefined;
    default:
      return shape satisfies never;
  }
}

function isOfKind(value: TomlValue, shape: Shape): boolean {
  switch (shape.is) {
    case "string":
    case "boolean":
      return typeof value === shape.is;
    case "integer":
      return typeof value === "bigint";
    case "list":
      return Array.isArray(value);
    case "map":
    case "record":
      return isTomlTable(value);
    case "one-of":
      return shape.options.some((option) => isOfKind(value, option));
    case "made":
      return isOfKind(value, shape.of);
    case "anything":
      return true;
    default:
      return shape satisfies never;
  }
}

function treeOf(value: TomlValue): TomlTree {
  if (Array.isArray(value)) return value.map(treeOf);
  return isTomlTable(value) ? tomlTree(value) : value;
}
