import { quote } from "../errors/index.ts";

/** What a pax header says about the entry after it. Everything else in it is of no use to cargo, and so not to us. */
export interface PaxRecords {
  readonly path?: string;
  readonly linkPath?: string;
  readonly sizeBytes?: number;
}

const BLANK = 0x20;
const EQUALS = 0x3d;
const NEWLINE = 0x0a;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads a pax extended header: records `LENGTH KEY=VALUE\n`, the length counting the whole record.
 *
 * Modification times are ignored, as cargo ignores them. Where readers of tar disagree, nothing is guessed: a key given
 * twice (POSIX takes the last, cargo the first), a value with a line break (cargo reads by lines, POSIX by lengths) and
 * the keys of GNU sparse files are refused.
 *
 * @returns The records, or the reason why they are refused.
 */
export function readPaxRecords(bytes: Buffer): PaxRecords | { readonly reason: string } {
  const values = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const record = readRecord(bytes, at);
    if (record === undefined) return { reason: "has a malformed pax header" };
    const { key, value, end } = record;
    if (values.has(key)) return { reason: `has a pax header that gives ${quote(key)} twice` };
    if (key.startsWith("GNU.sparse.")) return { reason: "is a sparse file" };
    values.set(key, value);
    at = end;
  }
  const size = values.get("size");
  if (size !== undefined && !/^\d{1,15}$/.test(size)) return { reason: "has a pax size that is no number" };
  const path = values.get("path");
  const linkPath = values.get("linkpath");
  return {
    ...(path === undefined ? {} : { path }),
    ...(linkPath === undefined ? {} : { linkPath }),
    ...(size === undefined ? {} : { sizeBytes: Number(size) }),
  };
}

function readRecord(bytes: Buffer, at: number): { key: string; value: string; end: number } | undefined {
  const blank = bytes.indexOf(BLANK, at);
  if (blank === -1 || blank - at > 7) return undefined;
  const digits = bytes.toString("latin1", at, blank);
  if (!/^[1-9]\d*$/.test(digits)) return undefined;
  const end = at + Number(digits);
  const equals = bytes.indexOf(EQUALS, blank);
  if (end > bytes.length || equals === -1 || equals === blank + 1 || equals >= end - 1) return undefined;
  if (bytes.indexOf(NEWLINE, at) !== end - 1) return undefined;
  try {
    const key = utf8.decode(bytes.subarray(blank + 1, equals));
    return { key, value: utf8.decode(bytes.subarray(equals + 1, end - 1)), end };
  } catch {
    return undefined;
  }
}
