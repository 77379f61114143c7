import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { GitError } from "./git-error.ts";
import { endProcess, type GitCall, type GitSettings, gitCommand, programMissing } from "./git-program.ts";

/** What `git cat-file --batch` says about an object before its content. */
export interface ObjectHead {
  readonly id: string;
  readonly type: string;
  readonly sizeBytes: number;
}

/** Reads objects of a repository one after another, in pieces. */
export interface ObjectStream {
  /** Asks for objects that will be read next, in this order. */
  ask(ids: readonly string[]): void;
  /** The head of the next object that was asked for; undefined when the repository does not have it. */
  next(): Promise<ObjectHead | undefined>;
  /** The content of the object whose head was just read, in pieces; all of it must be taken. */
  pieces(head: ObjectHead): AsyncGenerator<Buffer, void>;
  close(): void;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Starts reading objects. `GitCall.args` are added; close the stream in any case. */
export function openObjectStream(settings: GitSettings, call: Omit<GitCall, "args">): ObjectStream {
  const { program, args, env } = gitCommand(settings, { ...call, args: ["cat-file", "--batch"] });
  const child: Child = spawn(program, args, {
    cwd: call.repository,
    env,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let failure: GitError | undefined;
  let stderr = "";
  child.once("error", (error) => {
    failure = programMissing(settings, { call, error });
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-2000);
  });
  child.stdin.on("error", () => undefined); // its end is noticed by what is read
  const reader = new PieceReader(child.stdout, () => failure ?? ended(stderr));
  return {
    ask(ids) {
      child.stdin.write(ids.map((id) => `${id}\n`).join(""));
    },
    async next() {
      const line = await reader.line();
      if (line.endsWith(" missing")) return undefined;
      const match = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(line);
      if (match === null) throw ended(line);
      return { id: match[1] ?? "", type: match[2] ?? "", sizeBytes: Number(match[3]) };
    },
    async *pieces({ sizeBytes }) {
      for (let left = sizeBytes; left > 0; ) {
        const piece = await reader.piece(left);
        left -= piece.length;
        yield piece;
      }
      await reader.line();
    },
    close: () => endProcess(child.pid, false),
  };
}

/** The longest line of a head is far shorter. */
const LINE_BYTES = 4096;

/** Takes lines and counted bytes from a stream. */
class PieceReader {
  readonly #pieces: AsyncIterator<Buffer>;
  readonly #ended: () => GitError;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: Readable, ended: () => GitError) {
    this.#pieces = stream[Symbol.asyncIterator]();
    this.#ended = ended;
  }

  async line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf(0x0a);
      if (end !== -1) {
        const line = this.#rest.toString("latin1", 0, end);
        this.#rest = this.#rest.subarray(end + 1);
        return line;
      }
      if (this.#rest.length > LINE_BYTES) throw this.#ended();
      this.#rest = Buffer.concat([this.#rest, await this.#more()]);
    }
  }

  /** At least one byte, at most `limit`. */
  async piece(limit: number): Promise<Buffer> {
    if (this.#rest.length === 0) this.#rest = await this.#more();
    const piece = this.#rest.subarray(0, limit);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }

  async #more(): Promise<Buffer> {
    const step = await this.#pieces.next();
    if (step.done === true) throw this.#ended();
    return step.value;
  }
}

function ended(said: string): GitError {
  return new GitError({
    code: "git/failed",
    what: `git cat-file ended before it had answered: ${said.trim() === "" ? "it said nothing" : said.trim()}`,
    help: "run the command again; if it stays the same, run `git fsck` in the repository",
  });
}
