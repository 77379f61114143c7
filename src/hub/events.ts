/** What a running command tells its caller; the caller decides how to show it. */
export type HubEvent =
  | { readonly kind: "blocking"; readonly on: string }
  | { readonly kind: "planned"; readonly crates: number; readonly missing: number }
  | { readonly kind: "updating"; readonly registry: string }
  | { readonly kind: "updating-repository"; readonly url: string; readonly commit: string }
  | { readonly kind: "downloaded"; readonly name: string; readonly version: string; readonly bytes: number }
  | {
      readonly kind: "installed";
      readonly name: string;
      readonly version: string;
      readonly from: "download" | "folder" | "store" | "hub" | "repository";
    }
  | { readonly kind: "packed"; readonly name: string; readonly version: string; readonly path: string }
  | { readonly kind: "quarantined"; readonly name: string; readonly version: string; readonly reason: string }
  | { readonly kind: "removed"; readonly name: string; readonly version: string }
  | { readonly kind: "adopted"; readonly name: string; readonly version: string }
  | {
      readonly kind: "line-changed";
      readonly name: string;
      readonly version: string;
      readonly changes: readonly string[];
    }
  | {
      readonly kind: "tree-changed";
      readonly name: string;
      readonly version: string;
      readonly paths: readonly string[];
      readonly by: readonly string[];
    }
  | { readonly kind: "retrying"; readonly url: string; readonly cause: string; readonly waitMs: number }
  | { readonly kind: "credential"; readonly provider: string; readonly registry: string }
  | { readonly kind: "provider-said"; readonly provider: string; readonly text: string }
  | { readonly kind: "checked"; readonly done: number; readonly of: number }
  | { readonly kind: "exported"; readonly done: number; readonly of: number }
  | { readonly kind: "swept"; readonly done: number; readonly of: number }
  | { readonly kind: "repaired"; readonly path: string }
  | { readonly kind: "warning"; readonly message: string };

export type OnEvent = (event: HubEvent) => void;
