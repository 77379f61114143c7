import type { TomlTree } from "../../toml/index.ts";
import type { Shape } from "./shape.ts";

const text: Shape = { is: "string" };
const yesOrNo: Shape = { is: "boolean" };
const whole: Shape = { is: "integer" };
const textOrFlag: Shape = { is: "one-of", options: [yesOrNo, text] };

const optLevel: Shape = {
  is: "made",
  of: { is: "one-of", options: [whole, text] },
  to: (value) => (typeof value !== "string" || value === "s" || value === "z" ? value : undefined),
};

const DEBUG_LEVELS: ReadonlyMap<TomlTree, TomlTree> = new Map<TomlTree, TomlTree>([
  [false, 0n],
  [true, 2n],
  [0n, 0n],
  [1n, 1n],
  [2n, 2n],
  ["none", 0n],
  ["limited", 1n],
  ["full", 2n],
  ["line-directives-only", "line-directives-only"],
  ["line-tables-only", "line-tables-only"],
]);

const debugLevel: Shape = {
  is: "made",
  of: { is: "one-of", options: [yesOrNo, whole, text] },
  to: (value) => DEBUG_LEVELS.get(value),
};

const keys = new Map<string, Shape>([
  ["opt-level", optLevel],
  ["lto", textOrFlag],
  ["codegen-backend", text],
  ["codegen-units", whole],
  ["debug", debugLevel],
  ["split-debuginfo", text],
  ["debug-assertions", yesOrNo],
  ["rpath", yesOrNo],
  ["panic", text],
  ["overflow-checks", yesOrNo],
  ["incremental", yesOrNo],
  ["dir-name", text],
  ["inherits", text],
  ["strip", textOrFlag],
  ["rustflags", { is: "list", of: text }],
]);
const profile: Shape = { is: "record", keys };

// A profile holds profiles: for single packages and for what runs while building.
keys.set("package", { is: "map", of: profile, lastKey: "*" });
keys.set("build-override", profile);
keys.set("trim-paths", { is: "anything" });
keys.set("hint-mostly-unused", yesOrNo);

/** `[profile]`: names to settings, in the order in which cargo writes them. */
export const PROFILES: Shape = { is: "map", of: profile };
