/** One name and value of a challenge, or the name of a scheme where a new challenge begins. */
const PIECE =
  /[\s,]*(?:([!#$%&'*+.^_`|~0-9a-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))|([!#$%&'*+.^_`|~0-9a-z-]+)(?=\s|,|$)=*)/iy;

/**
 * The address at which a person gets a token, from a `WWW-Authenticate: Cargo login_url="…"`.
 *
 * @param challenges The header's value; several challenges may stand behind each other.
 * @returns An http or https address without user name and password, or undefined. What else a server writes there is not
 *   worth showing.
 * @see RFC 9110, section 11.6.1; The Cargo Book, "Registry Authentication".
 */
export function loginUrlOf(challenges: string): string | undefined {
  let scheme = "";
  for (PIECE.lastIndex = 0; PIECE.lastIndex < challenges.length; ) {
    const piece = PIECE.exec(challenges);
    if (piece === null) return undefined;
    const [, name, quoted, plain, newScheme] = piece;
    if (newScheme !== undefined) scheme = newScheme.toLowerCase();
    if (scheme !== "cargo" || name?.toLowerCase() !== "login_url") continue;
    return shownAddress(quoted?.replaceAll(/\\(.)/g, "$1") ?? plain ?? "");
  }
  return undefined;
}

const LONGEST_ADDRESS = 500;

function shownAddress(text: string): string | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return undefined;
  }
  const isWeb = url.protocol === "http:" || url.protocol === "https:";
  const hasCredentials = url.username !== "" || url.password !== "";
  return isWeb && !hasCredentials && url.href.length <= LONGEST_ADDRESS ? url.href : undefined;
}
