import { exportShapes } from "../formats/index.ts";
import type { CommandGroup, CommandSpec, Flag } from "./command.ts";

const manifestPath: Flag = { flags: "--manifest-path <PATH>", description: "Path to Cargo.toml" };
const offline: Flag = { flags: "--offline", description: "Send nothing over the network" };
const jobs: Flag = { flags: "-j, --jobs <N>", description: "Number of threads and of parallel downloads" };
const link: Flag = {
  flags: "--link <WAY>",
  description: "How files get from the store into the hub",
  choices: ["auto", "reflink", "hardlink", "copy"],
  default: "auto",
};
const recursive: Flag = { flags: "--recursive", description: "Do it with the hub of here and with all hubs below" };
const from: Flag = {
  flags: "--from <DIR>",
  description:
    "Take crates from this hub, export, CARGO_HOME, local registry or vendor directory first (may be repeated)",
  repeated: true,
};
const json: Flag = { flags: "--json", description: "Print the result as one JSON document on stdout" };

/** Flags that every command has. */
export const commonFlags: readonly Flag[] = [
  { flags: "-q, --quiet", description: "Print no status lines" },
  { flags: "-v, --verbose", description: "Say more (-vv: still more)" },
  {
    flags: "--color <WHEN>",
    description: "Colour of the output",
    choices: ["auto", "always", "never"],
    default: "auto",
  },
  {
    flags: "--message-format <FORMAT>",
    description: "Form of progress and diagnostics on stderr",
    choices: ["human", "json"],
    default: "human",
  },
];

const fillFlags: readonly Flag[] = [
  { flags: "--recursive", description: "Fill the hub of here and one for each project below", conflicts: ["union"] },
  {
    flags: "--union",
    description: "Fill one hub here for the lockfiles of all projects below (written into hub.toml)",
  },
  {
    flags: "--with <PATH>",
    description: "Hold this .crate file or package directory from now on (written into hub.toml; may be repeated)",
    repeated: true,
    conflicts: ["recursive", "union"],
  },
  { flags: "--locked", description: "Leave Cargo.lock and hub.lock as they are, or fail" },
  offline,
  { flags: "--frozen", description: "The same as --locked and --offline" },
  from,
  link,
  { flags: "--adopt", description: "Make a hub of a directory that is in use as CARGO_HOME" },
  {
    flags: "--std",
    description: "Hold the standard library's own dependencies too, for -Zbuild-std and rust-analyzer",
  },
  {
    flags: "--std-lock <PATH>",
    description: "The same, with the library's Cargo.lock from PATH instead of the toolchain",
  },
  { flags: "--refresh", description: "Ask the registry for all index lines again and report what changed" },
  jobs,
  manifestPath,
  json,
];

/** Every command, in the order of the help. */
export const commandTable: readonly (CommandSpec | CommandGroup)[] = [
  {
    name: "fill",
    summary: "Make the hub hold what hub.toml or Cargo.lock asks for",
    flags: fillFlags,
    examples: ["cargo-hub fill", "cargo-hub fill --locked --offline", "cargo-hub fill --recursive"],
    load: () => import("./commands/fill.ts"),
  },
  {
    name: "verify",
    summary: "Check every byte at rest that the hub owns",
    flags: [
      { flags: "--repair", description: "Mend what is wrong, from the store and then from upstream" },
      recursive,
      { ...from, description: "With --repair: take crates from there first (may be repeated)" },
      offline,
      jobs,
      manifestPath,
      json,
    ],
    examples: ["cargo-hub verify", "cargo-hub verify --repair"],
    load: () => import("./commands/verify.ts"),
  },
  {
    name: "on",
    summary: "Let Cargo use the hub",
    flags: [recursive, manifestPath, json],
    examples: ["cargo-hub on"],
    load: () => import("./commands/on.ts"),
  },
  {
    name: "off",
    summary: "Let Cargo behave as if the hub were not there",
    flags: [recursive, manifestPath, json],
    examples: ["cargo-hub off"],
    load: () => import("./commands/off.ts"),
  },
  {
    name: "status",
    summary: "Show what the hub holds and whether Cargo uses it",
    flags: [recursive, manifestPath, json],
    examples: ["cargo-hub status", "cargo-hub status --json"],
    load: () => import("./commands/status.ts"),
  },
  {
    name: "prove",
    summary: "Run a command with no network and an empty CARGO_HOME (default: cargo check --frozen)",
    flags: [{ flags: "--record <FILE>", description: "Write the proof record to FILE" }, manifestPath, json],
    rest: "[command...]",
    examples: ["cargo-hub prove", "cargo-hub prove -- cargo test --frozen"],
    load: () => import("./commands/prove.ts"),
  },
  {
    name: "export",
    summary: "Write the hub's crates in another shape, which Cargo reads without cargo-hub",
    flags: [
      { flags: "--as <SHAPE>", description: "What to make of it", choices: exportShapes, required: true },
      { flags: "--base-url <URL>", description: "Where a web server will serve a sparse export" },
      { ...link, description: "How files get from the store into the export" },
      jobs,
      manifestPath,
      json,
    ],
    rest: "<dir>",
    conflict: ({ as, baseUrl }) => {
      if (as === "sparse" && baseUrl === undefined)
        return "--as sparse needs --base-url: Cargo wants absolute addresses";
      return as !== "sparse" && baseUrl !== undefined ? "--base-url goes with --as sparse only" : undefined;
    },
    examples: [
      "cargo-hub export --as directory vendor",
      "cargo-hub export --as sparse --base-url https://crates.example/ site",
    ],
    load: () => import("./commands/export.ts"),
  },
  {
    name: "store",
    summary: "Look after the store that all hubs of this machine share",
    commands: [
      {
        name: "status",
        summary: "Show what is in the store, for which hubs, and what gc would free",
        flags: [json],
        examples: ["cargo-hub store status", "cargo-hub store status --json"],
        load: () => import("./commands/store-status.ts"),
      },
      {
        name: "gc",
        summary: "Delete what no hub uses",
        flags: [
          { flags: "-n, --dry-run", description: "Delete nothing, say what would go" },
          {
            flags: "--grace <DURATION>",
            description: "Keep what is younger: a number and s, m, h, d or w (default: 14d)",
          },
          json,
        ],
        examples: ["cargo-hub store gc --dry-run", "cargo-hub store gc --grace 3d"],
        load: () => import("./commands/store-gc.ts"),
      },
      {
        name: "verify",
        summary: "Check every byte in the store",
        flags: [
          { flags: "--repair", description: "Throw away what is damaged: it is fetched again when needed" },
          jobs,
          json,
        ],
        examples: ["cargo-hub store verify", "cargo-hub store verify --repair"],
        load: () => import("./commands/store-verify.ts"),
      },
    ],
  },
];
