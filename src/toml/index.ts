export { addToArray, removeFromArray } from "./array-edit.ts";
export {
  type Decor,
  type DocumentArray,
  type DocumentEntry,
  type DocumentInlineTable,
  type DocumentItem,
  type DocumentKey,
  type DocumentScalar,
  type DocumentTable,
  type DocumentTableLike,
  type DocumentTables,
  type DocumentValue,
  isTableLike,
  newArray,
  newInlineTable,
  type TomlDocument,
} from "./document.ts";
export {
  documentBoolean,
  documentEntry,
  documentItem,
  documentTableAt,
  documentText,
  newScalar,
  removeDocumentItem,
  resetDecor,
  resetKey,
  setDocumentItem,
  sortDocumentTable,
  textOf,
} from "./document-entries.ts";
export { formatTomlDocument, writtenKeys } from "./document-format.ts";
export { parseTomlDocument } from "./document-parse.ts";
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
