/** One number of a version; `bigint` only above 2^53-1, so that equal numbers are always `===`. */
export type VersionNumber = number | bigint;

/** The three numbers of a version, by name. */
export type NumberPosition = "major" | "minor" | "patch";

/** What a {@link Scanner} throws; the caller turns it into a `VersionError` that shows the whole text. */
export class ScanFault extends Error {}

const DIGIT_0 = 48;
const DIGIT_9 = 57;
const DOT = 46;
const HYPHEN = 45;
const SPACE = 32;
const MOST_DIGITS_OF_A_SAFE_NUMBER = 15;
const U64_MAX = 0xffff_ffff_ffff_ffffn;

/** Reads the pieces of versions and requirements from left to right. */
export class Scanner {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** The character code at the reading position, or NaN at the end. */
  peek(): number {
    return this.text.charCodeAt(this.at);
  }

  isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** Steps over `code` when it comes next. */
  take(code: number): boolean {
    if (this.peek() !== code) return false;
    this.at += 1;
    return true;
  }

  skipSpaces(): void {
    while (this.peek() === SPACE) this.at += 1;
  }

  /** A u64 without leading zeros. */
  number(position: NumberPosition): VersionNumber {
    const { text, at: start } = this;
    let value = 0;
    let at = start;
    for (; ; at += 1) {
      const code = text.charCodeAt(at);
      if (!(code >= DIGIT_0 && code <= DIGIT_9)) break;
      value = value * 10 + (code - DIGIT_0);
    }
    const digits = at - start;
    if (digits === 0) throw new ScanFault(`${this.found()} where the ${position} number should stand`);
    if (digits > 1 && text.charCodeAt(start) === DIGIT_0) {
      throw new ScanFault(`the ${position} number has a leading zero`);
    }
    this.at = at;
    return digits <= MOST_DIGITS_OF_A_SAFE_NUMBER ? value : largeNumber(text.slice(start, at), position);
  }

  /** Dot-separated identifiers of a pre-release or of build metadata, at least one. */
  identifiers(part: "pre-release" | "build metadata"): string {
    const { text, at: start } = this;
    let at = start;
    for (;;) {
      const segment = at;
      let numeric = true;
      for (; ; at += 1) {
        const code = text.charCodeAt(at);
        if (code >= DIGIT_0 && code <= DIGIT_9) continue;
        if (!isLetterOrHyphen(code)) break;
        numeric = false;
      }
      if (at === segment) throw new ScanFault(`the ${part} has an empty part`);
      if (part === "pre-release" && numeric && at - segment > 1 && text.charCodeAt(segment) === DIGIT_0) {
        throw new ScanFault(`the ${part} has a number with a leading zero`);
      }
      if (text.charCodeAt(at) !== DOT) break;
      at += 1;
    }
    this.at = at;
    return text.slice(start, at);
  }

  /** Names what stands at the reading position, for messages. */
  found(): string {
    const character = this.text.codePointAt(this.at);
    return character === undefined ? "the text ends" : `'${String.fromCodePoint(character)}' stands`;
  }
}

function isLetterOrHyphen(code: number): boolean {
  const lower = code | 0x20;
  return (lower >= 97 && lower <= 122) || code === HYPHEN;
}

function largeNumber(digits: string, position: NumberPosition): VersionNumber {
  if (digits.length > 20) throw tooLarge(position);
  const value = BigInt(digits);
  if (value > U64_MAX) throw tooLarge(position);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

function tooLarge(position: NumberPosition): ScanFault {
  return new ScanFault(`the ${position} number is greater than 18446744073709551615`);
}
