export type { CrateRequest } from "./crate-download.ts";
export { openRegistryClient, type RegistryClient, type RegistryClientSettings } from "./registry-client.ts";
export { RegistryError, type RegistryErrorCode } from "./registry-error.ts";
export type { RegistryEvent } from "./registry-event.ts";
