import { HubError } from "../../errors/index.ts";

/** Why a manifest is not changed. */
export type ManifestEditErrorCode =
  | "cargo/add-contradictory"
  | "cargo/edit-impossible"
  | "cargo/no-such-dependency"
  | "cargo/no-such-feature"
  | "cargo/no-such-package";

/** A change of a manifest that can not be made. What it says is what cargo says. */
export class ManifestEditError extends HubError<ManifestEditErrorCode> {}

/** A request whose parts do not fit together, or not to the workspace. */
export function contradictory(what: string, help = "change the request; nothing was written"): ManifestEditError {
  return new ManifestEditError({ code: "cargo/add-contradictory", what, help });
}

/** A manifest, or an entry of it, in a form that cargo does not edit. */
export function impossible(what: string, where: string, help = "change the manifest by hand"): ManifestEditError {
  return new ManifestEditError({ code: "cargo/edit-impossible", what, where, help });
}
