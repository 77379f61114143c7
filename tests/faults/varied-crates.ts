import { type BuiltCrate, buildCrate, buildCrateAround, type CrateSpec } from "../support/crate-builder.ts";
import { packGzip, packTar } from "../support/tar-writer.ts";

/** A dependency table entry for a project. */
interface ProjectDependency {
  readonly version: string;
  readonly package?: string;
}

/** Packages that differ in all that matters to a hub: length and case of names, versions, layout, modes, code that runs. */
const specs: readonly CrateSpec[] = [
  { name: "a", version: "1.0.0" },
  { name: "io", version: "2.0.0", deps: { a: "1" } },
  { name: "cfg", version: "1.2.3" },
  { name: "Inflector", version: "0.11.4" },
  { name: "with_under-dash", version: "0.0.1", deps: { cfg: "1" } },
  { name: "plus", version: "1.0.0+build.7" },
  { name: "early", version: "1.0.0-rc.1" },
  { name: "many", version: "0.3.1" },
  { name: "many", version: "1.0.0", deps: { io: "2" } },
  { name: "many", version: "2.0.0", features: { default: ["std"], std: [] } },
  { name: "native", version: "0.4.0", links: "native", buildScript: true },
  { name: "macros", version: "1.1.0", procMacro: true },
  {
    name: "deep",
    version: "3.2.1",
    files: {
      "src/one/two/three/four/five.rs": "// deep\n",
      "src/one/two/other.rs": "// less deep\n",
      [`tests/${"long-directory-name-".repeat(6)}/case.txt`]: "a path of more than a hundred bytes\n",
      "docs/ünïcode ✓.md": "A name that is not ASCII\n",
    },
  },
  {
    name: "dots",
    version: "0.2.0",
    files: {
      ".gitignore": "target\n",
      ".github/workflows/ci.yml": "on: push\n",
      "empty.txt": "",
      ".cargo_vcs_info.json": '{"git":{"sha1":"0"}}\n',
    },
  },
  { name: "bulky", version: "1.0.1", files: { "src/table.rs": tableText() } },
];

/** The project's dependencies: every version above. */
export const variedDependencies: Readonly<Record<string, string | ProjectDependency>> = {
  ...Object.fromEntries(specs.filter(({ name }) => name !== "many").map(({ name, version }) => [name, `=${version}`])),
  many0: { package: "many", version: "=0.3.1" },
  many1: { package: "many", version: "=1.0.0" },
  many2: { package: "many", version: "=2.0.0" },
  tools: "=0.1.0",
};

/** The crates of {@link variedDependencies}, built. */
export function variedCrates(): BuiltCrate[] {
  return [...specs.map(buildCrate), withExecutables({ name: "tools", version: "0.1.0" })];
}

/** A crate with files that may be executed and such that nobody but the owner may write. */
function withExecutables(spec: CrateSpec): BuiltCrate {
  const top = `${spec.name}-${spec.version}`;
  const plain = Object.entries(buildCrate(spec).files).map(([path, content]) => ({ path: `${top}/${path}`, content }));
  const scripts = [
    { path: `${top}/bin/run.sh`, content: "#!/bin/sh\nexit 0\n", mode: 0o755 },
    { path: `${top}/bin/closed.sh`, content: "#!/bin/sh\nexit 1\n", mode: 0o700 },
    { path: `${top}/read-only.txt`, content: "look, but do not touch\n", mode: 0o444 },
  ];
  return buildCrateAround(spec, packGzip(packTar([...plain, ...scripts]), `${top}.crate`));
}

function tableText(): string {
  let state = 7;
  let text = "pub static TABLE: [u32; 4000] = [\n";
  for (let row = 0; row < 4000; row += 1) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    text += `    ${state},\n`;
  }
  return `${text}];\n`;
}
