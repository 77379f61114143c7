import { type Secret, secret } from "./secret.ts";

/** What a plugin is told about the registry whose token is wanted. */
export interface CredentialQuestion {
  /** `sparse+https://…/`, or the URL of a git repository. */
  readonly index: string;
  readonly name: string | undefined;
  /** The headers of the answer that asked for a token, each as `name: value`; empty when none was seen. */
  readonly headers: readonly string[];
  /** What the configuration has behind the plugin's name. */
  readonly args: readonly string[];
}

/** How long a token may be kept in memory. */
export type TokenLife =
  | { readonly kind: "never" }
  | { readonly kind: "session" }
  /** In seconds since 1970. */
  | { readonly kind: "expires"; readonly atSeconds: number };

/** What a provider can say to the question for a token. */
export type CredentialAnswer =
  | { readonly kind: "token"; readonly token: Secret; readonly life: TokenLife }
  /** It has none for this registry; the next provider is asked. */
  | { readonly kind: "not-found" }
  /** It is not for this registry; the next provider is asked. */
  | { readonly kind: "url-not-supported" }
  /** It failed, and nobody else is asked. `reasons` are its own words, the outermost first; they may hold secrets. */
  | { readonly kind: "failed"; readonly reasons: readonly string[] };

/**
 * Reads the line that a plugin begins with, `{"v":[1]}`.
 *
 * @returns undefined when it speaks version 1 of the protocol, else what is wrong. Nothing of the line is repeated.
 * @see The Cargo Book, "Credential Provider Protocol".
 */
export function helloProblem(line: string): string | undefined {
  const hello = parsedObject(line);
  const versions = hello?.["v"];
  if (!Array.isArray(versions)) return "it does not begin with the line that cargo's credential protocol demands";
  if (versions.includes(1)) return undefined;
  const numbers = versions.filter((version) => Number.isInteger(version)).slice(0, 10);
  return `it speaks the versions [${numbers.join(", ")}] of cargo's credential protocol, and only version 1 is spoken here`;
}

/** The question for a token to read with, as one line without its newline. */
export function formatCredentialQuestion({ index, name, headers, args }: CredentialQuestion): string {
  return JSON.stringify({
    v: 1,
    registry: {
      "index-url": index,
      ...(name === undefined ? {} : { name }),
      ...(headers.length === 0 ? {} : { headers }),
    },
    kind: "get",
    operation: "read",
    ...(args.length === 0 ? {} : { args }),
  });
}

/** Reads a plugin's answer to {@link formatCredentialQuestion}. Nothing of a line that is no answer is repeated. */
export function readCredentialAnswer(line: string): CredentialAnswer {
  const answer = parsedObject(line);
  if (isObject(answer?.["Ok"])) return readToken(answer["Ok"]);
  if (isObject(answer?.["Err"])) return readError(answer["Err"]);
  return failed("its answer is not one of cargo's credential protocol");
}

function readToken(fields: Record<string, unknown>): CredentialAnswer {
  const { kind, token, cache, operation_independent: operationIndependent } = fields;
  if (kind !== "get") return failed("it did not answer the question for a token");
  if (typeof token !== "string") return failed('its answer has no text as "token"');
  if (typeof operationIndependent !== "boolean") return failed('its answer lacks "operation_independent"');
  const life = lifeOf(cache, fields["expiration"]);
  return life === undefined
    ? failed('its answer has no usable "cache" and "expiration"')
    : { kind: "token", token: secret(token), life };
}

function lifeOf(cache: unknown, expiration: unknown): TokenLife | undefined {
  if (typeof cache !== "string") return undefined;
  if (cache === "session") return { kind: "session" };
  // A way of keeping that is not known yet is none.
  if (cache !== "expires") return { kind: "never" };
  return typeof expiration === "number" && Number.isSafeInteger(expiration)
    ? { kind: "expires", atSeconds: expiration }
    : undefined;
}

function readError(fields: Record<string, unknown>): CredentialAnswer {
  switch (fields["kind"]) {
    case "not-found":
      return { kind: "not-found" };
    case "url-not-supported":
      return { kind: "url-not-supported" };
    case "operation-not-supported":
      return failed("it does not support the operation");
    case "other": {
      const causes = Array.isArray(fields["caused-by"]) ? fields["caused-by"] : [];
      return failed(...[fields["message"], ...causes].filter((text) => typeof text === "string"));
    }
    default:
      return failed("its answer is an error of a kind that is not known");
  }
}

function failed(...reasons: string[]): CredentialAnswer {
  return { kind: "failed", reasons };
}

/**
 * Reads what the program behind `cargo:token-from-stdout` printed: one line, with or without an end.
 *
 * @returns undefined for more than one line.
 */
export function tokenFromStdout(output: string): Secret | undefined {
  const end = output.indexOf("\n");
  if (end === -1) return secret(output);
  return end === output.length - 1 ? secret(output.slice(0, end)) : undefined;
}

/** Whether a token can stand in a header as it is: printable ASCII, and not empty. */
export function isUsableToken(token: Secret): boolean {
  return /^[\t -~]*[!-~][\t -~]*$/.test(token.expose());
}

/** How long before its end a token is no longer taken from memory. */
const MARGIN_SECONDS = 60;

/** Whether a token that was got in this run may be used once more at `nowMs`. */
export function mayBeReused(life: TokenLife, nowMs: number): boolean {
  if (life.kind === "expires") return nowMs / 1000 + MARGIN_SECONDS < life.atSeconds;
  return life.kind === "session";
}

function parsedObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
