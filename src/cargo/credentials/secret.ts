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
/** How much of a word gives it away where the text was cut off behind it. */
const SHORTEST_REST = 4;
const MARK = "[secret]";

/**
 * `text` without the secrets: each of them, also percent-encoded or with JSON's escapes, their longer words, and what begins like one of those and was
 * cut off, become `[secret]`.
 */
export function hideSecrets(text: string, secrets: readonly Secret[]): string {
  const words = new Set(secrets.flatMap((one) => wordsOf(one.expose())));
  let shown = text;
  for (const word of [...words].toSorted((a, b) => b.length - a.length)) shown = withoutWord(shown, word);
  return shown;
}

function wordsOf(token: string): string[] {
  const words = [token, ...token.split(/\s+/).filter((word) => word.length >= SHORTEST_WORD)];
  return words.flatMap((word) => {
    if (word === "") return [];
    return [word, encodeURIComponent(word), JSON.stringify(word).slice(1, -1)];
  });
}

function withoutWord(text: string, word: string): string {
  let result = "";
  let from = 0;
  for (let at = 0; at < text.length; ) {
    const length = lengthOfSecret(text, at, word);
    if (length === 0) at += 1;
    else {
      result += text.slice(from, at) + MARK;
      at += length;
      from = at;
    }
  }
  return result + text.slice(from);
}

/** How many characters from `at` on belong to `word`; 0 when they are too few to matter. */
function lengthOfSecret(text: string, at: number, word: string): number {
  let length = 0;
  while (length < word.length && text[at + length] === word[length]) length += 1;
  if (length === word.length || length >= SHORTEST_WORD) return length;
  const isCutOff = at + length === text.length || text[at + length] === "…";
  return isCutOff && length >= SHORTEST_REST ? length : 0;
}
