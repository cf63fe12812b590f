import { CarrierLadder } from '../../src/carriers/ladder.js';
import { isDuplex } from '../../src/carriers/rungs.js';
import { random } from '../direct/pair.js';

/** @typedef {import('../../src/carriers/ladder.js').Rung} Rung */
/**
 * What the network does with one rung. `open`: ms until a WebSocket or data channel opens, Infinity: never; `refuse`: it ends instead, how.
 * `cut`: nothing passes, nothing is told. `mute`: it connects, and that is all. `dies`: ms after its welcome that it is ended.
 * @typedef {{open: number, refuse: '' | 'lost' | 'unreachable', cut: boolean, mute: boolean, dies: number}} Rules
 */
/** @typedef {{id: number, rung: Rung, rank: number, open: boolean, welcome: boolean, closed: boolean, cut: boolean}} Wire */

/** The ladder in virtual time, over a network that the test rules, with a server that knows the newest carrier only. */
export class Rig {
  now = 0;
  /** @type {{at: number, dial: number, rung: Rung}[]} */
  dials = [];
  /** @type {{at: number, from: string, to: string, reason: string}[]} */
  moves = [];
  pings = 0;
  /** @type {string[]} */
  remembered = [];
  /** The longest time without a carrier that works, or with one that is silent. */
  worstMs = 0;
  /** What went in and what came out, as the vectors have it. @type {any[]} */
  steps = [];
  #steps;
  /** @type {{at: number, run: () => void}[]} */
  #events = [];
  /** @type {Map<number, Wire>} */
  #wires = new Map();
  #rank = 10;
  /** The rank of the carrier that reads at the server. */
  #reads = 0;
  /** Since when an answer is owed. */
  #owedAt = Infinity;
  #workedAt = 0;
  #random;

