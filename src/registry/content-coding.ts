import { gunzipSync } from "node:zlib";
import type { ResponseHead } from "./http1-reader.ts";
import { type AttemptFailure, RegistryError, shownUrl } from "./registry-error.ts";

/** A body after its content coding is undone. */
export type Decoded =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "failed"; readonly failure: AttemptFailure };

/** True when the body is what it is meant to be, byte for byte. */
export function isPlain(head: ResponseHead): boolean {
  const coding = head.headers["content-encoding"]?.toLowerCase();
  return coding === undefined || coding === "" || coding === "identity";
}

/** Undoes the content coding of an answer; gzip is the only one we ever accept. The result never exceeds `limitBytes`. */
export function decodeContent(
  body: Uint8Array,
  { head, url, limitBytes }: { readonly head: ResponseHead; readonly url: URL; readonly limitBytes: number },
): Decoded {
  if (isPlain(head)) return { kind: "bytes", bytes: body };
  const coding = head.headers["content-encoding"]?.toLowerCase() ?? "";
  const where = shownUrl(url);
  const help = "try again; if it stays, a proxy or the server spoils answers: tell whoever runs it";
  if (coding !== "gzip" && coding !== "x-gzip") {
    const what = `the answer is coded as ${JSON.stringify(coding.slice(0, 40))}, which was not asked for`;
    return {
      kind: "failed",
      failure: { error: new RegistryError({ code: "registry/bad-response", what, where, help }), next: "give-up" },
    };
  }
  try {
    return { kind: "bytes", bytes: gunzipSync(body, { maxOutputLength: limitBytes }) };
  } catch (cause) {
    if (cause instanceof RangeError) {
      const what = `the answer unpacks to more than the ${limitBytes} bytes that are accepted here`;
      return {
        kind: "failed",
        failure: {
          error: new RegistryError({ code: "registry/too-large", what, where, help: "check the address", cause }),
          next: "give-up",
        },
      };
    }
    const what = "the answer is said to be gzip, but can not be unpacked";
    return {
      kind: "failed",
      failure: { error: new RegistryError({ code: "registry/bad-response", what, where, help, cause }), next: "retry" },
    };
  }
}
