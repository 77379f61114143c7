import {
  type CredentialAnswer,
  type CredentialProvider,
  formatCredentialQuestion,
  helloProblem,
  type RegistryCredentials,
  readCredentialAnswer,
  tokenFromStdout,
} from "../../cargo/index.ts";
import { type ProgramCall, type ProgramEnd, type Reply, runProgram } from "./provider-program.ts";

/** What a provider is asked for. */
export interface ProviderQuestion {
  readonly credentials: RegistryCredentials;
  /** The headers of the answer that asked for a token. */
  readonly headers: readonly string[];
  /** How a program is run. */
  readonly run: Pick<ProgramCall, "env" | "times" | "signal" | "onWait" | "onWords">;
}

/** A provider's answer, with the last of what it said on standard error. */
export interface ProviderReply {
  readonly answer: CredentialAnswer | { readonly kind: "stopped" };
  readonly words: string;
}

/** A provider that is a program of its own. */
export type ProviderProgram = Extract<CredentialProvider, { kind: "plugin" | "token-from-stdout" }>;

/** Runs a provider as cargo does, and reads its answer. */
export async function askProvider(provider: ProviderProgram, question: ProviderQuestion): Promise<ProviderReply> {
  return provider.kind === "plugin" ? askPlugin(provider, question) : askForOutput(provider.command, question);
}

async function askPlugin(
  { program, args }: Extract<ProviderProgram, { kind: "plugin" }>,
  { credentials, headers, run }: ProviderQuestion,
): Promise<ProviderReply> {
  const { index, name } = credentials;
  let answer: CredentialAnswer | undefined;
  let hasGreeted = false;
  const reply = (line: string): Reply => {
    if (hasGreeted) {
      answer = readCredentialAnswer(line);
      return { kind: "thanks" };
    }
    hasGreeted = true;
    const problem = helloProblem(line);
    if (problem === undefined) return { kind: "say", line: formatCredentialQuestion({ index, name, headers, args }) };
    answer = { kind: "failed", reasons: [problem] };
    return { kind: "stop" };
  };
  const end = await runProgram({ ...run, command: [program, "--cargo-plugin"], reply });
  const { words } = end;
  if (end.kind === "stopped" && answer !== undefined) return { answer, words };
  const failure = failureOf(end);
  if (failure !== undefined) return { answer: failure, words };
  if (answer !== undefined) return { answer, words };
  return { answer: { kind: "failed", reasons: ["it ended without an answer"] }, words };
}

async function askForOutput(
  [program, ...args]: readonly string[],
  { credentials: { index, name }, run }: ProviderQuestion,
): Promise<ProviderReply> {
  if (program === undefined) {
    const reason = "no program is named behind `cargo:token-from-stdout` that would print the token";
    return { answer: { kind: "failed", reasons: [reason] }, words: "" };
  }
  const filled = args.map((arg) => arg.replaceAll("{index_url}", () => index));
  const env = {
    ...run.env,
    CARGO_REGISTRY_INDEX_URL: index,
    ...(name === undefined ? {} : { CARGO_REGISTRY_NAME_OPT: name }),
  };
  const end = await runProgram({ ...run, env, command: [program, ...filled] });
  return { answer: failureOf(end) ?? outputAnswer(end), words: end.words };
}

function outputAnswer(end: ProgramEnd): ProviderReply["answer"] {
  const text = end.kind === "ended" ? decoded(end.output) : undefined;
  const token = text === undefined ? undefined : tokenFromStdout(text);
  if (token !== undefined) return { kind: "token", token, life: { kind: "session" } };
  const reason =
    text === undefined ? "its output is not UTF-8" : "it printed more than one line, and a token is one line";
  return { kind: "failed", reasons: [reason] };
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Undefined for a program that ended well. */
function failureOf(end: ProgramEnd): ProviderReply["answer"] | undefined {
  switch (end.kind) {
    case "ended": {
      if (end.code === 0) return undefined;
      const how = end.code === null ? `was ended by ${end.signal ?? "a signal"}` : `ended with exit code ${end.code}`;
      return { kind: "failed", reasons: [`it ${how}`] };
    }
    case "not-started":
      return { kind: "failed", reasons: [end.reason] };
    case "too-much":
      return { kind: "failed", reasons: ["it printed more than a token can need"] };
    case "too-long":
      return { kind: "failed", reasons: ["it did not answer in time and was stopped"] };
    case "stopped":
      return { kind: "stopped" };
  }
}
