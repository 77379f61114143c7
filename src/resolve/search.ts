import { Activations, type Conflicts } from "./activations.ts";
import { activeSince, type Candidate } from "./candidate.ts";
import { ConflictCache } from "./conflict-cache.ts";
import type { Expansion, Step } from "./expansion.ts";
import { Stop } from "./failure.ts";
import { EVERYTHING } from "./feature-requests.ts";
import { FrameQueue, remainingSteps } from "./frame-queue.ts";
import { generalized } from "./generalize.ts";
import type { Need } from "./need.ts";
import type { Effort } from "./outcome.ts";
import { packageName } from "./package-name.ts";
import type { Queries } from "./queries.ts";
import { type Choice, nextChoice } from "./remaining.ts";
import { type ReturnPoint, resume, returnPoint, type Task, taskFor } from "./task.ts";

/** None of the candidates of a dependency can be taken, and no earlier choice helps. */
export interface Failed {
  readonly kind: "failed";
  readonly parent: Candidate;
  readonly step: Step;
  readonly conflicts: Conflicts;
}

/** How far the search came. */
export type Progress =
  | { readonly kind: "done" }
  | { readonly kind: "lacking"; readonly needs: readonly Need[] }
  | Failed;

/** What a candidate brings with it. `target` is the package whose dependencies count: another one for `[replace]`. */
interface Trial extends Choice {
  readonly target: Candidate;
  readonly expansion: Expansion | undefined;
}

/**
 * Cargo's search for a set of packages: always the dependency with the fewest candidates next, the best candidate first, and
 * back to the last choice that matters when nothing is left.
 *
 * It never waits: when it lacks knowledge it stops, and goes on from there when it is called again.
 */
export class Search {
  readonly activations: Activations;
  readonly #queries: Queries;
  readonly #cache = new ConflictCache();
  readonly #members: readonly Candidate[];
  readonly #mostSteps: number;
  #membersTaken = 0;
  readonly #queue = new FrameQueue();
  #time = 0;
  readonly #effort = { steps: 0, returns: 0, conflictsStored: 0, candidatesPruned: 0 };
  #returnPoints: ReturnPoint[] = [];
  #task: Task | undefined;
  readonly #lacking: Need[] = [];

  /** @param mostSteps How many candidates are tried before the search gives up. */
  constructor(queries: Queries, members: readonly Candidate[], mostSteps: number) {
    this.#queries = queries;
    this.#members = members;
    this.#mostSteps = mostSteps;
    this.activations = new Activations(queries.packages);
  }

  /** What the search took until now. */
  get effort(): Effort {
    return { ...this.#effort, conflictsStored: this.#cache.size };
  }

  /**
   * Goes on until all is settled, nothing helps, or something has to be known first.
   *
   * @throws {Stop}
   */
  advance(): Progress {
    for (;;) {
      const member = this.#members[this.#membersTaken];
      if (member === undefined) break;
      const needs = this.#takeMember(member);
      if (needs.length > 0) return { kind: "lacking", needs };
      this.#membersTaken += 1;
    }
    for (;;) {
      this.#task ??= this.#nextTask();
      if (this.#task === undefined) return { kind: "done" };
      const progress = this.#settle(this.#task);
      if (progress !== undefined) return progress;
      this.#task = undefined;
    }
  }

  #takeMember(member: Candidate): readonly Need[] {
    const lacking: Need[] = [];
    const expansion = this.#queries.expansion(member, EVERYTHING, lacking);
    if (expansion === undefined) return lacking;
    this.activations.age += 1;
    this.activations.occupy(member, EVERYTHING);
    const { features, steps } = stepsOf(member, expansion);
    this.activations.activate(member, features);
    this.#push(member, steps, false);
    return lacking;
  }

  #nextTask(): Task | undefined {
    const next = this.#queue.next();
    if (next === undefined) return undefined;
    const { frame, step } = next;
    const isHopeless = frame.isHopeless && this.#cache.find(step.dependency, { since: activeSince }) !== undefined;
    return taskFor(frame.parent, step, isHopeless);
  }

