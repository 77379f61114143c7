import { hideSecrets, type Secret, secret } from "../cargo/index.ts";
import type { Attempt } from "./attempts.ts";
import { type Challenge, RegistryError } from "./registry-error.ts";

/** What a request to `url` carries that nobody may see: the token and the password of the address. */
export function secretsIn(url: URL, token: Secret | undefined): Secret[] {
  const { password } = url;
  // Unlike decodeURIComponent this takes what is no encoding as it is.
  const plain = new URLSearchParams(`password=${password.replaceAll("+", "%2B")}`).get("password") ?? "";
  const words = [...new Set([password, plain])].filter((word) => word !== "").map(secret);
  return token === undefined ? words : [token, ...words];
}

/**
 * An attempt whose failure tells nothing of what was sent to prove who one is: servers repeat it in answers and addresses.
 *
 * @param secrets What the request carried.
 */
export function withoutSecrets<T>(attempt: Attempt<T>, secrets: readonly Secret[]): Attempt<T> {
  if (attempt.kind === "done" || secrets.length === 0) return attempt;
  const { error } = attempt.failure;
  const hidden = (text: string): string => hideSecrets(text, secrets);
  const { code, what, where, help } = error;
  const clean = new RegistryError({
    code,
    what: hidden(what),
    ...(where === undefined ? {} : { where: hidden(where) }),
    help: hidden(help),
    cause: harmless(error.cause, hidden),
  });
  const { challenge } = attempt.failure;
  return { kind: "failed", failure: { ...attempt.failure, error: clean, challenge: withoutWords(challenge, hidden) } };
}

function withoutWords(challenge: Challenge | undefined, hidden: (text: string) => string): Challenge | undefined {
  if (challenge === undefined) return undefined;
  const headers = Object.entries(challenge.headers).map(([name, value]) => [name, hidden(value)] as const);
  return { headers: Object.fromEntries(headers), said: hidden(challenge.said) };
}

/** A cause is shown with the error, so one that holds a secret is left out. */
function harmless(cause: unknown, hidden: (text: string) => string): unknown {
  for (let at = cause; at instanceof Error; at = at.cause) {
    if (hidden(at.message) !== at.message || (at.stack !== undefined && hidden(at.stack) !== at.stack))
      return undefined;
  }
  return cause;
}
