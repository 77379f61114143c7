/** A text that nobody may see. Shown, logged or turned into JSON, it gives nothing away. */
export interface Secret {
  /** The text itself, for the one place that sends it. */
  expose(): string;
}

/** Wraps a text, so that it can be passed on without being shown by accident. */
export function secret(text: string): Secret {
  return { expose: () => text };
}

/** A word of a token that is shorter is no secret of its own: `Bearer` and the like stay readable. */
const SHORTEST_WORD = 8;
const MARK = "[secret]";

/**
 * `text` without the secrets: each of them, also percent-encoded, and their longer words, become `[secret]`.
 *
 * @param text May have been cut off: at its end the beginning of a secret is taken out too.
 */
export function hideSecrets(text: string, secrets: readonly Secret[]): string {
  const words = new Set(secrets.flatMap((one) => wordsOf(one.expose())));
  let shown = text;
  for (const word of [...words].toSorted((a, b) => b.length - a.length)) {
    shown = shown.replaceAll(word, MARK);
    shown = withoutBeginningAtEnd(shown, word);
  }
  return shown;
}

function wordsOf(token: string): string[] {
  const words = [token, ...token.split(/\s+/).filter((word) => word.length >= SHORTEST_WORD)];
  return words.flatMap((word) => (word === "" ? [] : [word, encodeURIComponent(word)]));
}

function withoutBeginningAtEnd(text: string, word: string): string {
  for (let length = Math.min(word.length - 1, text.length); length >= 4; length -= 1) {
    if (text.endsWith(word.slice(0, length))) return `${text.slice(0, -length)}${MARK}`;
  }
  return text;
}
