import { devNull } from "node:os";
import type { GitProtocol } from "./git-url.ts";

/** Environment variables as a program gets them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Variables of git's that say how this user reaches hosts. All others of `GIT_…` are taken away: they name repositories and objects, print
 * secrets (`GIT_TRACE…`, `GIT_CURL_VERBOSE`), or come from a git that runs us.
 */
const KEPT =
  /^GIT_(?:SSH|SSH_COMMAND|SSH_VARIANT|SSL_\w+|PROXY_SSL_\w+|PROXY_COMMAND|HTTP_PROXY_AUTHMETHOD|HTTP_USER_AGENT|CONFIG_GLOBAL|CONFIG_SYSTEM|CONFIG_NOSYSTEM|CONFIG_COUNT|CONFIG_KEY_\d+|CONFIG_VALUE_\d+|EXEC_PATH|CEILING_DIRECTORIES)$/;

/**
 * The environment in which git runs for us: the user's own way to hosts (credential helpers, `insteadOf`, ssh), and nothing else of it.
 *
 * @param protocols What git may speak, also after a redirect or an `insteadOf`.
 */
export function gitEnvironment(
  env: Environment,
  { protocols, terminal }: { readonly protocols: readonly GitProtocol[]; readonly terminal: boolean },
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env))
    if (
      value !== undefined &&
      (!name.startsWith("GIT_") || KEPT.test(name)) &&
      !/^(?:LANG|LANGUAGE|LC_\w+)$/.test(name)
    )
      kept[name] = value;
  return {
    ...kept,
    LC_ALL: "C",
    GIT_ALLOW_PROTOCOL: protocols.join(":"),
    GIT_TERMINAL_PROMPT: "0",
    GIT_NO_REPLACE_OBJECTS: "1",
    ...(terminal ? {} : { GIT_ASKPASS: "", SSH_ASKPASS: "", SSH_ASKPASS_REQUIRE: "never", GCM_INTERACTIVE: "never" }),
  };
}

/**
 * Options in front of every git command: nothing runs but git's own programs and the user's way to hosts, and nothing is cleaned up behind our back.
 *
 * @param stallSeconds After so many seconds without a byte, git gives up on an http transfer.
 */
export function gitOptions(stallSeconds: number): string[] {
  const settings = [
    `core.hooksPath=${devNull}`,
    "core.fsmonitor=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "fetch.recurseSubmodules=false",
    "submodule.recurse=false",
    "fetch.fsckObjects=false", // cargo does not, and every object is checked here
    "transfer.fsckObjects=false",
    "fetch.writeCommitGraph=false",
    "fetch.unpackLimit=1",
    "transfer.unpackLimit=1",
    "fetch.prune=false",
    "fetch.bundleURI=",
    "transfer.bundleURI=false",
    "http.lowSpeedLimit=1",
    `http.lowSpeedTime=${stallSeconds}`,
  ];
  return settings.flatMap((setting) => ["-c", setting]);
}
