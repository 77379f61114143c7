export { addToArray, removeFromArray } from "./array-edit.ts";
export { parseToml } from "./parse-toml.ts";
export { TomlError, type TomlErrorCode } from "./toml-error.ts";
export { isTomlTable, type TomlDate, type TomlTable, type TomlValue } from "./toml-value.ts";
