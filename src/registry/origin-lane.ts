import { ClientClosed, type ExchangeControl, type ExchangeSink, type Job, type WireRequest } from "./exchange.ts";
import { Http1Connection } from "./http1-connection.ts";
import { Http2Lane } from "./http2-lane.ts";
import { type Opening, type OpenSocket, openSocket, type SocketSettings } from "./open-socket.ts";

export interface LaneSettings extends SocketSettings {
  /** HTTP/1.1 connections at once. */
  readonly connections: number;
  /** HTTP/2 requests at once, on one connection. */
  readonly streams: number;
}

/** How often a request may come back unread without any other one being answered meanwhile. */
const MAX_IDLE_RETURNS = 3;

/**
 * All traffic to one origin: a queue in front of kept connections.
 *
 * Over https the first connection finds out by ALPN which protocol the server speaks, and the others wait for it.
 */
export class OriginLane {
  readonly #origin: URL;
  readonly #settings: LaneSettings;
  readonly #queue: (Job | undefined)[] = [];
  #queueStart = 0;
  readonly #idle: Http1Connection[] = [];
  readonly #connections = new Set<Http1Connection>();
  readonly #openings = new Set<Opening>();
  /** The session that takes requests; {@link OriginLane.#sessions} has those too that only finish theirs. */
  #session: Http2Lane | undefined;
  readonly #sessions = new Set<Http2Lane>();
  #protocol: "unknown" | "h2" | "http/1.1";
  /** Answers that began over HTTP/2. */
  #answers = 0;
  #isClosed = false;

  constructor(origin: URL, settings: LaneSettings) {
    this.#origin = origin;
    this.#settings = settings;
    this.#protocol = origin.protocol === "http:" || settings.protocols.length === 1 ? "http/1.1" : "unknown";
  }

  send(request: WireRequest, sink: ExchangeSink): void {
    this.#queue.push({ request, sink });
    this.#serve();
  }

  /** Tears every connection; requests that wait or are under way fail. */
  close(): void {
    this.#isClosed = true;
    for (let job = this.#take(); job !== undefined; job = this.#take()) job.sink.failed(new ClientClosed());
    for (const opening of this.#openings) opening.cancel();
    for (const connection of this.#connections) connection.close(new ClientClosed());
    for (const session of this.#sessions) session.destroy();
  }

  /** Gives the waiting requests to whatever has time, and opens connections for the rest. */
  #serve(): void {
    while (this.#queueStart < this.#queue.length) {
      const session = this.#session;
      if (session !== undefined) {
        if (!session.hasRoom) return;
        this.#give((job) => session.send(job));
        continue;
      }
      const idle = this.#idle.pop();
      if (idle !== undefined) this.#give((job) => idle.send(job));
      else if (this.#mayOpen()) this.#give((job) => this.#open(job));
      else return;
    }
  }

  #mayOpen(): boolean {
    const limit = this.#protocol === "http/1.1" ? this.#settings.connections : 1;
    return this.#connections.size + this.#openings.size < limit;
  }

  #give(to: (job: Job) => void): void {
    const job = this.#take();
    if (job !== undefined) to(job);
  }

  #take(): Job | undefined {
    const job = this.#queue[this.#queueStart];
    // A job holds its body: it must not stay here until the whole queue is done.
    this.#queue[this.#queueStart] = undefined;
    this.#queueStart += 1;
    if (this.#queueStart >= this.#queue.length) {
      this.#queue.length = 0;
      this.#queueStart = 0;
    }
    return job;
  }

  /** Opens a connection on behalf of `job`, which is the first to use it, or fails with it. */
  #open(job: Job): void {
    const opening = openSocket(this.#origin, this.#settings);
    this.#openings.add(opening);
    let isAborted = false;
    const control: ExchangeControl = {
      hold: () => undefined,
      release: () => undefined,
      abort: () => {
        isAborted = true;
        opening.cancel();
      },
    };
    job.sink.started(control);
    opening.ready
      .then((open) => this.#opened(open, isAborted ? undefined : job))
      .catch((error: unknown) => {
        if (!isAborted) job.sink.failed(this.#isClosed ? new ClientClosed() : error);
      })
      .finally(() => {
        this.#openings.delete(opening);
        this.#serve();
      })
      .catch(() => undefined);
  }

  async #opened(open: OpenSocket, job: Job | undefined): Promise<void> {
    if (this.#isClosed) {
      open.socket.destroy();
      throw new ClientClosed();
    }
    this.#protocol = open.protocol;
    if (open.protocol === "h2") {
      const session = await Http2Lane.open(open, {
        origin: this.#origin.origin,
        owner: {
          hasRoom: () => this.#serve(),
          answered: () => {
            this.#answers += 1;
          },
          leaving: (session) => this.#lost(session),
          ended: (session) => void this.#sessions.delete(session),
          unread: (unread, cause) => this.#again(unread, cause),
        },
        maxStreams: this.#settings.streams,
      });
      if (this.#isClosed) {
        session.destroy();
        throw new ClientClosed();
      }
      this.#session = session;
      this.#sessions.add(session);
      if (job !== undefined) session.send(job);
      return;
    }
    const connection = new Http1Connection(open, {
      idle: (idle) => {
        this.#idle.push(idle);
        this.#serve();
      },
      gone: (gone) => this.#drop(gone),
      unread: (unread, cause) => this.#again(unread, cause),
    });
    this.#connections.add(connection);
    if (job === undefined) this.#idle.push(connection);
    else connection.send(job);
  }

  #drop(connection: Http1Connection): void {
    this.#connections.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    if (!this.#isClosed) this.#serve();
  }

  #lost(session: Http2Lane): void {
    if (this.#session === session) this.#session = undefined;
    this.#protocol = "unknown";
    if (!this.#isClosed) this.#serve();
  }

  /**
   * A kept connection turned out dead, or a session ended before it came to this request. That is no failure as long as
   * others are answered. The idle connections beside it are not trusted either.
   */
  #again(job: Job, cause: unknown): void {
    const { count, answers } = job.returns ?? { count: 0, answers: -1 };
    const returns = { count: answers === this.#answers ? count + 1 : 1, answers: this.#answers };
    if (this.#isClosed || returns.count > MAX_IDLE_RETURNS) {
      job.sink.failed(this.#isClosed ? new ClientClosed() : cause);
      return;
    }
    for (const connection of this.#idle.splice(0)) connection.destroy();
    this.#queue.push({ ...job, returns });
    this.#serve();
  }
}
