import type { Budget } from "./budget.ts";
import { ClientClosed } from "./exchange.ts";
import { connectionFailure } from "./failure.ts";
import type { SendingContext } from "./following.ts";
import { type AttemptFailure, shownUrl } from "./registry-error.ts";
import type { RegistryEvent } from "./registry-event.ts";
import type { Waits } from "./waits.ts";

/** What the requests of a client share besides the transport. */
export interface AttemptContext extends SendingContext {
  /** Downloads of crates at once; more would only fill memory with what can not be used yet. */
  readonly crateSlots: Budget;
  /** Extra attempts after the first. */
  readonly retry: number;
  /** Sent with every request. */
  readonly commonHeaders: Readonly<Record<string, string>>;
  readonly waits: Waits;
  waitBeforeRetryMs(retry: number): number;
  onEvent(event: RegistryEvent): void;
}

/** How one attempt went. */
export type Attempt<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "failed"; readonly failure: AttemptFailure };

/**
 * Tries until it works, as cargo does: `net.retry` extra attempts with growing waits, for passing failures only.
 *
 * @returns The first success, or the last failure.
 */
export async function withRetries<T>(
  context: AttemptContext,
  url: URL,
  attempt: () => Promise<Attempt<T>>,
): Promise<Attempt<T>> {
  for (let retry = 1; ; retry += 1) {
    const result = await attempt();
    if (result.kind === "done" || result.failure.next !== "retry" || retry > context.retry) return result;
    const { error, retryAfterMs } = result.failure;
    const waitMs = retryAfterMs ?? context.waitBeforeRetryMs(retry);
    context.onEvent({ kind: "retry", url: shownUrl(url), reason: error.what, retry, of: context.retry, waitMs });
    if (!(await context.waits.wait(waitMs))) {
      const progress = { url, receivedBytes: 0, promisedBytes: undefined };
      return { kind: "failed", failure: connectionFailure(new ClientClosed(), progress) };
    }
  }
}

/** Success, or the error of the failure. */
export function valueOf<T>(attempt: Attempt<T>): T {
  if (attempt.kind === "failed") throw attempt.failure.error;
  return attempt.value;
}
