import type { Candidate, Dependency } from "./candidate.ts";
import type { Step } from "./expansion.ts";

/** The dependencies of one package that are still to be settled. */
export interface Frame {
  readonly parent: Candidate;
  readonly steps: readonly Step[];
  /** The next one of `steps`. */
  readonly at: number;
  /** When the package came; frames that are otherwise equal are taken in this order. */
  readonly time: number;
  /** It is known that one of these dependencies can not be settled; they are followed to see which. */
  readonly isHopeless: boolean;
}

/**
 * Frames in the order in which they are worked on. A persistent leftist heap: a queue never changes, so a search that may
 * have to come back keeps the old one.
 */
export type FrameQueue = Heap | undefined;

interface Heap {
  readonly frame: Frame;
  readonly rank: number;
  readonly left: FrameQueue;
  readonly right: FrameQueue;
}

export function withFrame(queue: FrameQueue, frame: Frame): FrameQueue {
  return merged(queue, { frame, rank: 1, left: undefined, right: undefined });
}

/** The frame to work on next, and the queue without it. */
export function leastFrame({ frame, left, right }: Heap): { readonly frame: Frame; readonly rest: FrameQueue } {
  return { frame, rest: merged(left, right) };
}

/** Every dependency still to be settled, in order, with its package. */
export function* remainingSteps(queue: FrameQueue): Generator<{ parent: Candidate; dependency: Dependency }> {
  const frames: Frame[] = [];
  const pending = [queue];
  while (pending.length > 0) {
    const heap = pending.pop();
    if (heap === undefined) continue;
    frames.push(heap.frame);
    pending.push(heap.left, heap.right);
  }
  frames.sort((a, b) => (isBefore(a, b) ? -1 : 1));
  for (const { parent, steps, at } of frames) {
    for (let next = at; next < steps.length; next += 1) {
      const step = steps[next];
      if (step !== undefined) yield { parent, dependency: step.dependency };
    }
  }
}

/** How deep it goes is bounded by the logarithm of the number of frames. */
function merged(a: FrameQueue, b: FrameQueue): FrameQueue {
  if (a === undefined) return b;
  if (b === undefined) return a;
  const [first, second] = isBefore(b.frame, a.frame) ? [b, a] : [a, b];
  const right = merged(first.right, second);
  const left = first.left;
  const leftRank = left === undefined ? 0 : left.rank;
  const rightRank = right === undefined ? 0 : right.rank;
  return leftRank >= rightRank
    ? { frame: first.frame, rank: rightRank + 1, left, right }
    : { frame: first.frame, rank: leftRank + 1, left: right, right: left };
}

/** Hopeless frames first, then those whose next dependency has the fewest candidates, then the oldest. */
function isBefore(a: Frame, b: Frame): boolean {
  if (a.isHopeless !== b.isHopeless) return a.isHopeless;
  const difference = candidateCount(a) - candidateCount(b);
  return difference === 0 ? a.time < b.time : difference < 0;
}

function candidateCount({ steps, at }: Frame): number {
  return steps[at]?.candidates.length ?? 0;
}
