import { HubError } from "../errors/index.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { plainText } from "./plain-text.ts";
import type { Shell } from "./shell.ts";

/** Shows an error: what, where, what next; a stack only for what nobody foresaw. @returns the exit code. */
export function reportError(error: unknown, shell: Shell): ExitCode {
  if (!(error instanceof HubError)) return reportUnforeseen(error, shell);
  const { code, what, where, help } = error;
  showProblem({ code, what, where: where ?? null, help, causes: causeChain(error) }, shell);
  return exitCodes.failed;
}

/** An error's parts, also of one that is a part of a report. */
interface Problem {
  readonly code: string;
  readonly what: string;
  readonly where: string | null;
  readonly help: string;
  readonly causes?: readonly string[];
}

/** Shows an error in the form that was asked for. */
export function showProblem({ code, what, where, help, causes = [] }: Problem, shell: Shell): void {
  if (shell.messageFormat === "json") {
    shell.json({ reason: "error", code, what, where, help });
    return;
  }
  shell.clearProgress();
  const lines = [`${shell.paint("error", "error")}${shell.paint("bold", `[${code}]:`)} ${plainText(what)}`];
  if (where !== null) lines.push(`  ${shell.paint("note", "-->")} ${plainText(where)}`);
  if (causes.length > 0) lines.push("", "Caused by:", ...causes.map((text) => `  ${plainText(text)}`));
  lines.push("", `${shell.paint("note", "help")}${shell.paint("bold", ":")} ${plainText(help)}`);
  shell.note(lines.join("\n"));
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
      `${shell.paint("error", "error")}${shell.paint("bold", ":")} this is a defect of cargo-hub; please report it with this text\n${plainText(text)}`,
    );
  return exitCodes.failed;
}
