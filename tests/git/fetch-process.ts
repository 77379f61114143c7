// A process that packs one commit, to be killed: URL, commit, private directory.
import { join } from "node:path";
import { openRemote, packCommit } from "../../src/git/index.ts";

const [url = "", commit = "", directory = ""] = process.argv.slice(2);
const remote = openRemote({ directory, env: process.env, terminal: false, network: "online" }, { url });
process.stdout.write("started\n");
const { sha256 } = await packCommit(remote, { commit, target: join(directory, "a.pack") });
process.stdout.write(`packed ${sha256}\n`);
