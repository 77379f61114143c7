import { type System, systemOf } from "../system/index.ts";

/** The system that this process runs on: what every function of this room and above takes for one unless it is given another. */
export const thisSystem: System = systemOf(process.platform);
