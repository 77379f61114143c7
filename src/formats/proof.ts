import type { HubLockfile } from "./hub-lock-records.ts";

/** How a command was kept from the network. */
export type Isolation = "network-namespace" | "unreachable-proxy";

/** What `prove` found, docs/formats/proof.md. */
export interface ProofRecord {
  readonly formatVersion: 1;
  readonly passed: boolean;
  readonly command: readonly string[];
  readonly directory: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly isolation: Isolation;
  readonly loopback: boolean;
  readonly emptyCargoHome: boolean;
  readonly lockUnchanged: boolean;
  readonly hubLock: string;
  readonly lockfiles: readonly HubLockfile[];
  readonly toolchain: { readonly cargo: string | null; readonly rustc: string | null };
  readonly startedAt: string;
  readonly durationMs: number;
}

/** The text of a proof record: JSON indented by two blanks, one final newline. */
export function formatProof(record: ProofRecord): string {
  return `${JSON.stringify(record, undefined, 2)}\n`;
}
