/** Waits that a closing client can end. */
export class Waits {
  readonly #ends = new Set<() => void>();
  #isClosed = false;

  /** @returns True when the time is over, false when the client was closed before. */
  wait(ms: number): Promise<boolean> {
    if (this.#isClosed) return Promise.resolve(false);
    return new Promise((resolve) => {
      const finish = (isOver: boolean): void => {
        clearTimeout(timer);
        this.#ends.delete(end);
        resolve(isOver);
      };
      const timer = setTimeout(() => finish(true), ms);
      const end = (): void => finish(false);
      this.#ends.add(end);
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  close(): void {
    this.#isClosed = true;
    for (const end of this.#ends) end();
  }
}
