export { FormatsError, type FormatsErrorCode } from "./formats-error.ts";
export {
  type BuildTimeCode,
  formatHubLock,
  type HubCrate,
  type HubCrateKind,
  type HubLock,
  type HubLockfile,
  hubLockVersion,
  parseHubLock,
} from "./hub-lock.ts";
export { defaultHubToml, type HubMode, type HubToml, hubTomlVersion, parseHubToml } from "./hub-toml.ts";
export { formatProof, type Isolation, type ProofRecord } from "./proof.ts";
