/** What a client tells while it works. URLs are fit to be shown. */
export type RegistryEvent =
  /** An attempt failed and another follows after `waitMs`. `retry` counts from 1 to `of`. */
  | {
      readonly kind: "retry";
      readonly url: string;
      readonly reason: string;
      readonly retry: number;
      readonly of: number;
      readonly waitMs: number;
    }
  /** A broken download goes on behind its first `fromBytes` bytes. */
  | { readonly kind: "resume"; readonly url: string; readonly fromBytes: number }
  /** Part of a crate file arrived. */
  | { readonly kind: "received"; readonly name: string; readonly version: string; readonly bytes: number };
