import { isTomlTable, type TomlTable } from "../../toml/index.ts";
import type { CargoNeed } from "./lowest-cargo.ts";
import { textIn, valueIn } from "./plain-table.ts";

const BUILT_IN = ["dev", "release", "test", "bench", "doc"];
/** Settings that need a name in `cargo-features`, which only nightly cargo takes. */
const UNSTABLE_KEYS = ["rustflags", "codegen-backend", "trim-paths"];

/** What `[profile]` asks of cargo. A package's profiles do nothing as a dependency, but cargo reads them. */
export function* profileNeeds(profiles: TomlTable | undefined): Generator<CargoNeed> {
  for (const [name, profile] of Object.entries(profiles ?? {})) {
    if (!BUILT_IN.includes(name)) yield { minor: 57, reason: `the profile ${name}` };
    if (isTomlTable(profile)) yield* settingNeeds(name, profile);
  }
}

function* settingNeeds(name: string, profile: TomlTable): Generator<CargoNeed> {
  const panic = textIn(profile, "panic") ?? "unwind";
  if (panic !== "unwind" && panic !== "abort") {
    yield { minor: undefined, reason: `panic = "${panic}" in the profile ${name}` };
  }
  const has = (key: string): boolean => Object.hasOwn(profile, key);
  for (const key of UNSTABLE_KEYS) {
    if (has(key)) yield { minor: undefined, reason: `the unstable key ${key} in the profile ${name}` };
  }
  if (textIn(profile, "debug") !== undefined) yield { minor: 71, reason: `debug by name in the profile ${name}` };
  if (has("strip")) yield { minor: 59, reason: `strip in the profile ${name}` };
  if (has("package") || has("build-override")) {
    yield { minor: 41, reason: `overrides in the profile ${name}` };
  }
  const packages = valueIn(profile, "package");
  const overrides = [valueIn(profile, "build-override"), ...(isTomlTable(packages) ? Object.values(packages) : [])];
  for (const override of overrides) if (isTomlTable(override)) yield* settingNeeds(name, override);
}
