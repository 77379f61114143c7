import { parentPort } from "node:worker_threads";
import { HubError } from "../errors/index.ts";
import { runJob, type WorkerRequest } from "./jobs.ts";

/** Answers one job after the other; errors travel as plain parts because classes do not survive the crossing. */
parentPort?.on("message", (request: WorkerRequest) => {
  runJob(request.job).then(
    (reply) => parentPort?.postMessage({ id: request.id, reply }),
    (error: unknown) => parentPort?.postMessage({ id: request.id, error: errorParts(error) }),
  );
});

function errorParts(error: unknown): {
  code: string;
  what: string;
  where: string | undefined;
  help: string;
  stack: string | undefined;
} {
  if (error instanceof HubError)
    return { code: error.code, what: error.what, where: error.where, help: error.help, stack: undefined };
  const stack = error instanceof Error ? error.stack : String(error);
  return { code: "", what: error instanceof Error ? error.message : String(error), where: undefined, help: "", stack };
}
