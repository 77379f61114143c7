/** The exit codes of every command. */
export const exitCodes = {
  done: 0,
  /** The check found problems. */
  problems: 1,
  usage: 2,
  /** It could not be done: cargo's own code. */
  failed: 101,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
