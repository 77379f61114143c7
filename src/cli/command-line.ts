import { homedir } from "node:os";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { CommandGroup, CommandIo, CommandSpec, Flag, FlagValues } from "./command.ts";
import { commandTable, commonFlags } from "./command-table.ts";
import { parseDuration } from "./duration.ts";
import { exitCodes } from "./exit-codes.ts";
import { reportError } from "./report-error.ts";
import { type ColorChoice, type MessageFormat, openShell, type Shell, type Terminal } from "./shell.ts";
import { version } from "./version.ts";

interface Host extends Terminal {
  cwd(): string;
}

/** Parses a command line by the command table and runs the command. @returns the exit code. */
export async function runCommandLine(args: readonly string[], host: Host): Promise<number> {
  let exitCode: number = exitCodes.done;
  const program = new Command("cargo-hub")
    .description(
      "Makes a Rust project's .cargo directory a self-contained, verified hub: plain cargo works with no network",
    )
    .version(`cargo-hub ${version}`, "-V, --version", "Print the version")
    .helpOption("-h, --help", "Print help")
    .helpCommand("help [command]", "Print help for a command")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void host.stdout.write(text),
      writeErr: (text) => void host.stderr.write(text),
    })
    .showSuggestionAfterError(true);
  const make = (spec: CommandSpec): Command =>
    makeCommand(spec, async (flags, rest) => {
      exitCode = await runOne(spec, { flags, rest }, host);
    });
  for (const entry of commandTable) program.addCommand("commands" in entry ? makeGroup(entry, make) : make(entry));
  try {
    await program.parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    throw error;
  }
}

function makeGroup({ name, summary, commands }: CommandGroup, make: (spec: CommandSpec) => Command): Command {
  const group = new Command(name)
    .description(summary)
    .exitOverride()
    .helpOption("-h, --help", "Print help")
    .helpCommand("help [command]", "Print help for a command")
    .showSuggestionAfterError(true);
  for (const spec of commands) group.addCommand(make(spec));
  return group;
}

function makeCommand(
  spec: CommandSpec,
  action: (flags: FlagValues, rest: readonly string[]) => Promise<void>,
): Command {
  const command = new Command(spec.name)
    .description(spec.summary)
    .exitOverride()
    .helpOption("-h, --help", "Print help");
  for (const flag of [...spec.flags, ...commonFlags]) command.addOption(makeOption(flag));
  if (spec.rest !== undefined) command.argument(spec.rest);
  command.allowExcessArguments(false);
  command.addHelpText("after", `\nExamples:\n${spec.examples.map((example) => `  ${example}\n`).join("")}`);
  return command.action(async (...received: unknown[]) => {
    const rest: unknown = spec.rest === undefined ? [] : received[0];
    const flags = command.opts<FlagValues>();
    const conflict = spec.conflict?.(flags);
    if (conflict !== undefined) command.error(`error: ${conflict}`);
    await action(flags, (Array.isArray(rest) ? rest : [rest]).map(String));
  });
}

function makeOption(flag: Flag): Option {
  const option = new Option(flag.flags, flag.description);
  if (flag.choices !== undefined) option.choices(flag.choices);
  if (flag.required === true) option.makeOptionMandatory();
  if (flag.default !== undefined) option.default(flag.default);
  if (flag.conflicts !== undefined) option.conflicts([...flag.conflicts]);
  if (flag.flags.startsWith("-v, "))
    option.argParser((_value: string, before: number | undefined) => (before ?? 0) + 1);
  if (flag.repeated === true)
    option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
  if (flag.flags.includes("<N>")) option.argParser(parseCount);
  if (flag.flags.includes("<DURATION>")) option.argParser(parsePeriod);
  return option;
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError("It must be a number from 1 to 9999.");
  return Number(text);
}

function parsePeriod(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError("It must be a number and s, m, h, d or w, like 14d.");
  return ms;
}

async function runOne(
  spec: CommandSpec,
  invocation: { flags: FlagValues; rest: readonly string[] },
  host: Host,
): Promise<number> {
  const shell = shellFor(invocation.flags, host);
  const io: CommandIo = { shell, terminal: host, cwd: host.cwd(), home: homedir() };
  try {
    const { run } = await spec.load();
    return await run(invocation, io);
  } catch (error) {
    return reportError(error, shell);
  } finally {
    shell.clearProgress();
  }
}

function shellFor(flags: FlagValues, host: Host): Shell {
  return openShell(host, {
    color: colorChoice(flags["color"]),
    verbosity: flags["quiet"] === true ? -1 : Number(flags["verbose"] ?? 0),
    messageFormat: messageFormat(flags["messageFormat"]),
  });
}

function colorChoice(value: FlagValues[string]): ColorChoice {
  return value === "always" || value === "never" ? value : "auto";
}

function messageFormat(value: FlagValues[string]): MessageFormat {
  return value === "json" ? "json" : "human";
}
