import type { Candidate, Dependency } from "./candidate.ts";
import type { Step } from "./expansion.ts";

/** The dependencies of one package that are still to be settled; there is at least one. Never changes. */
export interface Frame {
  readonly parent: Candidate;
  readonly steps: readonly Step[];
  /** The next one of `steps`. */
  readonly at: number;
  /** Of how many candidates the next one can be chosen. */
  readonly choices: number;
  /** When the package came; frames that are otherwise equal are taken in this order. */
  readonly time: number;
  /** It is known that one of these dependencies can not be settled; they are followed to see which. */
  readonly isHopeless: boolean;
}

/** What is still to be settled, as it was at some point. Never changes. */
export type QueuedFrames = readonly Frame[];

/** Frames in the order in which they are worked on: a binary heap that can be taken back to what it was. */
export class FrameQueue {
  #frames: Frame[] = [];
  /** The frames are also somebody's {@link QueuedFrames}, so they must be copied before they change. */
  #isShared = false;

  /** What is queued now. */
  snapshot(): QueuedFrames {
    this.#isShared = true;
    return this.#frames;
  }

  restore(frames: QueuedFrames): void {
    this.#frames = [...frames];
    this.#isShared = false;
  }

  /** Queues the dependencies of a package, if it has any. */
  push(frame: Omit<Frame, "at" | "choices">): void {
    const first = frame.steps[0];
    if (first === undefined) return;
    this.#own();
    const { parent, steps, time, isHopeless } = frame;
    const queued = { parent, steps, at: 0, choices: first.candidates.length, time, isHopeless };
    this.#frames.push(queued);
    this.#rise(this.#frames.length - 1, queued);
  }

  /** Takes the next dependency out of its frame, which goes back into the queue with the rest. */
  next(): { readonly frame: Frame; readonly step: Step } | undefined {
    const frame = this.#frames[0];
    const step = frame?.steps[frame.at];
    if (frame === undefined || step === undefined) return undefined;
    this.#own();
    const following = frame.steps[frame.at + 1];
    if (following === undefined) {
      const last = this.#frames.pop();
      if (last !== undefined && last !== frame) this.#sink(last);
    } else {
      const { parent, steps, time, isHopeless } = frame;
      this.#sink({ parent, steps, at: frame.at + 1, choices: following.candidates.length, time, isHopeless });
    }
    return { frame, step };
  }

  #own(): void {
    if (!this.#isShared) return;
    this.#frames = [...this.#frames];
    this.#isShared = false;
  }

  #rise(from: number, frame: Frame): void {
    const frames = this.#frames;
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const other = frames[above];
      if (other === undefined || !isBefore(frame, other)) break;
      frames[at] = other;
      at = above;
    }
    frames[at] = frame;
  }

  /** Puts `frame` where the first one was. */
  #sink(frame: Frame): void {
    const frames = this.#frames;
    let at = 0;
    for (;;) {
      const left = frames[2 * at + 1];
      if (left === undefined) break;
      const right = frames[2 * at + 2];
      const isRight = right !== undefined && isBefore(right, left);
      const least = isRight ? right : left;
      if (!isBefore(least, frame)) break;
      frames[at] = least;
      at = 2 * at + (isRight ? 2 : 1);
    }
    frames[at] = frame;
  }
}

/** Every dependency still to be settled, in order, with its package. */
export function* remainingSteps(queued: QueuedFrames): Generator<{ parent: Candidate; dependency: Dependency }> {
  const frames = [...queued].sort((a, b) => (isBefore(a, b) ? -1 : 1));
  for (const { parent, steps, at } of frames) {
    for (let next = at; next < steps.length; next += 1) {
      const step = steps[next];
      if (step !== undefined) yield { parent, dependency: step.dependency };
    }
  }
}

/** Hopeless frames first, then those whose next dependency has the fewest candidates, then the oldest. */
function isBefore(a: Frame, b: Frame): boolean {
  if (a.isHopeless !== b.isHopeless) return a.isHopeless;
  return a.choices === b.choices ? a.time < b.time : a.choices < b.choices;
}
