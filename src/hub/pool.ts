import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { HubError } from "../errors/index.ts";
import { HubRoomError } from "./hub-room-error.ts";
import { type Job, type Reply, runJob } from "./jobs.ts";

/** Runs jobs on other threads, or on this one when there are few. */
export interface Pool {
  run(job: Job, transfer?: readonly ArrayBuffer[]): Promise<Reply>;
  close(): Promise<void>;
}

interface PoolThread {
  readonly worker: Worker;
  /** Why it takes no more jobs. */
  dead: Error | undefined;
  readonly waiting: Map<number, { resolve: (reply: Reply) => void; reject: (error: unknown) => void }>;
}

/** How many threads pay off for so many jobs: starting one costs about what unpacking ten small crates does. */
export function threadsFor(jobs: number, wanted: number | undefined): number {
  if (jobs < 8) return 0;
  return Math.min(wanted ?? availableParallelism(), Math.ceil(jobs / 8), 16);
}

export function openPool(threads: number): Pool {
  if (threads === 0) return openOwnThread();
  const pool = Array.from({ length: threads }, startThread);
  let nextId = 0;
  return {
    run(job, transfer = []) {
      const alive = pool.filter(({ dead }) => dead === undefined);
      const thread = (alive.length === 0 ? pool : alive).reduce((idle, other) =>
        other.waiting.size < idle.waiting.size ? other : idle,
      );
      if (thread.dead !== undefined) return Promise.reject(threadDied(thread.dead));
      nextId += 1;
      const id = nextId;
      return new Promise((resolve, reject) => {
        thread.waiting.set(id, { resolve, reject });
        thread.worker.postMessage({ id, job }, transfer);
      });
    },
    async close() {
      await Promise.all(pool.map(({ worker }) => worker.terminate()));
    },
  };
}

/** Runs jobs on this thread. Closing waits for those under way and lets none begin, so that whoever cleans up behind it is alone. */
function openOwnThread(): Pool {
  const running = new Set<Promise<Reply>>();
  let closed = false;
  return {
    run(job) {
      if (closed) return Promise.reject(threadDied(new Error("the command is ending")));
      const reply = runJob(job);
      running.add(reply);
      const settled = (): void => {
        running.delete(reply);
      };
      reply.then(settled, settled);
      return reply;
    },
    async close() {
      closed = true;
      await Promise.allSettled(running);
    },
  };
}

interface WorkerAnswer {
  readonly id: number;
  readonly reply?: Reply;
  readonly error?: { code: string; what: string; where: string | undefined; help: string; stack: string | undefined };
}

function startThread(): PoolThread {
  // A smaller nursery costs no time here and saves 50 MB: what threads allocate are buffers, which lie outside of it.
  const worker = new Worker(workerEntry(), { resourceLimits: { maxYoungGenerationSizeMb: 4 } });
  const thread: PoolThread = { worker, dead: undefined, waiting: new Map() };
  worker.on("message", ({ id, reply, error }: WorkerAnswer) => {
    const waiting = thread.waiting.get(id);
    thread.waiting.delete(id);
    if (reply !== undefined) waiting?.resolve(reply);
    else if (error !== undefined) waiting?.reject(revive(error));
  });
  worker.on("error", (error) => failAll(thread, error));
  worker.on("exit", (code) => failAll(thread, new Error(`the thread ended with code ${code}`)));
  return thread;
}

/** This module ends up in a chunk below the bundled worker; when running from sources, the worker is in dist. */
function workerEntry(): URL {
  return new URL(import.meta.url.endsWith(".ts") ? "../../dist/worker.js" : "../worker.js", import.meta.url);
}

function failAll(thread: PoolThread, cause: Error): void {
  thread.dead ??= cause;
  for (const { reject } of thread.waiting.values()) reject(threadDied(cause));
  thread.waiting.clear();
}

function threadDied(cause: Error): HubRoomError {
  return new HubRoomError({
    code: "hub/worker-failed",
    what: `a worker thread died: ${cause.message}`,
    help: "run the command again; with `-j 1` if memory is short",
    cause,
  });
}

function revive(error: NonNullable<WorkerAnswer["error"]>): Error {
  if (error.code === "")
    return Object.assign(new Error(error.what), error.stack === undefined ? {} : { stack: error.stack });
  return new HubError({
    code: error.code,
    what: error.what,
    help: error.help,
    ...(error.where === undefined ? {} : { where: error.where }),
  });
}
