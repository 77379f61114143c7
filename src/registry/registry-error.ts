import { HubError } from "../errors/index.ts";

/** Everything that can go wrong between us and a registry. */
export type RegistryErrorCode =
  | "registry/bad-address"
  | "registry/bad-config"
  | "registry/bad-proxy"
  | "registry/bad-response"
  | "registry/checksum-mismatch"
  | "registry/length-mismatch"
  | "registry/not-a-registry"
  | "registry/not-found"
  | "registry/offline"
  | "registry/provider-failed"
  | "registry/provider-missing"
  | "registry/provider-unsupported"
  | "registry/proxy-refused"
  | "registry/redirect-loop"
  | "registry/refused"
  | "registry/timeout"
  | "registry/tls-authorities"
  | "registry/tls-failed"
  | "registry/tls-untrusted"
  | "registry/token-echoed"
  | "registry/token-missing"
  | "registry/token-rejected"
  | "registry/token-unusable"
  | "registry/too-large"
  | "registry/unauthorized"
  | "registry/unreachable";

/** A registry did not give what was asked for. `where` is the URL, without credentials and without its query's values. */
export class RegistryError extends HubError<RegistryErrorCode> {}

/** Why one attempt failed, and whether another may do better. */
export interface AttemptFailure {
  readonly error: RegistryError;
  /** `retry`: a passing condition by cargo's rules. `distrust`: an answer that a cache may have spoiled, worth one fresh request. */
  readonly next: "give-up" | "retry" | "distrust";
  /** What `Retry-After` asked for, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** There when the server wants a token, or another one. */
  readonly challenge?: Challenge | undefined;
}

/** A 401. */
export interface Challenge {
  readonly headers: Readonly<Record<string, string>>;
  /** The beginning of its text, fit to be shown. */
  readonly said: string;
}

/** `url` as it may be shown: no user name, no password, and no query values (signed addresses carry secrets there). */
export function shownUrl(url: URL | string): string {
  const text = typeof url === "string" ? url : url.href;
  const query = text.indexOf("?");
  const bare = query === -1 ? text : `${text.slice(0, query)}?…`;
  return bare.replace(/^([a-z+]+:\/\/)[^/?#]*@/i, "$1");
}

/** At most 200 characters of a server's answer, on one line and without control characters. */
export function excerpt(body: Uint8Array): string {
  const text = new TextDecoder()
    .decode(body.subarray(0, 1000))
    .replaceAll(/[\p{C}\s]+/gu, " ")
    .trim();
  return text.length <= 200 ? text : `${text.slice(0, 199)}…`;
}
