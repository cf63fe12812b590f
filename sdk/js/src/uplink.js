import { PeerlineError } from './errors.js';

/** @typedef {import('./types.js').Carrier} Carrier */
/** @typedef {import('./types.js').CarrierEvents} CarrierEvents */

/** How long a carrier may take to open: longer each time that one hung, for the network may be slow. */
const OPENING_MS = 3_000;
const MAX_OPENING_MS = 15_000;
/** The first wait between attempts, doubled with each, and the longest. */
const BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 10_000;
/** A server that speaks is there: it is tried again within 500 ms, though its carriers may not live long. */
const HEARD_ATTEMPTS = 1;
/** A carrier that spoke and lived so long was a success. */
const LIVED_MS = 5_000;
/** How long the server may be silent while it owes an answer. */
const PATIENCE_MS = 1_000;
/** What a carrier may hold before the session keeps the rest, and when to look again. */
const MAX_BUFFERED = 1 << 20;
const DRAIN_MS = 20;
/** News of the network come in bursts: an attempt so young has heard them. */
const FRESH_MS = 300;

/** Of the close codes that say what was wrong, those that another attempt may mend: silent for too long, a limit. */
const MENDED = [4408, 4429];

/**
 * Keeps one carrier under the session: connects, waits with full jitter between attempts, and replaces one that fell
 * silent by another beside it. Time and chance are parameters.
 */
export class Uplink {
  /** Attempts since the last carrier that lived. */
  attempts = 0;
  /** Rises whenever another carrier, or none, takes the place of the last. */
  generation = 0;
  /** @type {Carrier | null} */ #carrier = null;
  /** @type {Carrier | null} */ #next = null;
  #openedAt = -Infinity;
  #heardAt = -Infinity;
  #dialledAt = -Infinity;
  #patience = PATIENCE_MS;
  /** No attempt before this time. */
  #notBefore = 0;
  /** How many openings in a row did not end. */
  #hung = 0;
  #replace = false;
  #stopped = true;
  #options;

  /**
   * @param {{session: import('./link/session.js').Session, connect: (events: CarrierEvents) => Carrier,
   *   clock: () => number, random: () => number, changed: () => void, failed: (error: PeerlineError) => void}} options
   *   `changed` is called when there is something to send, to read, or to wait for
   */
  constructor(options) {
    this.#options = options;
  }

  /** Whether a carrier is open. */
  get open() {
    return this.#carrier !== null;
  }

  /** Bytes that the carrier has not sent yet. */
  get bufferedAmount() {
    return this.#carrier?.bufferedAmount ?? 0;
  }

  start() {
    this.#stopped = false;
    this.#options.changed();
  }

