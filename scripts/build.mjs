// Bundles the command line into dist/: one small entry, a chunk per command, the worker, and the notices of what is inside.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { installPackages, repository } from "./install.mjs";
import { thirdPartyNotices } from "./third-party-notices.mjs";

const entries = { "cargo-hub": "src/cli/main.ts" };
/**
 * Bundled alone: chunks are shared by whole rooms, but a fill that has nothing to do must load only the few functions it calls
 * (6 KB instead of 330 KB, 25 ms less), and a thread only what it needs (it loads Node's own modules anew).
 */
const aloneEntries = { "quick-fill": "src/cli/quick-fill.ts", worker: "src/hub/worker.ts" };
const output = join(repository, "dist");

/**
 * Builds dist/. A reader of the old files is not disturbed: new ones are renamed into place, then left-overs go.
 *
 * @returns {Promise<{ path: string, sizeBytes: number }[]>} what was written, paths relative to the repository
 */
export async function build() {
  for (const source of Object.values({ ...entries, ...aloneEntries })) {
    if (!existsSync(join(repository, source))) throw new Error(`${source} does not exist: there is nothing to build`);
  }
  // Loaded late: `npm start` on a fresh clone installs it first.
  const { build: bundle } = await import("esbuild");
  const { version } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
  const settings = {
    absWorkingDir: repository,
    outdir: "dist",
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    minifyWhitespace: true,
    minifySyntax: true, // identifiers stay: stack traces and class names are read; keepNames would wrap every function
    legalComments: "none",
    define: { CARGO_HUB_VERSION: JSON.stringify(version) },
    metafile: true,
    write: false,
    logLevel: "warning",
  };
  const shared = await bundle({
    ...settings,
    entryPoints: entryPoints(entries),
    chunkNames: "chunks/[name]-[hash]",
    splitting: true,
    plugins: [bundledAlone],
  });
  const alone = await bundle({ ...settings, entryPoints: entryPoints(aloneEntries) });
  const result = {
    outputFiles: [...shared.outputFiles, ...alone.outputFiles],
    metafile: { outputs: { ...shared.metafile.outputs, ...alone.metafile.outputs } },
  };
  const files = result.outputFiles.map((file) => ({ path: relative(output, file.path), text: finish(file) }));
  files.push({ path: "THIRD-PARTY-NOTICES.txt", text: thirdPartyNotices(repository, result.metafile) });
  for (const file of files) save(file);
  removeOthers(output, new Set(files.map((file) => join(output, file.path))));
  return files.map(({ path, text }) => ({ path: `dist/${path}`, sizeBytes: Buffer.byteLength(text) }));
}

function entryPoints(named) {
  return Object.entries(named).map(([out, source]) => ({ in: source, out }));
}

/** Leaves the imports of what is bundled alone as they are, with the name it has in dist/. */
const bundledAlone = {
  name: "bundled-alone",
  setup(build) {
    build.onResolve({ filter: /^\.\// }, ({ path }) => {
      const name = Object.keys(aloneEntries).find((alone) => path === `./${alone}.ts`);
      return name === undefined ? undefined : { path: `./${name}.js`, external: true };
    });
  },
};

const hashbang = "#!/usr/bin/env node\n";
/** CommonJS packages inside an ES module ask for Node's own modules with `require`, which is not there by itself. */
const requireForBundled =
  'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);\n';

function finish(file) {
  let text = file.text.startsWith("#!") ? file.text.slice(file.text.indexOf("\n") + 1) : file.text;
  if (/typeof require\b/.test(text)) text = requireForBundled + text;
  return relative(output, file.path) === "cargo-hub.js" ? hashbang + text : text;
}

function save({ path, text }) {
  const target = join(output, path);
  if (existsSync(target) && readFileSync(target, "utf8") === text) return;
  mkdirSync(dirname(target), { recursive: true });
  const partial = `${target}.${process.pid}.partial`;
  writeFileSync(partial, text, { mode: path === "cargo-hub.js" ? 0o755 : 0o644 });
  renameSync(partial, target);
}

function removeOthers(directory, keep) {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) removeOthers(path, keep);
    else if (!keep.has(path) && !entry.name.endsWith(".partial")) rmSync(path, { force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  installPackages();
  try {
    const written = await build();
    if (process.argv.includes("--verbose")) {
      for (const { path, sizeBytes } of written) console.log(`${String(sizeBytes).padStart(9)}  ${path}`);
    }
  } catch (error) {
    // esbuild has already printed its own diagnostics.
    console.error(`build: ${error.message}`);
    process.exitCode = 1;
  }
}
