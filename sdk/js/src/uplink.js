import { CarrierLadder } from './carriers/ladder.js';
import { isDuplex, RUNGS } from './carriers/rungs.js';
import { PeerlineError } from './errors.js';
import { numberField, Writer } from './link/wire.js';

/** @typedef {import('./types.js').Carrier} Carrier */
/** @typedef {import('./carriers/ladder.js').Rung} Rung */
/**
 * One carrier, or one that is being opened.
 * @typedef {{dial: number, rung: Rung, carrier: Carrier | null, way: number, at: number, welcome: boolean, refusal: string}} Line
 */
/**
 * What was seen of a rung, for those who ask why.
 * @typedef {{tries: number, opened: number, proven: number, lost: number, cutMs: number, code: string, text: string}} Record
 *   `cutMs`: after how long its last answer was cut off
 */

/** How long the server may be silent while it owes an answer before the room says so. */
const PATIENCE_MS = 1_000;
/** What a carrier may hold before the session keeps the rest, and when to look again. */
const MAX_BUFFERED = 1 << 20;
const DRAIN_MS = 20;

/** A poll waits for so long, or some round trips, while another greets; one that hangs must not keep it from asking. */
const COURTESY_MS = 300;
const COURTESY_ROUND_TRIPS = 4;

/** Of the close codes that say what was wrong, those that another attempt may mend: silent for too long, a limit. */
const MENDED = [4408, 4429];
/** How a WebSocket is closed when a newer carrier reads; and what others are told instead. */
const TAKEN_OVER = 4000;
const SUPERSEDED = ['OVERTAKEN', 'NO_SESSION'];

/** Gives the session its carriers, as the ladder says. Time, chance and all that is opened are parameters. */
export class Uplink {
  /** What was seen. @type {Map<Rung, Record>} */
  records = new Map();
  #options;
  #ladder;
  /** By the number of the dial. @type {Map<number, Line>} */
  #lines = new Map();
  #rttMs = 0;
  #stopped = false;
  /** The page is being left, perhaps for a while. */
  #left = false;
  /** The server ended the present carrier for one whose WELCOME is on its way. */
  #between = false;
  #lostAt = NaN;
  /** @type {Rung | null} */
  #lastPath = null;
  #stalledMs = 0;
  /** Until when a poll is not to ask, for another greets. */
  #pauseUntil = -Infinity;

  /**
   * @param {{session: import('./link/session.js').Session, rungs: Rung[], clock: () => number, random: () => number,
   *   websocket: (events: import('./types.js').CarrierEvents) => Carrier, http: (rung: import('./carriers/http.js').HttpRung, events: import('./carriers/http.js').HttpEvents) => Carrier,
   *   dataChannel?: (events: import('./carriers/data-channel.js').ChannelEvents) => Carrier, changed: () => void,
   *   failed: (error: PeerlineError) => void, moved: (reason: string, moved: number, stalledMs: number) => void,
   *   farewell: (rung: Rung, packet: Uint8Array) => void, memory: {get: () => Rung | null, set: (rung: Rung) => void}}} options
   *   `farewell` sends the last word of a page that has no carrier any more; `changed` is called when there is something to send, to read, or to wait for
   */
  constructor(options) {
    this.#options = options;
    const { rungs, random, memory } = options;
    this.#ladder = new CarrierLadder({ rungs, random, remembered: memory.get() });
    for (const rung of RUNGS)
      this.records.set(rung, {
        tries: 0,
        opened: 0,
        proven: 0,
        lost: 0,
        cutMs: 0,
        code: '',
        text: '',
      });
  }

