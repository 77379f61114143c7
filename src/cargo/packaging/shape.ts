import { isTomlTreeTable, type TomlTree, type TomlTreeTable } from "../../toml/index.ts";
import { fault, type ManifestDocument } from "../manifest-table.ts";
import { compareUtf8 } from "../utf8-order.ts";

/** What a value in a manifest has to be for cargo to read it. */
export type Shape =
  | { readonly is: "string" | "boolean" | "integer" }
  /** Read and written as it stands. */
  | { readonly is: "anything" }
  | { readonly is: "list"; readonly of: Shape }
  /** Any keys; in the order of their bytes, but for one that goes last. */
  | { readonly is: "map"; readonly of: Shape; readonly lastKey?: string }
  /** Known keys in the order in which cargo writes them; others are left out, or kept behind them. */
  | { readonly is: "record"; readonly keys: ReadonlyMap<string, Shape>; readonly keepsOthers?: boolean }
  /** Read as `of`, held as what `to` makes of it; `undefined` refuses the value. */
  | { readonly is: "made"; readonly of: Shape; readonly to: (value: TomlTree) => TomlTree | undefined }
  /** The first that fits by the kind of value. */
  | { readonly is: "one-of"; readonly options: readonly Shape[] };

/** A value that cargo can be asked about, and where it stands. */
export interface ShapePlace {
  readonly document: ManifestDocument;
  /** Keys from the top of the document. */
  readonly path: readonly string[];
}

/**
 * A manifest's value as cargo holds it after reading: unknown keys gone, keys in the order of cargo's writer.
 *
 * @throws {ManifestError} `cargo/manifest-invalid` for a value of the wrong kind.
 */
function shaped(value: TomlTree, shape: Shape, place: ShapePlace): TomlTree {
  switch (shape.is) {
    case "anything":
      return value;
    case "one-of": {
      const option = shape.options.find((candidate) => isOfKind(value, candidate));
      if (option === undefined) throw wrongKind(place, shape);
      return shaped(value, option, place);
    }
    case "list": {
      if (!isList(value)) throw wrongKind(place, shape);
      return value.map((element) => shaped(element, shape.of, place));
    }
    case "map":
      return shapedMap(value, shape, place);
    case "record":
      return shapedRecord(value, shape, place);
    case "made": {
      const made = shape.to(shaped(value, shape.of, place));
      if (made === undefined)
        throw faultAt(place, `\`${String(place.path.at(-1))}\` has a value that cargo does not know`);
      return made;
    }
    case "string":
    case "boolean":
    case "integer":
      if (!isOfKind(value, shape)) throw wrongKind(place, shape);
      return value;
    default:
      return shape satisfies never;
  }
}

/** {@link shaped} for a table, which stays one. */
export function shapedRecord(value: TomlTree, shape: Shape & { is: "record" }, place: ShapePlace): TomlTreeTable {
  if (!isTomlTreeTable(value)) throw wrongKind(place, shape);
  const result = new Map<string, TomlTree>();
  for (const [key, of] of shape.keys) {
    const member = value.get(key);
    if (member !== undefined) result.set(key, shaped(member, of, below(place, key)));
  }
  if (shape.keepsOthers === true) {
    for (const [key, member] of value) if (!shape.keys.has(key)) result.set(key, member);
  }
  return result;
}

function shapedMap(value: TomlTree, shape: Shape & { is: "map" }, place: ShapePlace): TomlTreeTable {
  if (!isTomlTreeTable(value)) throw wrongKind(place, shape);
  const keys = [...value.keys()].sort(
    (one, other) => Number(one === shape.lastKey) - Number(other === shape.lastKey) || compareUtf8(one, other),
  );
  const result = new Map<string, TomlTree>();
  for (const key of keys) {
    const member = value.get(key);
    if (member !== undefined) result.set(key, shaped(member, shape.of, below(place, key)));
  }
  return result;
}

function below(place: ShapePlace, key: string): ShapePlace {
  return { document: place.document, path: [...place.path, key] };
}

function isList(value: TomlTree): value is readonly TomlTree[] {
  return Array.isArray(value);
}

function isOfKind(value: TomlTree, shape: Shape): boolean {
  switch (shape.is) {
    case "string":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    case "integer":
      return typeof value === "bigint";
    case "list":
      return Array.isArray(value);
    case "map":
    case "record":
      return isTomlTreeTable(value);
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

function wrongKind(place: ShapePlace, shape: Shape): Error {
  return faultAt(place, `\`${place.path.at(-1) ?? "the manifest"}\` is not ${kindName(shape)}`);
}

/** An error about the value at `place`. */
export function faultAt({ document, path }: ShapePlace, what: string): Error {
  return fault({ document, path: path.slice(0, -1), values: {} }, path.at(-1) ?? "", what);
}

function kindName(shape: Shape): string {
  switch (shape.is) {
    case "string":
      return "a string";
    case "boolean":
      return "true or false";
    case "integer":
      return "a whole number";
    case "list":
      return "an array";
    case "map":
    case "record":
      return "a table";
    case "one-of":
      return shape.options.map(kindName).join(" or ");
    case "made":
      return kindName(shape.of);
    case "anything":
      return "a value";
    default:
      return shape satisfies never;
  }
}
