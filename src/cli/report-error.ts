import { HubError } from "../errors/index.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { Shell } from "./shell.ts";

/** Shows an error: what, where, what next; a stack only for what nobody foresaw. @returns the exit code. */
export function reportError(error: unknown, shell: Shell): ExitCode {
  if (!(error instanceof HubError)) return reportUnforeseen(error, shell);
  if (shell.messageFormat === "json") {
    shell.json({ reason: "error", code: error.code, what: error.what, where: error.where ?? null, help: error.help });
    return exitCodes.failed;
  }
  shell.clearProgress();
  const lines = [`${shell.paint("error", "error")}${shell.paint("bold", `[${error.code}]:`)} ${error.what}`];
  if (error.where !== undefined) lines.push(`  ${shell.paint("note", "-->")} ${error.where}`);
  const causes = causeChain(error);
  if (causes.length > 0) lines.push("", "Caused by:", ...causes.map((text) => `  ${text}`));
  lines.push("", `${shell.paint("note", "help")}${shell.paint("bold", ":")} ${error.help}`);
  shell.note(lines.join("\n"));
  return exitCodes.failed;
}

function causeChain(error: Error): string[] {
  const chain: string[] = [];
  for (let cause = error.cause; cause instanceof Error && chain.length < 5; cause = cause.cause)
    chain.push(cause.message);
  return chain;
}

function reportUnforeseen(error: unknown, shell: Shell): ExitCode {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (shell.messageFormat === "json")
    shell.json({ reason: "error", code: "cli/unforeseen", what: text, where: null, help: "report it" });
  else
    shell.note(
      `${shell.paint("error", "error")}${shell.paint("bold", ":")} this is a defect of cargo-hub; please report it with this text\n${text}`,
    );
  return exitCodes.failed;
}
