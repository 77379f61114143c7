import { afterEach } from "vitest";
import { type LoopbackRegistry, type RegistryOptions, startRegistry } from "../support/loopback-registry.ts";
import { type ClientOptions, openClient, type WatchedClient } from "./open-client.ts";

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** Closes something after the present test. */
export function closeLater(close: () => Promise<void>): void {
  closers.push(close);
}

/** Text that does not compress, so that crates have a size worth breaking. */
export function noise(bytes: number): string {
  let state = 12_345;
  let text = "";
  while (text.length < bytes) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    text += state.toString(36);
  }
  return `/* ${text} */`;
}

/** A registry with the package `lab` 1.0.0 of about 40 KB and a client for it; both are closed after the test. */
export async function world(
  registry: Partial<RegistryOptions> = {},
  client: ClientOptions = {},
): Promise<{ registry: LoopbackRegistry; client: WatchedClient }> {
  const crates = [{ name: "lab", version: "1.0.0", files: { "src/noise.rs": noise(60_000) } }];
  const started = await startRegistry({ crates, ...registry });
  const opened = openClient(client);
  closeLater(() => started.close());
  closeLater(() => opened.close());
  return { registry: started, client: opened };
}

export const lab = { name: "lab", version: "1.0.0" };