  /** Takes the place of the first. @param {import('./first.js').First} [first] */
  start(first) {
    const { clock, changed, session } = this.#options;
    if (first?.dropped) return;
    if (!first?.carrier) this.#ladder.start(clock());
    else {
      this.#ladder.start(clock(), { dial: 1, rung: 'websocket', at: first.at });
      const line = this.#line(1, 'websocket');
      line.carrier = first.carrier;
      line.way = first.way;
      first.on = this.#eventsOf(line);
      if (line.way) this.#ladder.opened(1, clock());
      if (line.way && session.present === line.way) this.#welcome(line);
      if (first.over) first.on.closed(...first.over);
    }
    changed();
  }

  /** Whether there is a carrier that was welcomed, or will be at once. */
  get open() {
    return this.#options.session.present > 0 || this.#between;
  }

  /** The kind of the carrier, or of the last one. @returns {Rung | null} */
  get path() {
    return this.#ladder.path ?? this.#lastPath;
  }

  get #present() {
    const { present } = this.#options.session;
    return [...this.#lines.values()].find(({ way }) => way && way === present);
  }

  /** Bytes that the carrier has not sent yet. */
  get bufferedAmount() {
    return this.#present?.carrier?.bufferedAmount ?? 0;
  }

  /** The network, or the page, is not what it was. */
  wake() {
    this.#left = false;
    this.#ladder.news(this.#options.clock());
    this.#options.changed();
  }

  /** @param {number} ms no attempt for so long; jitter is added @param {boolean} leave the present carrier will end */
  defer(ms, leave) {
    this.#ladder.defer(this.#options.clock(), ms, leave);
  }

  /** No attempt before `retry`. */
  drop() {
    this.#ladder.stop();
    this.#act();
  }

