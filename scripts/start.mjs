// `npm start`: set-up, build, then the main job on the examples: fill their hubs, prove them without a network.
import { build } from "./build.mjs";
import { installPackages } from "./install.mjs";
import { mainJob } from "./start-main-job.mjs";

installPackages();
try {
  await build();
  process.exitCode = mainJob() ? 0 : 1;
} catch (error) {
  console.error(`npm start: ${error.message}`);
  process.exitCode = 1;
}
