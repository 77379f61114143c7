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
  | { readonly kind: "received"; readonly name: string; readonly version: string; readonly bytes: number }
  /** A provider is asked for the token of a registry, named as the configuration has it. */
  | { readonly kind: "credential"; readonly provider: string; readonly registry: string }
  /** What a provider said on its standard error, without the token. */
  | { readonly kind: "provider-said"; readonly provider: string; readonly text: string }
  /** A provider takes long: it may wait for a person. */
  | { readonly kind: "provider-waits"; readonly provider: string }
  /** Credentials are configured in vain. */
  | { readonly kind: "credential-warning"; readonly message: string };