  /** The network, or the page, is not what it was: the present carrier is not trusted, and no wait applies. */
  wake() {
    const now = this.#options.clock();
    if (now - Math.max(this.#dialledAt, this.#openedAt) < FRESH_MS) return;
    this.#next?.close();
    this.#next = null;
    this.#replace = true;
    this.#notBefore = this.attempts = 0;
    this.#options.changed();
  }

  /** @param {number} ms no attempt for so long; jitter is added @param {boolean} replace the present carrier will end */
  defer(ms, replace) {
    const { clock, random } = this.#options;
    this.#notBefore = Math.max(this.#notBefore, clock() + ms * (1 + random() / 2));
    this.#replace ||= replace;
  }

  /** No attempt before `retry`. */
  drop() {
    this.#notBefore = Infinity;
    this.#carrier?.close();
    this.#next?.close();
    this.#carrier = this.#next = null;
    this.generation++;
    this.#options.session.closed();
  }

  /** After `drop`: an attempt at once. */
  retry() {
    if (this.#notBefore === Infinity) this.#notBefore = 0;
  }

  stop() {
    this.#stopped = true;
    this.drop();
  }

  /** @param {number} now */
  advance(now) {
    if (this.#stopped) return;
    if (this.#next && now >= this.#dialledAt + this.#openingMs) {
      this.#next.close();
      this.#next = null;
      this.#hung++;
      this.#backOff(now);
    }
    if (
      !this.#next &&
      now >= this.#notBefore &&
      (!this.#carrier || this.#replace || this.silent(now))
    )
      this.#dial(now);
  }

  /** @returns {number} when to call `advance` again, at the latest */
  deadline() {
    if (this.#stopped) return Infinity;
    if (this.#next) return this.#dialledAt + this.#openingMs;
    if (!this.#carrier || this.#replace) return this.#notBefore;
    const now = this.#options.clock();
    const silent = this.#options.session.silentFor(now + 1);
    const silence = silent ? Math.max(now + this.#patience - silent, this.#notBefore) : Infinity;
    return Math.min(silence, this.bufferedAmount > MAX_BUFFERED ? now + DRAIN_MS : Infinity);
  }

  /** Hands packets to the carrier while it takes them. @param {number} now @returns {boolean} whether there were any */
  transmit(now) {
    const { session } = this.#options;
    let any = false;
    while (this.#carrier && this.#carrier.bufferedAmount <= MAX_BUFFERED) {
      const packet = session.transmit(now);
      if (!packet) break;
      this.#carrier.send(packet);
      any = true;
    }
    return any;
  }

  /** Measured round trip to the server, in ms. @param {number} rttMs */
  measured(rttMs) {
    this.#patience = Math.max(PATIENCE_MS, 4 * rttMs);
  }

  get #openingMs() {
    return Math.min(MAX_OPENING_MS, OPENING_MS * 2 ** this.#hung);
  }

  /** Whether the server owes an answer for longer than it should. @param {number} now */
  silent(now) {
    return this.#options.session.silentFor(now + 1) >= this.#patience;
  }

  /** @param {number} now */
  #dial(now) {
    const { session, clock, changed, connect } = this.#options;
    this.#dialledAt = now;
    this.#replace = false;
    if (this.#carrier) this.#backOff(now); // one that stays silent is replaced by ever fewer attempts
    const carrier = connect({
      opened: () => {
        if (carrier !== this.#next) return;
        if (this.#carrier) session.closed();
        this.#carrier?.close();
        this.generation++;
        this.#carrier = carrier;
        this.#next = null;
        this.#hung = 0;
        this.#openedAt = clock();
        session.open(this.#openedAt);
        changed();
      },
      packet: (packet) => {
        if (carrier !== this.#carrier) return;
        this.#heardAt = clock();
        this.attempts = Math.min(this.attempts, HEARD_ATTEMPTS);
        session.receive(packet, this.#heardAt);
        changed();
      },
      closed: (code, reason) => this.#closed(carrier, code, reason),
    });
    this.#next = carrier;
  }

  /** @param {Carrier} carrier @param {number} code @param {string} reason */
  #closed(carrier, code, reason) {
    const { session, clock, changed, failed } = this.#options;
    if (carrier === this.#carrier) {
      this.#carrier = null;
      this.generation++;
      const lived = clock() - this.#openedAt >= LIVED_MS;
      if (lived && this.#heardAt >= this.#openedAt) this.attempts = 0;
      session.closed();
    } else if (carrier === this.#next) {
      this.#next = null;
    } else {
      return;
    }
    this.#backOff(clock());
    const retriable = code < 4400 || MENDED.includes(code);
    const message = `The connection ended (${code}${reason && `, ${reason}`})`;
    failed(new PeerlineError(retriable ? 'UNREACHABLE' : 'INTERNAL', message, { retriable }));
    changed();
  }

  /** Full jitter: the next attempt at any time up to a bound that doubles. @param {number} now */
  #backOff(now) {
    const most = Math.min(MAX_BACKOFF_MS, BACKOFF_MS * 2 ** this.attempts++);
    this.#notBefore = Math.max(this.#notBefore, now + this.#options.random() * most);
  }
}
