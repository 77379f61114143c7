import { loginUrlOf } from "../cargo/index.ts";
import { ClientClosed } from "./exchange.ts";
import { Http1SyntaxError, type ResponseHead } from "./http1-reader.ts";
import { ProxyRefusal } from "./open-socket.ts";
import { type AttemptFailure, excerpt, RegistryError, shownUrl } from "./registry-error.ts";
import { isPassingStatus, retryAfterMs } from "./retry.ts";

/** What was known when a request broke. */
export interface Progress {
  readonly url: URL;
  /** Bytes of the body that had arrived in this attempt. */
  readonly receivedBytes: number;
  /** What `Content-Length` promised for this attempt. */
  readonly promisedBytes: number | undefined;
}

/** Why a request broke, from the error that the connection gave. */
export function connectionFailure(cause: unknown, progress: Progress): AttemptFailure {
  const where = shownUrl(progress.url);
  if (cause instanceof RegistryError) return { error: cause, next: "give-up" };
  if (cause instanceof ProxyRefusal) return proxyFailure(cause, where);
  if (cause instanceof Http1SyntaxError) {
    const help = "check that the address is that of a registry, and that nothing in between answers for it";
    return {
      error: new RegistryError({ code: "registry/bad-response", what: cause.message, where, help, cause }),
      next: "retry",
    };
  }
  const code = codeOf(cause);
  if (isCertificateProblem(code)) return { error: untrusted(code, where, cause), next: "give-up" };
  if (code === "EPROTO" || code.startsWith("ERR_SSL") || code.startsWith("ERR_TLS")) {
    const what = `the TLS handshake failed: ${reasonOf(cause)}`;
    const help =
      "check that the address is meant for https, and that the server and `http.ssl-version` agree on a TLS version";
    return { error: new RegistryError({ code: "registry/tls-failed", what, where, help, cause }), next: "retry" };
  }
  const { promisedBytes, receivedBytes } = progress;
  if (promisedBytes !== undefined && receivedBytes < promisedBytes && !(cause instanceof ClientClosed)) {
    return { error: lengthMismatch(where, { promised: promisedBytes, received: receivedBytes, cause }), next: "retry" };
  }
  const help = "check the network, the proxy settings and the address; `--offline` works with what is already here";
  const what = `could not be reached: ${reasonOf(cause)}`;
  const next = cause instanceof ClientClosed ? "give-up" : "retry";
  return { error: new RegistryError({ code: "registry/unreachable", what, where, help, cause }), next };
}

/** The server promised another number of bytes than it sent, or than the index knows. */
export function lengthMismatch(
  where: string,
  { promised, received, cause }: { readonly promised: number; readonly received: number; readonly cause?: unknown },
): RegistryError {
  return new RegistryError({
    code: "registry/length-mismatch",
    what: `${promised} bytes were promised, but ${received} came`,
    where,
    help: "try again; if it stays, a proxy or the server cuts answers short: tell whoever runs it",
    cause,
  });
}

/** Nothing, or too little, came for the whole of `http.timeout`. */
export function stallFailure(url: URL, bytes: number, windowMs: number): AttemptFailure {
  const seconds = Math.round(windowMs / 100) / 10;
  const amount = bytes === 0 ? "nothing" : `only ${bytes} ${bytes === 1 ? "byte" : "bytes"}`;
  return {
    error: new RegistryError({
      code: "registry/timeout",
      what: `${amount} came in ${seconds} seconds`,
      where: shownUrl(url),
      help: "check the network and the proxy settings; on slow lines raise `http.timeout` in Cargo's configuration",
    }),
    next: "retry",
  };
}

/** What a status other than the wanted ones means for a request that needs the file. */
export function statusFailure(head: ResponseHead, url: URL, body: Uint8Array): AttemptFailure {
  const where = shownUrl(url);
  const { status, headers } = head;
  const said = excerpt(body);
  const answered = `the server answered ${status}${said === "" ? "" : `: ${said}`}`;
  switch (status) {
    case 401:
      return { error: unauthorized(where, head), next: "give-up", challenge: { headers, said } };
    case 407:
      return proxyFailure(new ProxyRefusal(status), where);
    case 404:
    case 410:
    case 451:
      return {
        error: new RegistryError({
          code: "registry/not-found",
          what: `${answered}; it is no longer there`,
          where,
          help: "see whether the package was deleted or renamed, and change the dependency; or let a mirror that still has it replace the source",
        }),
        next: "give-up",
      };
    default: {
      const help = isPassingStatus(status)
        ? "wait a little and try again; if it stays, tell whoever runs the registry"
        : "check the address and whether you may read from this registry";
      const error = new RegistryError({ code: "registry/refused", what: answered, where, help });
      if (!isPassingStatus(status)) return { error, next: "give-up" };
      return { error, next: "retry", retryAfterMs: retryAfterMs(status, headers["retry-after"], Date.now()) };
    }
  }
}

function unauthorized(where: string, { headers }: ResponseHead): RegistryError {
  const login = loginUrlOf(headers["www-authenticate"] ?? "");
  return new RegistryError({
    code: "registry/unauthorized",
    what: `the server wants a token (401)${login === undefined ? "" : `; one is to be had at ${login}`}`,
    where,
    help: "tell whoever runs the registry that its config.json lacks `auth-required`, or let a mirror that needs no token replace it",
  });
}

function proxyFailure(refusal: ProxyRefusal, where: string): AttemptFailure {
  const { status } = refusal;
  return {
    error: new RegistryError({
      code: "registry/proxy-refused",
      what:
        status === 407
          ? "the proxy wants a user name and password (407)"
          : `the proxy answered ${status} instead of connecting`,
      where,
      help: "correct `http.proxy` in Cargo's configuration or HTTPS_PROXY; hosts that need no proxy go into NO_PROXY",
      cause: refusal,
    }),
    next: isPassingStatus(status) ? "retry" : "give-up",
  };
}

function untrusted(code: string, where: string, cause: unknown): RegistryError {
  return new RegistryError({
    code: "registry/tls-untrusted",
    what: `the server's certificate is not accepted: ${reasonOf(cause)} (${code})`,
    where,
    help: "name your organisation's authorities in `http.cainfo`, SSL_CERT_FILE or NODE_EXTRA_CA_CERTS; check the clock if it is said to be expired",
    cause,
  });
}

const CERTIFICATE_PROBLEMS = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "HOSTNAME_MISMATCH",
  "INVALID_CA",
  "INVALID_PURPOSE",
  "PATH_LENGTH_EXCEEDED",
]);

function isCertificateProblem(code: string): boolean {
  return CERTIFICATE_PROBLEMS.has(code) || code.startsWith("CERT_");
}

function codeOf(cause: unknown): string {
  const code: unknown = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined;
  return typeof code === "string" ? code : "";
}

/** The first line of an error's message. Several addresses of one host make an AggregateError without one. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === "") return cause.errors.map(reasonOf).join("; ");
  const message = cause instanceof Error ? cause.message : String(cause);
  const line = message.split("\n", 1)[0] ?? "";
  return line === "" ? codeOf(cause) : line;
}
