import type { Writable } from "node:stream";
import { styleText } from "node:util";
import { plainText, withoutCredentials } from "./plain-text.ts";

export type ColorChoice = "auto" | "always" | "never";
export type MessageFormat = "human" | "json";

/** What the shell needs of the process. */
export interface Terminal {
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface ShellOptions {
  readonly color: ColorChoice;
  /** -1 quiet, 0 normal, 1 `-v`, 2 `-vv`. */
  readonly verbosity: number;
  readonly messageFormat: MessageFormat;
}

type Style = "status" | "warning" | "error" | "note" | "bold" | "good" | "bad";

const styles: Record<Style, Parameters<typeof styleText>[0]> = {
  status: ["bold", "greenBright"],
  warning: ["bold", "yellow"],
  error: ["bold", "redBright"],
  note: ["bold", "cyan"],
  bold: "bold",
  good: "green",
  bad: "red",
};

/** All output of a command: results to stdout, everything else to stderr, in cargo's manner. */
export interface Shell {
  readonly verbosity: number;
  /** `<verb right-aligned in 12 columns> <message>`; quiet hides it. The message is shown as {@link plainText}. */
  status(verb: string, message: string, style?: Style): void;
  /** The message is shown as {@link plainText}. */
  warn(message: string): void;
  /** A diagnostic as a JSON line on stderr when the message format is JSON. URLs lose their credentials. */
  json(message: Readonly<Record<string, unknown>>): void;
  /** A transient line on a terminal; nothing elsewhere. */
  progress(verb: string, done: number, of: number): void;
  clearProgress(): void;
  /** Result text. */
  print(text: string): void;
  /** Text for people on stderr, as it is. */
  note(text: string): void;
  paint(style: Style, text: string): string;
  readonly messageFormat: MessageFormat;
}

export function openShell(terminal: Terminal, options: ShellOptions): Shell {
  const { stdout, stderr, env } = terminal;
  const colored = useColor(options.color, terminal);
  const paint = (style: Style, text: string): string =>
    colored ? styleText(styles[style], text, { validateStream: false }) : text;
  const human = options.messageFormat === "human";
  const bar =
    human && options.verbosity >= 0 && stderr.isTTY === true && env["CI"] === undefined && env["TERM"] !== "dumb";
  let drawn = false;
  let lastDraw = 0;
  const clear = (): void => {
    if (drawn) stderr.write("\r\u001b[K");
    drawn = false;
  };
  const line = (text: string): void => {
    clear();
    stderr.write(`${text}\n`);
  };
  const json: Shell["json"] = (message) => {
    if (!human) stderr.write(`${JSON.stringify(message, withoutCredentials)}\n`);
  };
  return {
    verbosity: options.verbosity,
    messageFormat: options.messageFormat,
    paint,
    status(verb, message, style = "status") {
      if (human && options.verbosity >= 0) line(`${paint(style, verb.padStart(12))} ${plainText(message)}`);
    },
    warn(message) {
      if (human) line(`${paint("warning", "warning")}${paint("bold", ":")} ${plainText(message)}`);
      else json({ reason: "warning", message });
    },
    json,
    progress(verb, done, of) {
      const now = performance.now();
      if (!bar || now - lastDraw < 50) return;
      lastDraw = now;
      drawn = true;
      stderr.write(
        `\r${progressLine(paint("note", verb.padStart(12)), { done, of, columns: stderr.columns || 80 })}\u001b[K`,
      );
    },
    clearProgress: clear,
    print: (text) => void stdout.write(text),
    note(text) {
      if (human) line(text);
    },
  };
}

function progressLine(verb: string, { done, of, columns }: { done: number; of: number; columns: number }): string {
  const counts = `${done}/${of}`;
  const width = Math.min(50, columns - 12 - 4 - counts.length - 1);
  if (width < 8) return `${verb} ${counts}`;
  const filled = of === 0 ? width : Math.floor((done / of) * width);
  const head = filled < width && filled > 0 ? ">" : "";
  return `${verb} [${"=".repeat(Math.max(0, filled - head.length))}${head}${" ".repeat(width - filled)}] ${counts}`;
}

function useColor(choice: ColorChoice, { stderr, env }: Terminal): boolean {
  if (choice !== "auto") return choice === "always";
  if (env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "") return false;
  const cargo = env["CARGO_TERM_COLOR"];
  if (cargo === "always" || cargo === "never") return cargo === "always";
  return stderr.isTTY === true && env["TERM"] !== "dumb";
}
