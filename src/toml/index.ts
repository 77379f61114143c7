export { addToArray, removeFromArray } from "./array-edit.ts";
export { newerTomlSyntax } from "./newer-syntax.ts";
export { parseExact, parsePrivateToml, parseToml } from "./parse-toml.ts";
export {
  type Header as TomlHeader,
  type Layout as TomlLayout,
  layoutOf as tomlLayout,
  type Statement as TomlStatement,
} from "./statements.ts";
export { TomlError, type TomlErrorCode } from "./toml-error.ts";
export { tomlKey, tomlString } from "./toml-text.ts";
export { isTomlTreeTable, parseTomlTree, type TomlTree, type TomlTreeTable, tomlTree } from "./toml-tree.ts";
export { isTomlTable, type TomlDate, type TomlTable, type TomlValue } from "./toml-value.ts";