  /** After `drop`: an attempt at once. */
  retry() {
    if (!this.#stopped) this.#ladder.start(this.#options.clock());
  }

  stop() {
    this.#stopped = true;
    this.drop();
  }

  /** @param {number} now */
  advance(now) {
    if (this.#left) return;
    this.#ladder.observe(now, this.#options.session.silentFor(now + 1));
    this.#act();
  }

  /** @returns {number} when to call `advance` again, at the latest */
  deadline() {
    if (this.#left) return Infinity;
    const full = this.bufferedAmount > MAX_BUFFERED;
    const now = this.#options.clock();
    const paused = this.#pauseUntil > now ? this.#pauseUntil : Infinity;
    return Math.min(this.#ladder.deadline, paused, full ? now + DRAIN_MS : Infinity);
  }

  /** Hands packets to the carrier while it takes them. @param {number} now @returns {boolean} whether there were any */
  transmit(now) {
    const { session } = this.#options;
    const line = this.#left ? null : this.#present;
    let any = false;
    while (line?.carrier && line.carrier.bufferedAmount <= MAX_BUFFERED) {
      const packet = session.transmit(now, line.way);
      if (!packet) break;
      line.carrier.send(packet);
      any = true;
    }
    return any;
  }

  /**
   * What waits goes at once, beside what is under way: the page is being left. Where that may be for a while, nothing follows until `wake`: it
   * would be taken for a return.
   *
   * @param {number} graceMs of the `BYE` that waits
   */
  flush(graceMs) {
    this.#last(graceMs);
    this.#left = graceMs > 0;
  }

  /** @param {number} graceMs */
  #last(graceMs) {
    const { session, clock } = this.#options;
    const line = this.#present;
    if (!line?.carrier) return this.#farewell(graceMs);
    session.posted(null, clock(), line.way);
    for (let packet; (packet = session.transmit(clock(), line.way)); )
      line.carrier.send(packet, true);
    // A busy browser throws away what a socket or channel has not sent when its page goes. A second goodbye says nothing new.
    if (graceMs && isDuplex(line.rung)) this.#farewell(graceMs);
  }

  /** Chromium ends the stream of a page that is left before it tells the page; a POST needs none. @param {number} graceMs */
  #farewell(graceMs) {
    const { rungs, farewell } = this.#options;
    if (!this.#lastPath) return;
    const rung = rungs.find((each) => !isDuplex(each)) ?? 'poll'; // it carries no message
    const hello = this.#proof();
    farewell(rung, new Writer().raw(hello).frame(7, new Writer().varint(graceMs)).take());
  }

  /** A `HELLO` that says who asks, and begins nothing. */
  #proof() {
    const { session, clock } = this.#options;
    const way = session.open(clock(), { kind: 'poll' });
    const hello = session.greet(clock(), way);
    session.closed(way);
    return hello;
  }

  /** Measured round trip to the server, in ms. @param {number} rttMs */
  measured(rttMs) {
    this.#rttMs = rttMs;
    this.#ladder.measured(rttMs);
  }

  /** Whether the server owes an answer for longer than it should. @param {number} now */
  silent(now) {
    const patience = Math.max(PATIENCE_MS, 4 * this.#rttMs);
    return this.#options.session.silentFor(now + 1) >= patience;
  }

  // Carriers

  #act() {
    if (this.#left) return;
    const { session, moved, memory, clock } = this.#options;
    for (let action; (action = this.#ladder.next()); ) {
      if (action.do === 'dial') this.#dial(action);
      else if (action.do === 'close') this.#close(action.dial);
      else if (action.do === 'ping') session.ping();
      else if (action.do === 'remember') memory.set(action.rung);
      else moved(action.reason, session.again, this.#stalledMs);
    }
    // While another greets, a poll would take the reading back from it.
    const greeting = [...this.#lines.values()].filter(({ way, welcome }) => way && !welcome);
    const courtesy = Math.max(COURTESY_MS, COURTESY_ROUND_TRIPS * this.#rttMs);
    this.#pauseUntil = Math.max(...greeting.map(({ at }) => at + courtesy));
    this.#present?.carrier?.pause?.(clock() < this.#pauseUntil);
  }

  /** @param {number} dial @param {Rung} rung @returns {Line} */
  #line(dial, rung) {
    const at = this.#options.clock();
    const line = { dial, rung, carrier: null, way: 0, at, welcome: false, refusal: '' };
    this.#lines.set(dial, line);
    this.#seen(rung, 'tries');
    return line;
  }

  /** @param {{dial: number, rung: Rung}} action */
  #dial({ dial, rung }) {
    const { session, websocket, dataChannel, http, clock } = this.#options;
    const line = this.#line(dial, rung);
    if (rung === 'websocket') {
      line.carrier = websocket(this.#eventsOf(line));
      return;
    }
    if (rung === 'data-channel') {
      line.carrier = dataChannel?.(this.#channelEvents(line)) ?? null;
      return;
    }
    const kind = rung === 'sse' ? 'stream' : 'poll';
    line.way = session.open(clock(), { kind });
    line.carrier = http(rung, {
      ...this.#eventsOf(line),
      greet: () => session.greet(clock(), line.way),
      posted: (answer) => {
        if (this.#lines.get(dial) !== line) return;
        const present = session.present === line.way;
        session.posted(answer, clock(), line.way);
        if (answer && present) line.refusal ||= session.refusal;
        if (this.#superseded(line)) return;
        this.#ladder.heard(clock(), false);
        this.#options.changed();
      },
      seen: (code, text, ms) => this.#note(line, code, text, ms),
    });
  }

  /** @param {Line} line @returns {import('./carriers/data-channel.js').ChannelEvents} */
  #channelEvents(line) {
    const { session, clock, changed } = this.#options;
    return {
      ...this.#eventsOf(line),
      greet: () => this.#proof(),
      refused: (packet) => {
        // Where another carrier reads, the refusal of this one says nothing of the session.
        if (session.present) return;
        const way = session.open(clock());
        session.receive(packet, clock(), way);
        line.refusal ||= session.refusal;
        session.closed(way);
      },
      seen: (code, text) => this.#note(line, code, text),
      doubted: () => {
        if (session.present !== line.way) return;
        session.ping();
        changed();
      },
    };
  }

  /** @param {Line} line @returns {import('./types.js').CarrierEvents} */
  #eventsOf(line) {
    const { session, clock, changed } = this.#options;
    const { dial, rung } = line;
    return {
      opened: () => {
        if (!this.#lines.has(dial)) return;
        this.#seen(rung, 'opened');
        line.at = clock();
        line.way = session.open(clock());
        const hello = session.transmit(clock(), line.way);
        if (hello) line.carrier?.send(hello);
        this.#ladder.opened(dial, clock());
        changed();
      },
      packet: (packet) => {
        if (!this.#lines.has(dial)) return;
        const { offset, present } = session;
        const silentMs = present ? session.silentFor(clock()) : clock() - this.#lostAt;
        session.receive(packet, clock(), line.way);
        line.refusal ||= session.refusal;
        if (this.#superseded(line)) return;
        if (session.present === line.way) {
          if (!line.welcome) this.#welcome(line, silentMs || 0);
          this.#ladder.heard(clock(), session.offset !== offset);
        }
        changed();
      },
      closed: (code, reason, end) => this.#closed(line, code, reason, end),
    };
  }

  /** @param {Line} line @param {number} [stalledMs] */
  #welcome(line, stalledMs = 0) {
    line.welcome = true;
    this.#lastPath = line.rung;
    this.#stalledMs = stalledMs;
    this.#between = false;
    this.#seen(line.rung, 'proven');
    const { terms } = this.#options.session;
    this.#ladder.offer(!!terms && numberField(terms, 15) === 1);
    this.#ladder.welcomed(line.dial, this.#options.clock());
    this.#act();
  }

  /** @param {Line} line @param {string} code @param {string} text @param {number} [cutMs] */
  #note({ rung, refusal }, code, text, cutMs) {
    const record = this.records.get(rung);
    if (!record || (refusal && cutMs !== undefined)) return; // the server said why
    // One answer that broke off may have many reasons; two after the same time have one.
    const again = cutMs === undefined || Math.abs(cutMs - record.cutMs) < cutMs / 5;
    record.cutMs = cutMs ?? record.cutMs;
    if (again) Object.assign(record, { code, text });
  }

  /** @param {Rung} rung @param {'tries' | 'opened' | 'proven' | 'lost'} what */
  #seen(rung, what) {
    const record = this.records.get(rung);
    if (record) record[what]++;
  }

  /** @param {number} dial */
  #close(dial) {
    const line = this.#lines.get(dial);
    if (!line) return;
    this.#lines.delete(dial);
    this.#options.session.closed(line.way);
    line.carrier?.close();
  }

  /** Whether the server said that another carrier is the present one: this must not ask again. @param {Line} line */
  #superseded(line) {
    if (!SUPERSEDED.includes(line.refusal)) return false;
    line.carrier?.close();
    this.#closed(line, TAKEN_OVER, line.refusal);
    return true;
  }

  /** @param {Line} line @param {number} code @param {string} reason @param {'lost' | 'unreachable'} [how] */
  #closed(line, code, reason, how = 'lost') {
    const { session, clock, changed, failed } = this.#options;
    const { dial, rung, way, welcome, refusal } = line;
    if (!this.#lines.delete(dial)) return;
    if (session.present === way) this.#lostAt = clock();
    session.closed(way);
    const overtaken = code === TAKEN_OVER || SUPERSEDED.includes(refusal);
    this.#between = overtaken && welcome && [...this.#lines.values()].some((other) => other.way);
    this.#seen(rung, 'lost');
    this.#ladder.closed(dial, clock(), overtaken ? 'overtaken' : how);
    const retriable = code < 4400 || MENDED.includes(code);
    // Where the server said why, that is told.
    if (!overtaken && (retriable || !refusal)) {
      const message = `The connection ended (${code}${reason && `, ${reason}`})`;
      failed(new PeerlineError(retriable ? 'UNREACHABLE' : 'INTERNAL', message, { retriable }));
    }
    changed();
  }
}
