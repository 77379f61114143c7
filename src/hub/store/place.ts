import { existsSync } from "node:fs";
import { openStore, type Store, storeRoots } from "../../store/index.ts";
import type { OnEvent } from "../events.ts";
import type { Environment } from "../sources.ts";

/** What every command about the store itself takes. */
export interface StoreOptions {
  readonly env: Environment;
  readonly home: string;
  readonly onEvent: OnEvent;
}

/** The store's directory, there or not. */
export function storeDirectory({ env, home }: Pick<StoreOptions, "env" | "home">): string {
  return storeRoots(env, home).store;
}

/** The store when there is one; nothing is made. @throws {StoreError} store/version-unknown, store/not-a-store. */
export function existingStore(options: Pick<StoreOptions, "env" | "home">): Store | undefined {
  const root = storeDirectory(options);
  return existsSync(root) ? openStore(root, { umask: process.umask() }) : undefined;
}
