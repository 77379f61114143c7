import { type RepositoryFile, withoutComments } from "./repository-files.ts";

const pagePath = /^docs\/errors\/([a-z]+)-([a-z0-9-]+)\.md$/;

/**
 * Compares the error codes of src/ with the pages of docs/errors/.
 *
 * @returns One sentence for each code without a page, page without a code, and page that lacks a section.
 */
export function errorPageViolations(files: readonly RepositoryFile[]): readonly string[] {
  const codes = new Map(
    files
      .filter(({ path }) => path.startsWith("src/") && path.endsWith(".ts"))
      .flatMap(({ path, text }) => codesOf(text).map((code) => [code, path] as const)),
  );
  const pages = new Map<string, RepositoryFile>();
  for (const file of files) {
    const match = pagePath.exec(file.path);
    if (match !== null) pages.set(`${match[1]}/${match[2]}`, file);
  }
  return [
    ...[...codes].filter(([code]) => !pages.has(code)).map(([code, path]) => `${path}: ${code} has no page`),
    ...[...pages]
      .filter(([code]) => !codes.has(code))
      .map(([code, { path }]) => `${path}: no error has the code ${code}`),
    ...[...pages].flatMap(([code, page]) => pageProblems(code, page)),
  ];
}

/** Codes stand in a union named `…ErrorCode`, or directly in `extends HubError<…>`. */
function codesOf(text: string): readonly string[] {
  const code = withoutComments(text);
  const places = code.matchAll(/\btype\s+\w*ErrorCode\s*=([^;]*);|\bextends\s+HubError<([^>]*)>/g);
  return [...places].flatMap((place) =>
    [...(place[1] ?? place[2] ?? "").matchAll(/"([a-z]+\/[a-z0-9-]+)"/g)].map((match) => match[1] ?? ""),
  );
}

function pageProblems(code: string, { path, text }: RepositoryFile): readonly string[] {
  const wanted: readonly (readonly [string, RegExp])[] = [
    [`the title «# ${code}» and a paragraph`, new RegExp(`^# ${code}\n\n[^#\n]`)],
    ["«## Why it happens»", /\n## Why it happens\n\n[^#\n]/],
    ["«## What to do»", /\n## What to do\n\n[^#\n]/],
  ];
  return wanted.filter(([, pattern]) => !pattern.test(text)).map(([what]) => `${path}: lacks ${what}`);
}
