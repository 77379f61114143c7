/** The longest wait between two attempts, also when `Retry-After` asks for more. */
const MAX_WAIT_MS = 10_000;

/**
 * How long cargo waits before its `retry`-th extra attempt: 0.5–1.5 s, then 3.5 s, 6.5 s, 9.5 s, 10 s, 10 s, …
 *
 * @param retry 1 for the first extra attempt.
 * @param random A number in [0, 1), so that many clients do not come back at once.
 */
export function retryWaitMs(retry: number, random: number): number {
  return retry <= 1 ? 500 + Math.floor(random * 1000) : Math.min((retry - 1) * 3000 + 500, MAX_WAIT_MS);
}

/** Whether cargo tries again after this status. */
export function isPassingStatus(status: number): boolean {
  return status === 429 || (status >= 500 && status < 600);
}

/**
 * The wait that a `Retry-After` header asks for: seconds or an HTTP date, at most 10 s.
 *
 * @returns `undefined` when the status is neither 429 nor 503, or the value is not understood.
 */
export function retryAfterMs(status: number, value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined || (status !== 429 && status !== 503)) return undefined;
  const wait = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), MAX_WAIT_MS);
}
