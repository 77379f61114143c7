import { readdirSync, readFileSync } from "node:fs";

const fixtures = new URL("../fixtures/lockfiles/", import.meta.url);

/** A lockfile of the fixtures folder. */
export function fixture(name: string): string {
  return readFileSync(new URL(name, fixtures), "utf8");
}

/** Every lockfile of the fixtures folder by name. */
export function recordedLockfiles(): { name: string; text: string }[] {
  return readdirSync(fixtures)
    .filter((name) => name.endsWith(".lock"))
    .map((name) => ({ name, text: fixture(name) }));
}

/**
 * Lockfiles of real projects: all of the corpus when `CARGO_HUB_CORPUS` names its folder, which must then be there;
 * else three small ones.
 */
export function projectLockfiles(): { name: string; text: string }[] {
  const corpus = process.env["CARGO_HUB_CORPUS"];
  if (corpus === undefined || corpus === "") {
    return ["serde-v3.lock", "sd-v3.lock", "ripgrep-v4.lock"].map((name) => ({ name, text: fixture(name) }));
  }
  return readdirSync(`${corpus}/projects`).map((name) => ({
    name,
    text: readFileSync(`${corpus}/projects/${name}/Cargo.lock.golden`, "utf8"),
  }));
}
