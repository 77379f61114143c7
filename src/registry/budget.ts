/** A share of the budget, to be given back. */
export interface Share {
  giveBack(): void;
}

/**
 * A limit on what is under way at once: bytes in memory, or downloads. First come, first served; a share larger than the
 * whole waits until it is alone.
 */
export class Budget {
  readonly #limit: number;
  #used = 0;
  readonly #waiting: { readonly amount: number; readonly granted: (share: Share) => void }[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes `amount` at once if there is room; otherwise `granted` is called later and `undefined` returned. */
  take(amount: number, granted: (share: Share) => void): Share | undefined {
    const counted = Math.min(amount, this.#limit);
    if (this.#waiting.length === 0 && this.#used + counted <= this.#limit) return this.#share(counted);
    this.#waiting.push({ amount: counted, granted });
    return undefined;
  }

  /** Like {@link take}, for those who can wait. */
  async taken(amount: number): Promise<Share> {
    return new Promise((resolve) => {
      const share = this.take(amount, resolve);
      if (share !== undefined) resolve(share);
    });
  }

  #share(amount: number): Share {
    this.#used += amount;
    let isOut = true;
    return {
      giveBack: () => {
        if (!isOut) return;
        isOut = false;
        this.#used -= amount;
        this.#grant();
      },
    };
  }

  #grant(): void {
    for (
      let next = this.#waiting[0];
      next !== undefined && this.#used + next.amount <= this.#limit;
      next = this.#waiting[0]
    ) {
      this.#waiting.shift();
      next.granted(this.#share(next.amount));
    }
  }
}
