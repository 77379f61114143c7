import { type CargoConfig, indexPath } from "../../cargo/index.ts";
import { GitError, type GitIndex, type GitSettings, openGitIndex } from "../../git/index.ts";
import { gitIndexPath, makePrivateDirectory, removePath, type Store, withLock } from "../../store/index.ts";
import type { OnEvent } from "../events.ts";
import type { Environment } from "../sources.ts";
import { gitVariables } from "./git-variables.ts";

/** The index of a registry that is a git repository. */
export interface GitRegistry {
  /** The text of its config.json; undefined when the repository has none. */
  configText(): Promise<string | undefined>;
  /** The index file of a name; undefined when there is none. `renew`: bring the repository up to date first, once. */
  indexBody(name: string, renew: boolean): Promise<string | undefined>;
}

export interface GitRegistrySettings {
  readonly store: Store;
  readonly config: CargoConfig;
  readonly env: Environment;
  readonly offline: boolean;
  readonly onEvent: OnEvent;
}

/** Opens nothing yet. The repository is kept in the store; it is fetched when it is not there, or something in it is asked for anew. */
export function openGitRegistry(
  { url, ident }: { readonly url: string; readonly ident: string },
  settings: GitRegistrySettings,
): GitRegistry {
  const { store, offline } = settings;
  const repository = gitIndexPath(store, ident);
  let kept: Promise<GitIndex> | undefined;
  let renewed: Promise<GitIndex> | undefined;
  const open = (network: GitSettings["network"]): Promise<GitIndex> =>
    openIndex({ url, repository, network }, settings);
  const fetched = (): Promise<GitIndex> => {
    renewed ??= open("online");
    return renewed;
  };
  const index = (renew: boolean): Promise<GitIndex> => {
    if (renewed !== undefined || (renew && !offline)) return fetched();
    kept ??= open("offline").catch((error: unknown) => {
      // Nothing is there yet, or a killed fetch has left nothing that can be read.
      if (!offline && error instanceof GitError && error.code === "git/offline") return fetched();
      throw error;
    });
    return kept;
  };
  const read = batched(async (paths) => (await index(false)).read(paths));
  return {
    configText: () => read("config.json"),
    async indexBody(name, renew) {
      if (renew) await index(true);
      return await read(indexPath(name));
    },
  };
}

interface Opening {
  readonly url: string;
  readonly repository: string;
  readonly network: GitSettings["network"];
}

async function openIndex(
  { url, repository, network }: Opening,
  { store, config, env, onEvent }: GitRegistrySettings,
): Promise<GitIndex> {
  if (network === "online") onEvent({ kind: "updating", registry: `registry+${url}` });
  const directory = makePrivateDirectory(store);
  const settings: GitSettings = { directory, env: gitVariables(config, env), terminal: false, network };
  const waitMessage = (): void => onEvent({ kind: "blocking", on: repository });
  try {
    return await withLock(`${repository}.lock`, { mode: "exclusive", waitMessage }, () =>
      openGitIndex(settings, { url, repository }),
    );
  } finally {
    removePath(directory, { recursive: true });
  }
}

type ReadFiles = (paths: readonly string[]) => Promise<ReadonlyMap<string, { readonly content: Buffer }>>;

/** Asks for all files together that are wanted at one time: each question is a process of its own. */
function batched(read: ReadFiles): (path: string) => Promise<string | undefined> {
  let waiting: string[] = [];
  let answer: ReturnType<ReadFiles> | undefined;
  return async (path) => {
    waiting.push(path);
    answer ??= new Promise((resolve) => {
      setImmediate(resolve);
    }).then(() => {
      const paths = waiting;
      waiting = [];
      answer = undefined;
      return read(paths);
    });
    return (await answer).get(path)?.content.toString("utf8");
  };
}
