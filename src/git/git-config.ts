/** One assignment of a configuration file: `section.subsection.key`, section and key in lower case. */
export interface GitConfigEntry {
  readonly section: string;
  /** Undefined for `[section]`; letter case counts. */
  readonly subsection: string | undefined;
  readonly key: string;
  /** Undefined for a key without `=`, which means true. */
  readonly value: string | undefined;
}

/**
 * Reads the text of a git configuration file, such as `.gitmodules`.
 *
 * @returns Undefined when it is not one. Assignments keep their order.
 * @see git-config, "Syntax". Includes are not followed.
 */
export function parseGitConfig(text: string): GitConfigEntry[] | undefined {
  const scanner = new Scanner(text.startsWith("\ufeff") ? text.slice(1) : text);
  const entries: GitConfigEntry[] = [];
  let header: Header | undefined;
  for (;;) {
    scanner.skipBlanksAndComments();
    if (scanner.atEnd) return entries;
    if (scanner.peek === "[") {
      header = readHeader(scanner);
      if (header === undefined) return undefined;
      continue;
    }
    const key = scanner.match(/[A-Za-z][A-Za-z0-9-]*/y);
    if (key === undefined || header === undefined) return undefined;
    scanner.match(/[ \t]*/y);
    const value = readValue(scanner);
    if (value === undefined) return undefined;
    entries.push({ ...header, key: key.toLowerCase(), value: value.given });
  }
}

type Header = Pick<GitConfigEntry, "section" | "subsection">;

class Scanner {
  #at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text.replaceAll("\r\n", "\n");
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** The present character, `""` at the end. */
  get peek(): string {
    return this.#text[this.#at] ?? "";
  }

  take(): string {
    const character = this.peek;
    this.#at += 1;
    return character;
  }

  /** What a sticky pattern finds here. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  skipBlanksAndComments(): void {
    this.match(/(?:\s|[#;][^\n]*)*/y);
  }
}

function readHeader(scanner: Scanner): Header | undefined {
  scanner.take();
  const name = scanner.match(/[A-Za-z0-9.-]+/y);
  if (name === undefined) return undefined;
  if (scanner.peek === "]") {
    scanner.take();
    const dot = name.indexOf(".");
    const section = (dot === -1 ? name : name.slice(0, dot)).toLowerCase();
    return { section, subsection: dot === -1 ? undefined : name.slice(dot + 1).toLowerCase() };
  }
  if (scanner.match(/[ \t]+"/y) === undefined) return undefined;
  let subsection = "";
  for (let character = scanner.take(); character !== '"'; character = scanner.take()) {
    if (character === "\\") character = scanner.take();
    if (character === "" || character === "\n") return undefined;
    subsection += character;
  }
  return scanner.take() === "]" ? { section: name.toLowerCase(), subsection } : undefined;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", b: "\b", '"': '"', "\\": "\\", "\n": "" };

/** What stands behind a key, up to the end of its last line. */
function readValue(scanner: Scanner): { readonly given: string | undefined } | undefined {
  if (scanner.peek === "\n" || scanner.atEnd) return { given: undefined };
  if (scanner.take() !== "=") return undefined;
  let value = "";
  let blanks = "";
  let quoted = false;
  for (;;) {
    const character = scanner.take();
    if (character === "" || character === "\n") return quoted ? undefined : { given: value };
    if (!quoted && /\s/.test(character)) {
      if (value !== "") blanks += character;
      continue;
    }
    if (!quoted && (character === "#" || character === ";")) {
      scanner.match(/[^\n]*/y);
      continue;
    }
    value += blanks;
    blanks = "";
    if (character === '"') quoted = !quoted;
    else if (character !== "\\") value += character;
    else {
      const escaped = ESCAPES[scanner.take()];
      if (escaped === undefined) return undefined;
      value += escaped;
    }
  }
}
