declare const CARGO_HUB_VERSION: string | undefined;

/** The version of the package; set when it is built. */
export const version: string = typeof CARGO_HUB_VERSION === "string" ? CARGO_HUB_VERSION : "0.0.0-unbuilt";
