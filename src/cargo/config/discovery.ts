import { comparablePath, joinPath, pathAncestors } from "./paths.ts";

/** What {@link loadConfig} reports beside the values; texts are cargo's own. */
export interface ConfigWarning {
  /** `legacy-name`: a file `config` without ending. `both-names`: it stands beside a `config.toml`, which is not read. */
  readonly kind: "legacy-name" | "both-names";
  /** The file that is read. */
  readonly path: string;
  readonly text: string;
}

/**
 * The files that cargo looks for, per directory, nearest directory first and the home last. Of each directory it
 * reads the first one that exists.
 *
 * @param cwd Where cargo is started, absolute; the manifest's place plays no part.
 * @param cargoHome Absolute. Left out when it is the `.cargo` of a directory on the way.
 */
export function configCandidates(cwd: string, cargoHome: string): string[][] {
  return configDirectories(cwd, cargoHome, (path) => path).map(candidatesIn);
}

/** The directories that may hold a configuration file, nearest first. */
export function configDirectories(cwd: string, cargoHome: string, canonical: (path: string) => string): string[] {
  const directories = pathAncestors(cwd).map((directory) => joinPath(directory, ".cargo"));
  const home = comparablePath(cargoHome);
  const canonicalHome = comparablePath(canonical(cargoHome));
  const isOnTheWay = directories.some((directory) => {
    if (comparablePath(directory) === home) return true;
    return comparablePath(canonical(directory)) === canonicalHome;
  });
  return isOnTheWay ? directories : [...directories, cargoHome];
}

/** The two names in one directory, in the order in which cargo takes them. */
export function candidatesIn(directory: string): string[] {
  return [joinPath(directory, "config"), joinPath(directory, "config.toml")];
}

/**
 * The warning for a file that has its old name, without ending.
 *
 * @param modern The path with its new name.
 * @param hasBoth Whether that exists too.
 */
export function legacyWarning(path: string, modern: string, hasBoth: boolean): ConfigWarning {
  if (hasBoth) return { kind: "both-names", path, text: `both \`${path}\` and \`${modern}\` exist. Using \`${path}\`` };
  const name = modern.slice(Math.max(modern.lastIndexOf("/"), modern.lastIndexOf("\\")) + 1);
  return { kind: "legacy-name", path, text: `\`${path}\` is deprecated in favor of \`${name}\`` };
}
