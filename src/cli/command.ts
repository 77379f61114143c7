import type { ExitCode } from "./exit-codes.ts";
import type { Shell, Terminal } from "./shell.ts";

/** What every command gets. */
export interface CommandIo {
  readonly shell: Shell;
  readonly terminal: Terminal;
  readonly cwd: string;
  readonly home: string;
}

/** Flags as parsed: one value each, or a list for the rest. */
export type FlagValues = Readonly<Record<string, string | boolean | number | readonly string[] | undefined>>;

/** One flag; the same table makes help, completions and man pages. */
export interface Flag {
  /** As commander reads it: `-j, --jobs <N>`. */
  readonly flags: string;
  readonly description: string;
  readonly choices?: readonly string[];
  readonly default?: string;
  /** It may be given several times. */
  readonly repeated?: true;
  /** The command can not do without it. */
  readonly required?: true;
  /** Names of flags that can not stand beside it, as in {@link FlagValues}. */
  readonly conflicts?: readonly string[];
}

/** A command as data; its code is loaded when it runs. */
export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly Flag[];
  /** The rest of the line, as commander reads it: `[command...]`, `<dir>`. */
  readonly rest?: string;
  /** What is wrong with flags that are right one by one. */
  readonly conflict?: (flags: FlagValues) => string | undefined;
  readonly examples: readonly string[];
  readonly load: () => Promise<{ readonly run: RunCommand }>;
}

/** Commands under one word: `store gc`. */
export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly CommandSpec[];
}

export interface Invocation {
  readonly flags: FlagValues;
  readonly rest: readonly string[];
}

export type RunCommand = (invocation: Invocation, io: CommandIo) => Promise<ExitCode>;