  /** Tries candidates until one is in the graph: then the dependency is settled, and the result is `undefined`. */
  #settle(task: Task): Progress | undefined {
    for (;;) {
      task.choice ??= this.#choose(task);
      if (task.choice === undefined) {
        const { parent, step, conflicts } = task;
        if (task.beforeTrial !== undefined) this.activations.goBack(task.beforeTrial);
        return { kind: "failed", parent, step, conflicts };
      }
      const trial = this.#trial(task.choice, task.step, this.#lacking);
      if (trial === undefined) return { kind: "lacking", needs: this.#lacking.splice(0) };
      this.#effort.steps += 1;
      if (this.#effort.steps > this.#mostSteps) throw new Stop({ kind: "too-much-work", steps: this.#mostSteps });
      const before = this.activations.mark();
      const point = trial.hasAnother ? returnPoint(task, before, this.#queue.snapshot()) : undefined;
      task.beforeTrial = before;
      task.choice = undefined;
      if (this.#take(task, trial)) {
        if (point !== undefined) this.#returnPoints.push(point);
        return undefined;
      }
      // Without another candidate the state stays as it is: it is needed only to see how far to go back.
      if (point !== undefined) this.activations.goBack(point.mark);
    }
  }

  /** The next candidate to try, if need be of an earlier dependency. */
  #choose(task: Task): Choice | undefined {
    for (;;) {
      let choice = nextChoice(task.remaining, this.activations, task.conflicts);
      if (choice === undefined) {
        const point = this.#pointToReturnTo(task);
        if (point === undefined) return undefined;
        this.#effort.returns += 1;
        this.activations.goBack(point.mark);
        this.#queue.restore(point.queue);
        resume(task, point);
        choice = nextChoice(task.remaining, this.activations, task.conflicts);
      }
      const passOver = task.isHopeless && !task.isResumed && choice?.hasAnother === true;
      if (!passOver) return choice;
    }
  }

  #pointToReturnTo(task: Task): ReturnPoint | undefined {
    const { parent, step, isResumed } = task;
    if (isResumed) return this.#returnPoints.pop();
    let conflicts: Conflicts = task.conflicts;
    if (!task.isHopeless) {
      const unsettled = { parent, dependency: step.dependency, conflicts };
      const standing = { activations: this.activations, queries: this.#queries, cache: this.#cache };
      this.#cache.insert(step.dependency, conflicts);
      conflicts = generalized(unsettled, standing) ?? conflicts;
    }
    const age = this.activations.newestAge(parent, conflicts);
    for (let point = this.#returnPoints.pop(); point !== undefined; point = this.#returnPoints.pop()) {
      if (age === undefined || point.mark.age < age) return point;
    }
    return undefined;
  }

  /** Whether {@link #pointToReturnTo} would find a point. */
  #canReturn({ parent, isResumed, conflicts }: Task): boolean {
    const age = isResumed ? undefined : this.activations.newestAge(parent, conflicts);
    return this.#returnPoints.some(({ mark }) => age === undefined || mark.age < age);
  }

  #trial(choice: Choice, { request }: Step, lacking: Need[]): Trial | undefined {
    const replacement = this.#queries.replacementOf(choice.candidate);
    const target = replacement ?? choice.candidate;
    if (replacement === undefined && this.activations.isActive(target, request)) {
      return { ...choice, target, expansion: undefined };
    }
    const expansion = this.#queries.expansion(target, request, lacking);
    return expansion === undefined ? undefined : { ...choice, target, expansion };
  }

  /** Brings a candidate into the graph; false when that does not work, with the reasons in `task.conflicts`. */
  #take(task: Task, { candidate, hasAnother, target, expansion }: Trial): boolean {
    const { parent, step, conflicts } = task;
    const { activations } = this;
    activations.age += 1;
    activations.link(candidate, { parent, dependency: step.dependency });
    const occupied = activations.occupy(candidate, step.request, step.dependency);
    if (occupied.kind === "conflict") {
      conflicts.set(occupied.with, occupied.reason);
      return false;
    }
    let isSettled = occupied.kind === "nothing-to-do";
    if (target !== candidate) {
      isSettled = activations.occupy(target, step.request).kind === "nothing-to-do" && isSettled;
    }
    if (isSettled || expansion === undefined) return true;
    if (expansion.kind === "missing-feature") {
      conflicts.set(parent, expansion);
      return false;
    }
    const { features, steps } = stepsOf(target, expansion);
    activations.activate(target, features);
    const isHopeless = task.isHopeless || this.#isKnownToFail(task, candidate, steps);
    if (isHopeless) {
      this.#effort.candidatesPruned += 1;
      const isLastHope = !hasAnother && (task.isHopeless || !this.#canReturn(task));
      if (!isLastHope) return false;
      this.#returnPoints = [];
    }
    this.#push(target, steps, isHopeless);
    return true;
  }

  /** Whether it is stored that a new dependency, or one that waits, can not be settled now. Adds the reasons to `task.conflicts`. */
  #isKnownToFail({ conflicts }: Task, candidate: Candidate, steps: readonly Step[]): boolean {
    if (this.#cache.size === 0) return false;
    const add = (known: Conflicts): void => {
      for (const [other, reason] of known) if (other !== candidate) conflicts.set(other, reason);
    };
    for (const { dependency } of steps) {
      const known = this.#cache.find(dependency, { since: activeSince });
      if (known === undefined) continue;
      add(known);
      return true;
    }
    if (!this.#cache.isMentioned(candidate)) return false;
    for (const { parent, dependency } of remainingSteps(this.#queue.snapshot())) {
      if (!this.#cache.mentions(candidate, dependency)) continue;
      const known = this.#cache.find(dependency, { since: activeSince, containing: candidate });
      const reason = known?.get(candidate);
      if (known === undefined || reason === undefined) continue;
      add(known);
      conflicts.set(parent, reason);
      return true;
    }
    return false;
  }

  #push(parent: Candidate, steps: readonly Step[], isHopeless: boolean): void {
    this.#queue.push({ parent, steps, time: this.#time, isHopeless });
    this.#time += 1;
  }
}

/** The steps of an expansion that has no fault. Members are resolved with the features they have, so they lack none. */
function stepsOf(candidate: Candidate, expansion: Expansion): Extract<Expansion, { kind: "steps" }> {
  if (expansion.kind === "steps") return expansion;
  throw new Stop({ kind: "feature-cycle", package: packageName(candidate), feature: expansion.feature });
}
