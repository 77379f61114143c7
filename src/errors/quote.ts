const LONGEST_QUOTE = 200;

/** Makes hostile text safe to print: quoted, invisible characters escaped, cut after 200 characters. */
export function quote(text: string): string {
  const shown = text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
  return visible(JSON.stringify(shown));
}

/** A text in which nothing hides and nothing is obeyed by a terminal: invisible characters but line ends and tabs are escaped as in JSON. */
export function visible(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what must not get through
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/g, escape);
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
