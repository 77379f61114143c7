import type { Mark } from "./activations.ts";
import type { Candidate } from "./candidate.ts";
import type { Step } from "./expansion.ts";
import type { ConflictReason } from "./failure.ts";
import type { QueuedFrames } from "./frame-queue.ts";
import { type Choice, type Remaining, remainingOf } from "./remaining.ts";

/** The dependency that is being settled. */
export interface Task {
  parent: Candidate;
  step: Step;
  remaining: Remaining;
  /** What keeps candidates from being taken. */
  conflicts: Map<Candidate, ConflictReason>;
  /** The search came back to it: `conflicts` may lack reasons. */
  isResumed: boolean;
  /** It is known to fail, and followed only to see at which dependency. */
  readonly isHopeless: boolean;
  /** The candidate being tried. */
  choice: Choice | undefined;
  /** The state before the last candidate was tried; a failure is explained by it. */
  beforeTrial: Mark | undefined;
}

/** A state to come back to: one candidate was taken, and there was another. */
export interface ReturnPoint {
  readonly mark: Mark;
  readonly queue: QueuedFrames;
  readonly parent: Candidate;
  readonly step: Step;
  readonly remaining: Remaining;
  readonly conflicts: Map<Candidate, ConflictReason>;
}

export function taskFor(parent: Candidate, step: Step, isHopeless: boolean): Task {
  return {
    parent,
    step,
    remaining: remainingOf(step.candidates),
    conflicts: new Map(),
    isResumed: false,
    isHopeless,
    choice: undefined,
    beforeTrial: undefined,
  };
}

export function returnPoint(task: Task, mark: Mark, queue: QueuedFrames): ReturnPoint {
  const { parent, step, remaining, conflicts } = task;
  return { mark, queue, parent, step, remaining: { ...remaining }, conflicts: new Map(conflicts) };
}

/** Makes `task` the one that `point` was made from; whether it is hopeless stays as it is. */
export function resume(task: Task, point: ReturnPoint): void {
  task.parent = point.parent;
  task.step = point.step;
  task.remaining = point.remaining;
  task.conflicts = point.conflicts;
  task.isResumed = true;
  task.beforeTrial = undefined;
}
