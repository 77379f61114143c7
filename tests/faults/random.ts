/** Numbers that look random and are the same for the same seed (mulberry32). */
export interface Random {
  readonly seed: number;
  /** A whole number from 0 up to but without `end`. */
  below(end: number): number;
  pick<Item>(items: readonly Item[]): Item;
}

export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const below = (end: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
  };
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[below(items.length)];
    if (item === undefined) throw new RangeError("nothing to pick from");
    return item;
  };
  return { seed, below, pick };
}

/** The seed of this run: `CARGO_HUB_SEED`, or the same one each time. */
export function seedOfRun(): number {
  return Number(process.env["CARGO_HUB_SEED"] ?? 20_260_321);
}
