/** How much a program may say beside its answer. */
const MAX_CHARACTERS = 64 * 1024;

/**
 * What a program says on its standard error, held back for a moment.
 *
 * A careless program prints the token there (`set -x` does). Most words come right before the end: those are given to
 * {@link HeldWords.rest}, when the token is known and can be taken out. Words that wait longer may be a question to a
 * person, who must see them.
 */
export class HeldWords {
  readonly #pass: (text: string) => void;
  readonly #holdMs: number;
  readonly #decoder = new TextDecoder();
  #held = "";
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(holdMs: number, pass: (text: string) => void) {
    this.#holdMs = holdMs;
    this.#pass = pass;
  }

  add(bytes: Uint8Array): void {
    const text = this.#decoder.decode(bytes, { stream: true });
    if (this.#count < MAX_CHARACTERS) this.#held += text.slice(0, MAX_CHARACTERS - this.#count);
    this.#count += text.length;
    this.#timer ??= setTimeout(() => this.#pass(this.rest()), this.#holdMs);
  }

  /** Takes what was not passed on yet; nothing is passed on afterwards until more comes. */
  rest(): string {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#held;
    this.#held = "";
    return text;
  }
}
