import { dirname, resolve } from "node:path";
import { findWorkspaceRoot, type ReadManifestText } from "../cargo/index.ts";
import { withSlashes } from "../system/index.ts";

/** The directory of a manifest's workspace, as this system writes paths. @throws as `findWorkspaceRoot` of the cargo room, which wants slashes. */
export function workspaceRoot(manifest: string, read: ReadManifestText): string {
  return resolve(dirname(findWorkspaceRoot(withSlashes(manifest), read).root));
}
