import { Writable } from "node:stream";
import type { Terminal } from "../../src/cli/shell.ts";

/** A terminal of a test, with everything that was written to it. */
export interface FakeTerminal extends Terminal {
  out(): string;
  err(): string;
}

export interface FakeTerminalOptions {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Two streams that remember; by default a terminal 80 columns wide. */
export function fakeTerminal({ isTTY = true, columns = 80, env = {} }: FakeTerminalOptions = {}): FakeTerminal {
  const stdout = rememberingStream();
  const stderr = rememberingStream();
  return {
    stdout: Object.assign(stdout.stream, { isTTY }),
    stderr: Object.assign(stderr.stream, { isTTY, columns }),
    env,
    out: stdout.text,
    err: stderr.text,
  };
}

function rememberingStream(): { stream: Writable; text: () => string } {
  let written = "";
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      written += String(chunk);
      done();
    },
  });
  return { stream, text: () => written };
}

/** What a terminal shows in the end of text with carriage returns and «erase to the end of the line». */
export function onScreen(written: string): string[] {
  return written.split("\n").map((line) => {
    let shown = "";
    for (const part of line.split("\r")) {
      const [kept = "", ...rest] = part.split("\u001b[K");
      shown = kept + (part.includes("\u001b[K") ? rest.join("") : shown.slice(kept.length));
    }
    return shown;
  });
}
