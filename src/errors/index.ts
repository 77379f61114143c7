export { type ErrorParts, HubError, redact } from "./hub-error.ts";
