// The licence texts of the packages whose code ends up in dist/.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @param {string} top the repository
 * @param {{ inputs: Record<string, unknown>, outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }> }} metafile esbuild's
 * @returns {string} one section per bundled package, sorted by name
 */
export function thirdPartyNotices(top, metafile) {
  /** @type {Set<string>} */
  const directories = new Set();
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const directory = packageDirectory(path);
      if (bytesInOutput > 0 && directory !== undefined) directories.add(directory);
    }
  }
  const sections = [...directories].sort().map((directory) => section(join(top, directory)));
  return `cargo-hub contains code of these packages.\n\n${sections.join("\n")}`;
}

function packageDirectory(path) {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
}

function section(directory) {
  const { name, version, license } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
  const texts = readdirSync(directory)
    .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
    .sort()
    .map((file) => readFileSync(join(directory, file), "utf8").trim());
  if (texts.length === 0) throw new Error(`${name} ${version} has no licence text: ${directory}`);
  return `${"=".repeat(80)}\n${name} ${version} (${license})\n${"=".repeat(80)}\n\n${texts.join("\n\n")}\n`;
}
