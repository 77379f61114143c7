export { type ErrorParts, HubError, redact } from "./hub-error.ts";
export { quote, visible } from "./quote.ts";
