import type { BodyBuffer } from "./body-buffer.ts";
import type { Budget, Share } from "./budget.ts";
import type { ExchangeControl, ExchangeSink } from "./exchange.ts";
import { connectionFailure, stallFailure } from "./failure.ts";
import type { ResponseHead } from "./http1-reader.ts";
import { type AttemptFailure, RegistryError, shownUrl } from "./registry-error.ts";
import type { StallWatch, Watched } from "./stall-watch.ts";

/** What all requests of a client share. */
export interface ReceivingContext {
  readonly watch: StallWatch;
  /** Bytes of bodies in memory at once. */
  readonly budget: Budget;
  /** One place for a body that turned out larger than what was set aside for it. */
  readonly oversize: Budget;
}

/** What one request wants of its answer. */
export interface Wanted {
  readonly url: URL;
  readonly limitBytes: number;
  /** Where the body goes; cleared or kept by `accepts`. */
  readonly body: BodyBuffer;
  /** Whether `head` begins the wanted body. A failure ends the attempt. Other answers are read for their first words only. */
  accepts(head: ResponseHead): boolean | AttemptFailure;
  onBytes?(count: number): void;
}

/** How one request ended. */
export type Received =
  /** The body is complete. */
  | { readonly kind: "body"; readonly head: ResponseHead }
  /** Another answer, with the beginning of its body. */
  | { readonly kind: "other"; readonly head: ResponseHead; readonly start: Uint8Array }
  | { readonly kind: "failed"; readonly failure: AttemptFailure };

/** What is set aside for a body whose length is not known. */
const UNKNOWN_LENGTH_BYTES = 1 << 20;
/** Of an answer that is not wanted: how much is kept, and how much is read so that the connection can be kept. */
const START_BYTES = 1000;
const DRAIN_BYTES = 64 * 1024;

/** Receives one response, within the limits on size, memory and time. */
export class ResponseReceiver implements ExchangeSink, Watched {
  receivedBytes = 0;
  isHeld = false;
  readonly #wanted: Wanted;
  readonly #context: ReceivingContext;
  readonly #resolve: (received: Received) => void;
  #control: ExchangeControl | undefined;
  #head: ResponseHead | undefined;
  #isBody = false;
  #promised: number | undefined;
  #start: Uint8Array[] = [];
  #share: Share | undefined;
  #largeShare: Share | undefined;
  #isWaitingForLarge = false;
  #isDone = false;

  constructor(wanted: Wanted, context: ReceivingContext, resolve: (received: Received) => void) {
    this.#wanted = wanted;
    this.#context = context;
    this.#resolve = resolve;
  }

  started(control: ExchangeControl): void {
    this.#control = control;
    if (this.#isDone) control.abort();
    else this.#context.watch.add(this);
  }

  head(head: ResponseHead): void {
    this.#head = head;
    // An answer that begins is progress.
    this.#context.watch.add(this);
    const accepted = this.#wanted.accepts(head);
    if (typeof accepted === "object") {
      this.#giveUp(accepted);
      return;
    }
    this.#isBody = accepted;
    if (!accepted) return;
    const { body, limitBytes } = this.#wanted;
    const { "content-length": length, "transfer-encoding": coding } = head.headers;
    this.#promised = length === undefined || coding !== undefined ? undefined : Number(length);
    const needed = this.#promised ?? UNKNOWN_LENGTH_BYTES;
    if (body.length + (this.#promised ?? 0) > limitBytes) {
      this.#giveUp(this.#tooLarge(body.length + needed));
      return;
    }
    this.#share = this.#context.budget.take(needed, (share) => {
      if (this.#isDone) share.giveBack();
      else {
        this.#share = share;
        this.#makeRoom();
        this.#release();
      }
    });
    if (this.#share === undefined) this.#hold();
    else this.#makeRoom();
  }

  data(chunk: Uint8Array): void {
    this.receivedBytes += chunk.length;
    if (!this.#isBody) {
      this.#keepStart(chunk);
      return;
    }
    const { body, limitBytes } = this.#wanted;
    if (body.length + chunk.length > limitBytes) {
      this.#giveUp(this.#tooLarge(body.length + chunk.length));
      return;
    }
    body.append(chunk);
    this.#wanted.onBytes?.(chunk.length);
    if (this.#promised === undefined && this.receivedBytes > UNKNOWN_LENGTH_BYTES) this.#takeLargePlace();
  }

  end(): void {
    const head = this.#head;
    if (head === undefined || this.#isDone) return;
    if (this.#isBody) this.#finish({ kind: "body", head });
    else this.#finish({ kind: "other", head, start: Buffer.concat(this.#start) });
  }

  failed(cause: unknown): void {
    const progress = {
      url: this.#wanted.url,
      receivedBytes: this.#isBody ? this.receivedBytes : 0,
      promisedBytes: this.#promised,
    };
    this.#finish({ kind: "failed", failure: connectionFailure(cause, progress) });
  }

  stalled(bytesInWindow: number, windowMs: number): void {
    this.#giveUp(stallFailure(this.#wanted.url, bytesInWindow, windowMs));
  }

  #makeRoom(): void {
    const { body } = this.#wanted;
    if (this.#promised !== undefined) body.reserve(body.length + this.#promised);
  }

  #keepStart(chunk: Uint8Array): void {
    if (this.receivedBytes - chunk.length < START_BYTES)
      this.#start.push(Uint8Array.from(chunk.subarray(0, START_BYTES)));
    if (this.receivedBytes <= DRAIN_BYTES) return;
    this.#control?.abort();
    this.end();
  }

  #takeLargePlace(): void {
    if (this.#largeShare !== undefined || this.#isWaitingForLarge) return;
    this.#largeShare = this.#context.oversize.take(1, (share) => {
      this.#isWaitingForLarge = false;
      if (this.#isDone) share.giveBack();
      else {
        this.#largeShare = share;
        this.#release();
      }
    });
    if (this.#largeShare !== undefined) return;
    this.#isWaitingForLarge = true;
    this.#hold();
  }

  #hold(): void {
    this.isHeld = true;
    this.#control?.hold();
  }

  #release(): void {
    if (!this.isHeld) return;
    this.isHeld = false;
    this.#control?.release();
  }

  #giveUp(failure: AttemptFailure): void {
    if (this.#isDone) return;
    this.#control?.abort();
    this.#finish({ kind: "failed", failure });
  }

  #finish(received: Received): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#context.watch.remove(this);
    this.#share?.giveBack();
    this.#largeShare?.giveBack();
    this.#resolve(received);
  }

  #tooLarge(bytes: number): AttemptFailure {
    const { url, limitBytes } = this.#wanted;
    return {
      error: new RegistryError({
        code: "registry/too-large",
        what: `the answer has ${bytes} bytes or more, but at most ${limitBytes} are accepted here`,
        where: shownUrl(url),
        help: "check the address; no package of a registry is that large",
      }),
      next: "give-up",
    };
  }
}
