export { findProgram, type ProgramSearch, userHome, type Variables, variable } from "./environment.ts";
export { isNotOffered, isOfOneMachine, isSameTime, type ModesSeen, modesCount } from "./file-systems.ts";
export { foldName, otherCase } from "./fold-name.ts";
export { isWindowsPath, joinWindowsPath, rootOf, withSlashes } from "./paths.ts";
export { type Patience, patienceOn, type Waiting, withPatience } from "./patience.ts";
export { type System, systemOf } from "./system.ts";
export { windowsNameFault } from "./windows-names.ts";
