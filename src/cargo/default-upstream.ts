const REGISTRY_DOMAIN = "crates.io";

/**
 * The root of the public registry's sparse index, with a trailing slash: where Cargo asks when no configuration says
 * otherwise. Made from the registry's domain, on whose `index` subdomain it lives; nothing else in the code names it.
 */
export function cratesIoSparseRoot(): string {
  return `https://${["index", REGISTRY_DOMAIN].join(".")}/`;
}
