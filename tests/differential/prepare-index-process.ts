// Prepares every file of a local registry for prepared-resolve-process.ts: REGISTRY-DIRECTORY OUTPUT-DIRECTORY.
import { closeSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { prepareIndexFile } from "../../src/resolve/index.ts";

const [registry = "", output = ""] = process.argv.slice(2);
const places: Record<string, readonly [number, number, number]> = {};
const heads: string[] = [];
const bodies = openSync(join(output, "bodies"), "w");
let headAt = 0;
let bodyAt = 0;
for (const path of readdirSync(join(registry, "index"), { recursive: true, withFileTypes: true })) {
  if (!path.isFile()) continue;
  for (const { name, head, bodies: bytes } of prepareIndexFile(
    readFileSync(join(path.parentPath, path.name), "utf8"),
  )) {
    const length = Buffer.byteLength(head);
    places[name] = [headAt, headAt + length, bodyAt];
    heads.push(head);
    writeSync(bodies, bytes);
    headAt += length;
    bodyAt += bytes.length;
  }
}
closeSync(bodies);
writeFileSync(join(output, "heads"), heads.join(""));
writeFileSync(join(output, "places.json"), JSON.stringify(places));
console.log(JSON.stringify({ packages: Object.keys(places).length, headBytes: headAt, bodyBytes: bodyAt }));
