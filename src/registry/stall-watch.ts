/** Something that must make progress. */
export interface Watched {
  /** Bytes that have arrived so far. */
  readonly receivedBytes: number;
  /** True while we ourselves let the server wait. */
  readonly isHeld: boolean;
  /** Called once, when fewer than the limit arrived in the last `windowMs`. */
  stalled(bytesInWindow: number, windowMs: number): void;
}

interface Window {
  startedMs: number;
  bytes: number;
}

/**
 * Ends requests that make no progress: as in cargo, fewer than `http.low-speed-limit` bytes per second over the whole of
 * `http.timeout`. Connecting counts as a request without bytes.
 */
export class StallWatch {
  readonly #timeoutMs: number;
  readonly #leastBytes: number;
  readonly #watched = new Map<Watched, Window>();
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutSeconds: number, lowSpeedLimit: number) {
    this.#timeoutMs = Math.max(timeoutSeconds * 1000, 1);
    this.#leastBytes = Math.max(lowSpeedLimit * timeoutSeconds, 1);
  }

  add(item: Watched): void {
    this.#watched.set(item, { startedMs: performance.now(), bytes: item.receivedBytes });
    if (this.#timer !== undefined) return;
    // Sockets keep the process alive; this timer alone does not have to.
    this.#timer = setInterval(() => this.#check(), Math.min(Math.max(this.#timeoutMs / 8, 5), 1000)).unref();
  }

  remove(item: Watched): void {
    this.#watched.delete(item);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#watched.clear();
  }

  #check(): void {
    const now = performance.now();
    for (const [item, window] of this.#watched) {
      if (item.isHeld || item.receivedBytes - window.bytes >= this.#leastBytes) {
        window.startedMs = now;
        window.bytes = item.receivedBytes;
      } else if (now - window.startedMs >= this.#timeoutMs) {
        this.#watched.delete(item);
        item.stalled(item.receivedBytes - window.bytes, now - window.startedMs);
      }
    }
  }
}
