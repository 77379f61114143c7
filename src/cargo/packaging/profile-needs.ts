import { isTomlTreeTable, type TomlTreeTable } from "../../toml/index.ts";
import type { CargoNeed } from "./lowest-cargo.ts";
import { textAt } from "./package-source.ts";

const BUILT_IN = ["dev", "release", "test", "bench", "doc"];
/** Settings that need a name in `cargo-features`, which only nightly cargo takes. */
const UNSTABLE_KEYS = ["rustflags", "codegen-backend", "trim-paths"];

/** What `[profile]` asks of cargo. A package's profiles do nothing as a dependency, but cargo reads them. */
export function* profileNeeds(profiles: TomlTreeTable | undefined): Generator<CargoNeed> {
  for (const [name, profile] of profiles ?? []) {
    if (!BUILT_IN.includes(name)) yield { minor: 57, reason: `the profile ${name}` };
    if (isTomlTreeTable(profile)) yield* settingNeeds(name, profile);
  }
}

function* settingNeeds(name: string, profile: TomlTreeTable): Generator<CargoNeed> {
  const panic = textAt(profile, "panic") ?? "unwind";
  if (panic !== "unwind" && panic !== "abort") {
    yield { minor: undefined, reason: `panic = "${panic}" in the profile ${name}` };
  }
  for (const key of UNSTABLE_KEYS) {
    if (profile.has(key)) yield { minor: undefined, reason: `the unstable key ${key} in the profile ${name}` };
  }
  if (typeof profile.get("debug") === "string") yield { minor: 71, reason: `debug by name in the profile ${name}` };
  if (profile.has("strip")) yield { minor: 59, reason: `strip in the profile ${name}` };
  if (profile.has("package") || profile.has("build-override")) {
    yield { minor: 41, reason: `overrides in the profile ${name}` };
  }
  const packages = profile.get("package");
  const overrides = [profile.get("build-override"), ...(isTomlTreeTable(packages) ? packages.values() : [])];
  for (const override of overrides) if (isTomlTreeTable(override)) yield* settingNeeds(name, override);
}
