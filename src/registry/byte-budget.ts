/** A share of the budget, to be given back. */
export interface Share {
  giveBack(): void;
}

/**
 * How many bytes may be held in memory at once. First come, first served; a share larger than the whole budget waits until
 * it is alone.
 */
export class ByteBudget {
  readonly #limit: number;
  #used = 0;
  readonly #waiting: { readonly bytes: number; readonly granted: (share: Share) => void }[] = [];

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  /** Takes `bytes` at once if there is room; otherwise `granted` is called later and `undefined` returned. */
  take(bytes: number, granted: (share: Share) => void): Share | undefined {
    const counted = Math.min(bytes, this.#limit);
    if (this.#waiting.length === 0 && this.#used + counted <= this.#limit) return this.#share(counted);
    this.#waiting.push({ bytes: counted, granted });
    return undefined;
  }

  #share(bytes: number): Share {
    this.#used += bytes;
    let isOut = true;
    return {
      giveBack: () => {
        if (!isOut) return;
        isOut = false;
        this.#used -= bytes;
        this.#grant();
      },
    };
  }

  #grant(): void {
    for (
      let next = this.#waiting[0];
      next !== undefined && this.#used + next.bytes <= this.#limit;
      next = this.#waiting[0]
    ) {
      this.#waiting.shift();
      next.granted(this.#share(next.bytes));
    }
  }
}
