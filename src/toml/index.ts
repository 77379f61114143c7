export { addToArray, removeFromArray } from "./array-edit.ts";
export { parsePrivateToml, parseToml } from "./parse-toml.ts";
export {
  type Header as TomlHeader,
  type Layout as TomlLayout,
  layoutOf as tomlLayout,
  type Statement as TomlStatement,
} from "./statements.ts";
export { TomlError, type TomlErrorCode } from "./toml-error.ts";
export { isTomlTable, type TomlDate, type TomlTable, type TomlValue } from "./toml-value.ts";
