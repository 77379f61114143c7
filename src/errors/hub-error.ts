/** What a {@link HubError} is made of. */
export interface ErrorParts<Code extends string> {
  /** `room/short-name`; never changes meaning. Its page is docs/errors/<room>-<short-name>.md. */
  readonly code: Code;
  /** What disagreed, with both values: `content hashes to …, but … was promised`. Lower case, no full stop. */
  readonly what: string;
  /** Something that can be opened: a path, `path:line:column`, or a URL without credentials. */
  readonly where?: string;
  /** The next step; starts with a verb. */
  readonly help: string;
  /** The error underneath, kept as it was. */
  readonly cause?: unknown;
}

/** An error a user can act on. Each room has its own subclass, which lists its codes. */
export class HubError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly what: string;
  readonly where: string | undefined;
  readonly help: string;

  constructor(parts: ErrorParts<Code>) {
    const what = redact(parts.what);
    const where = parts.where === undefined ? undefined : redact(parts.where);
    super(
      where === undefined ? what : `${where}: ${what}`,
      parts.cause === undefined ? undefined : { cause: parts.cause },
    );
    this.name = new.target.name;
    this.code = parts.code;
    this.what = what;
    this.where = where;
    this.help = redact(parts.help);
  }
}

/**
 * Takes the user name and password out of every URL in `text`.
 *
 * A forward scan, linear in the text: messages may quote hostile input.
 */
export function redact(text: string): string {
  let result = "";
  let from = 0;
  for (let at = text.indexOf("://"); at !== -1; at = text.indexOf("://", from - 1)) {
    const start = at + 3;
    const end = authorityEnd(text, start);
    const authority = text.slice(start, end);
    result += text.slice(from, start) + authority.slice(authority.lastIndexOf("@") + 1);
    from = end; // which may be inside of a "://": `http://a,http://b`
  }
  return result + text.slice(from);
}

/** A `'` does not end it: it may stand in a password. */
function authorityEnd(text: string, start: number): number {
  for (let at = start; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (character <= " " || '/?#"`<>'.includes(character)) return at;
  }
  return text.length;
}