  /**
   * @param {{rungs?: Rung[], rttMs?: number, seed?: number, remembered?: Rung, sendEveryMs?: number, hearEveryMs?: number, record?: boolean,
   *   timerMs?: number}} [o]
   */
  constructor(o = {}) {
    const { rungs = ['websocket', 'sse', 'long-poll', 'poll'], rttMs = 20, seed = 1 } = o;
    this.rttMs = rttMs;
    this.timerMs = o.timerMs ?? 0;
    this.#random = random(seed);
    this.#steps = o.record ?? false;
    const draw = () => {
      const value = Math.round(this.#random() * 1000) / 1000;
      this.draws.push(value);
      return value;
    };
    this.ladder = new CarrierLadder({ rungs, random: draw, remembered: o.remembered });
    /** @type {Record<Rung, Rules>} */
    this.rules = /** @type {any} */ ({});
    for (const rung of rungs)
      this.rules[rung] = { open: rttMs * 2, refuse: '', cut: false, mute: false, dies: Infinity };
    if (o.sendEveryMs) this.#every(o.sendEveryMs, () => this.#send());
    if (o.hearEveryMs) this.#every(o.hearEveryMs, () => this.#hear());
  }

  /** @type {number[]} */
  draws = [];

  start() {
    this.tell('start', {});
  }

  get present() {
    return [...this.#wires.values()].filter((wire) => wire.welcome && !wire.closed).pop();
  }

  /** @param {string} what @param {any} [args] */
  tell(what, args = {}) {
    const { ladder, now } = this;
    if (what === 'start') ladder.start(now);
    else if (what === 'stop') ladder.stop();
    else if (what === 'opened') ladder.opened(args.dial, now);
    else if (what === 'welcomed') ladder.welcomed(args.dial, now);
    else if (what === 'closed') ladder.closed(args.dial, now, args.end);
    else if (what === 'measured') ladder.measured(args.rttMs);
    else if (what === 'heard') ladder.heard(now, args.active);
    else if (what === 'news') ladder.news(now);
    else if (what === 'offer') ladder.offer(args.yes);
    else if (what === 'defer') ladder.defer(now, args.ms, args.leave);
    this.#observe(what, args);
  }

  /** @param {string} what @param {any} args */
  #observe(what, args) {
    const silentMs = this.#owedAt < Infinity && this.present ? this.now - this.#owedAt + 1 : 0;
    this.ladder.observe(this.now, silentMs);
    const actions = [];
    for (let action; (action = this.ladder.next()); ) {
      actions.push(action);
      this.#act(action);
    }
    if (!this.#steps) return;
    const { deadline, path } = this.ladder;
    const step = { at: this.now, ...(what && { [what]: args }), silentMs, actions };
    this.steps.push({ ...step, deadline: deadline === Infinity ? null : deadline, path });
  }

  /** @param {import('../../src/carriers/ladder.js').Action} action */
  #act(action) {
    if (action.do === 'dial') this.#dial(action);
    else if (action.do === 'close') {
      const wire = this.#wires.get(action.dial);
      if (wire) wire.closed = true;
      this.#wires.delete(action.dial);
    } else if (action.do === 'ping') {
      this.pings++;
      this.#send();
    } else if (action.do === 'remember') this.remembered.push(action.rung);
    else {
      this.moves.push({ at: this.now, ...action });
      this.#owedAt = Infinity;
    }
  }

  /** @param {{dial: number, rung: Rung}} action */
  #dial({ dial: id, rung }) {
    this.dials.push({ at: this.now, dial: id, rung });
    const rules = this.rules[rung];
    const wire = { id, rung, rank: 0, open: false, welcome: false, closed: false, cut: rules.cut };
    this.#wires.set(id, wire);
    if (rules.refuse) {
      const end = rules.refuse;
      this.after(rules.open, () => wire.closed || this.#end(wire, end));
    } else if (!rules.cut) {
      if (isDuplex(rung)) {
        this.after(rules.open, () => {
          if (wire.closed || this.rules[rung].cut) return;
          this.tell('opened', { dial: id });
          this.#greet(wire);
        });
      } else this.#greet(wire, rules.open - this.rttMs);
    }
  }

  /** @param {Wire} wire @param {number} [later] */
  #greet(wire, later = 0) {
    wire.open = true;
    wire.rank = ++this.#rank;
    this.after(later + this.rttMs / 2, () => {
      if (wire.cut || this.rules[wire.rung].cut || this.rules[wire.rung].mute) return;
      const overtaken = wire.rank < this.#reads;
      if (!overtaken) {
        for (const other of this.#wires.values())
          if (!other.closed && other.rank && other.rank < wire.rank)
            this.#tellLater(other, 'overtaken');
        this.#reads = wire.rank;
        this.after(this.rttMs / 2, () => this.#welcome(wire));
      } else this.#tellLater(wire, 'overtaken');
    });
  }

  /** @param {Wire} wire @param {string} end */
  #tellLater(wire, end) {
    this.after(this.rttMs / 2, () => wire.closed || wire.cut || this.#end(wire, end));
  }

  /** @param {Wire} wire */
  #welcome(wire) {
    const { rung, id } = wire;
    if (wire.closed || this.rules[rung].cut) return;
    wire.welcome = true;
    this.#workedAt = this.now;
    this.tell('welcomed', { dial: id });
    this.tell('measured', { rttMs: this.rttMs });
    const { dies } = this.rules[rung];
    this.after(dies, () => wire.closed || this.#end(wire, 'lost'));
  }

  /** @param {Wire} wire @param {string} end */
  #end(wire, end) {
    wire.closed = true;
    this.#wires.delete(wire.id);
    if (wire.rank === this.#reads) this.#reads = 0;
    this.tell('closed', { dial: wire.id, end });
  }

  /** From now on nothing passes on these rungs, or all passes again. @param {boolean} cut @param {Rung[]} rungs */
  cut(cut, ...rungs) {
    for (const rung of rungs) this.rules[rung].cut = cut;
    if (cut)
      for (const wire of this.#wires.values()) if (rungs.includes(wire.rung)) wire.cut = true;
  }

  /** Something that is answered. */
  #send() {
    const wire = this.present;
    if (!wire) return;
    const sentAt = this.now;
    if (this.#owedAt === Infinity) this.#owedAt = sentAt;
    if (wire.cut) return this.#look();
    this.after(this.rttMs, () => {
      if (wire.closed || wire.cut) return;
      this.#owedAt = Infinity;
      this.#heard(false);
      this.tell('measured', { rttMs: this.now - sentAt });
    });
    this.#look();
  }

  /** Something came by itself. */
  #hear() {
    const wire = this.present;
    if (wire && !wire.cut) this.#heard(true);
  }

  /** @param {boolean} active */
  #heard(active) {
    this.worstMs = Math.max(this.worstMs, this.now - this.#workedAt);
    this.#workedAt = this.now;
    this.tell('heard', { active });
  }

  /** What is owed has changed. */
  #look() {
    this.after(0, () => this.#observe('', {}));
  }

  /** @param {number} ms @param {() => void} run */
  #every(ms, run) {
    this.after(ms, () => {
      run();
      this.#every(ms, run);
    });
  }

  /** @param {number} ms @param {() => void} run */
  after(ms, run) {
    if (ms === Infinity) return;
    const event = { at: this.now + ms, run };
    let at = this.#events.length;
    while (at && this.#events[at - 1].at > event.at) at--;
    this.#events.splice(at, 0, event);
  }

  /** @param {number} ms */
  run(ms) {
    this.runUntil(() => false, ms);
  }

  /** @param {() => unknown} done @param {number} mostMs @returns {boolean} whether it was done in time */
  runUntil(done, mostMs) {
    const end = this.now + mostMs;
    for (let same = 0; !done(); ) {
      const event = this.#events[0];
      const { deadline } = this.ladder;
      const timer = this.timerMs ? Math.ceil(deadline / this.timerMs) * this.timerMs : deadline;
      const at = Math.min(event?.at ?? Infinity, timer);
      if (at > end) {
        this.now = end;
        return false;
      }
      same = at > this.now ? 0 : same + 1;
      if (same > 200) throw new Error(`busy at ${this.now}`);
      this.now = Math.max(this.now, at);
      if (event && event.at <= this.now) {
        this.#events.shift();
        event.run();
      } else this.#observe('', {});
    }
    return true;
  }

  /** The thread stops: the timer runs first, and the rest after it. @param {number} ms */
  sleep(ms) {
    this.now += ms;
    this.#observe('', {});
  }
}
