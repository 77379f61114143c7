import { FormatsError } from "./formats-error.ts";
import { quoteToml, unquoteToml } from "./toml-text.ts";

/** The shapes of an export, docs/formats/exports.md. */
export const exportShapes = ["cargo-home", "directory", "local-registry", "sparse"] as const;

/** One of {@link exportShapes}. */
export type ExportShape = (typeof exportShapes)[number];

/** What an export says of itself in `.cargo-hub/export.toml`. */
export interface ExportRecord {
  readonly shape: ExportShape;
  /** Only for `sparse`: where a server serves it, without a slash at its end. */
  readonly baseUrl: string | undefined;
  /** SHA-256 of hub.lock. */
  readonly hubLock: string;
}

const exportVersion = 1;
const maxBytes = 64 * 1024;

const heading =
  "# Written by cargo-hub. The next export replaces this directory as a whole: keep nothing of your own in it.\n";

/** The canonical text of export.toml. */
export function formatExportRecord({ shape, baseUrl, hubLock }: ExportRecord): string {
  const base = baseUrl === undefined ? "" : `base-url = ${quoteToml(baseUrl)}\n`;
  return `${heading}version = ${exportVersion}\nas = "${shape}"\n${base}hub-lock = "${hubLock}"\n`;
}

/**
 * Reads export.toml.
 *
 * @param at Its path, for error messages.
 * @returns undefined for any text that no export has: then the directory is somebody's own.
 * @throws {FormatsError} formats/export-version for an export of a newer program.
 */
export function parseExportRecord(content: string, at: string): ExportRecord | undefined {
  if (content.length > maxBytes || !content.startsWith(heading)) return undefined;
  const version = /^version = (\d{1,9})$/m.exec(content)?.[1];
  if (version !== undefined && Number(version) > exportVersion) throw newer(version, at);
  const field = (key: string): string | undefined =>
    new RegExp(`^${key} = "((?:[^"\\\\]|\\\\.)*)"$`, "m").exec(content)?.[1];
  const shape = exportShapes.find((known) => known === field("as"));
  const hubLock = field("hub-lock");
  const baseUrl = field("base-url");
  if (shape === undefined || hubLock === undefined || !/^[0-9a-f]{64}$/.test(hubLock)) return undefined;
  const record = { shape, hubLock, baseUrl: baseUrl === undefined ? undefined : unquoteToml(baseUrl) };
  return formatExportRecord(record) === content ? record : undefined;
}

function newer(version: string, where: string): FormatsError {
  return new FormatsError({
    code: "formats/export-version",
    what: `this export has version ${version}, but this cargo-hub reads version ${exportVersion}`,
    where,
    help: "use a newer cargo-hub, or remove the directory and export again",
  });
}
