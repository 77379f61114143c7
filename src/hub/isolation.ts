import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import type { Isolation } from "../formats/index.ts";
import type { Variables } from "../system/index.ts";
import { programToStart } from "./programs.ts";

/** How a command line is kept from the network on this machine. */
export interface IsolatedCommand {
  readonly isolation: Isolation;
  /** Whether 127.0.0.1 works inside. */
  readonly loopback: boolean;
  readonly program: string;
  readonly args: readonly string[];
  /** Environment to add. */
  readonly env: Readonly<Record<string, string>>;
}

/** Raises the loopback interface with the first tool that can; programs' own tests talk to themselves over it. */
const raiseLoopback = [
  "ip link set lo up",
  "ifconfig lo up",
  "busybox ip link set lo up",
  // SIOCSIFFLAGS with IFF_UP | IFF_RUNNING, for systems that have none of the tools above
  `perl -MSocket -e 'socket(my $s, AF_INET, SOCK_DGRAM, 0) or exit 1; ioctl($s, 0x8914, pack("a16 s x22", "lo", 0x41)) or exit 1'`,
]
  .map((tool) => `${tool} 2>/dev/null`)
  .join(" || ");

/**
 * Wraps a command so that it has no network: an empty network namespace where the system allows one, else proxies that lead nowhere.
 *
 * Only Linux has such namespaces; Windows and macOS have nothing like them that a program could use for another.
 *
 * @param command Program and arguments. @param env The environment that programs are looked for in.
 */
export function isolate(command: readonly string[], env: Variables): IsolatedCommand {
  const namespace = namespaceFlags(env);
  if (namespace === undefined) return behindClosedProxy(command, env);
  const loopback = probe([...namespace, "sh", "-c", raiseLoopback], env).status === 0;
  const script = `${loopback ? `{ ${raiseLoopback}; } ; ` : ""}exec "$@"`;
  return {
    isolation: "network-namespace",
    loopback,
    program: "unshare",
    args: [...namespace, "sh", "-c", script, "sh", ...command],
    env: {},
  };
}

function behindClosedProxy(command: readonly string[], searchEnv: Variables): IsolatedCommand {
  const [name = "", ...args] = command;
  const program = programToStart(name, searchEnv);
  const nowhere = "http://127.0.0.1:9"; // the discard port: nothing listens there
  const names = [
    "http_proxy",
    "https_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "all_proxy",
    "CARGO_HTTP_PROXY",
  ];
  const env = {
    ...Object.fromEntries(names.map((name) => [name, nowhere])),
    NO_PROXY: "",
    no_proxy: "",
    CARGO_NET_OFFLINE: "true",
  };
  return { isolation: "unreachable-proxy", loopback: true, program, args, env };
}

/** The flags with which unshare(1) gives an empty network namespace here, or undefined. */
function namespaceFlags(env: Variables): readonly string[] | undefined {
  const ways: readonly (readonly string[])[] = process.getuid?.() === 0 ? [["-n"], ["-rn"]] : [["-rn"]];
  return ways.find((flags) => probe([...flags, "true"], env).status === 0);
}

function probe(args: readonly string[], env: Variables): SpawnSyncReturns<Buffer> {
  return spawnSync(programToStart("unshare", env), [...args], { stdio: "ignore" });
}
