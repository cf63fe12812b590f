import { Patience } from './patience.js';
import { Pulse } from './pulse.js';
import { greets, outranks, RUNGS } from './rungs.js';
import { Standings, YOUNG_MS } from './standings.js';

/** @typedef {import('./rungs.js').Rung} Rung */
/** @typedef {import('./rungs.js').Dial} Dial */
/**
 * What is to be done.
 * @typedef {{do: 'dial', dial: number, rung: Rung} | {do: 'close', dial: number} | {do: 'ping'}
 *   | {do: 'move', from: Rung | '', to: Rung, reason: string} | {do: 'remember', rung: Rung}} Action
 *   `move` tells that another carrier is the present one; `remember` is for the next start on this network
 */
/**
 * How a carrier ended: it did not live, or died; `unreachable`: not even an answer of somebody else; `overtaken`: the server knows a
 * newer one.
 * @typedef {'lost' | 'unreachable' | 'overtaken'} End
 */
/** The next rung is raced after so long, where no round trip was measured; by round trips, and at most. */
const STAGGER_MS = 400;
const MIN_STAGGER_MS = 250;
const MAX_STAGGER_MS = 2_000;
/** The same, where everybody was told that the server is not there: when it is back, it is slow, for all its clients are. */
const AWAY_STAGGER_MS = 4_000;
/** The same, where the present carrier is silent. */
const HASTE_MS = 80;
/** A call this late says that the thread slept: that is not the carrier's silence. */
const LATE_MS = 20;
/** How long a carrier may take to open, where no round trip was measured, and at least, by round trips: longer after one hung. */
const OPENING_MS = 3_000;
const MIN_OPENING_MS = 1_000;
const OPENING_RTTS = 8;
const MAX_OPENING_MS = 10_000;
/** How long after its HELLO it may take to be welcome. */
const GREETING_MS = 1_000;
/** Between rounds of attempts: the first wait, doubled by each, and the longest; full jitter. */
const BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 10_000;
/** The present carrier is proven for so long before a better one is tried; so many climbs a minute at most. */
const SETTLE_MS = 1_000;
const MAX_CLIMBS = 6;
const CLIMBS_MS = 60_000;
/** News of the network come in bursts: an attempt so young has heard them. What fails so soon after them is their doing. */
const FRESH_MS = 300;
const NEWS_MS = 5_000;
/**
 * Decides which carrier the session runs on, from evidence alone: what opened, was welcome, closed, and for how long answers
 * are owed. Pure policy: times are ms of one monotonic clock, chance is a parameter, nothing is opened from here. Tell it what
 * happens, call `observe`, then do what `next` says; `observe` again by `deadline`.
 *
 * Without a carrier the rungs are raced, best first, each after a stagger. While one is silent it is kept, and others are
 * dialled beside it. While a lower one works, a better one is tried in the background ever more seldom. The first that is
 * welcome is used; one whose HELLO is out is not taken back, for the server may have given it the reading. A data channel takes many
 * round trips: it is no part of a race, unless it is alone, and is tried where the server offers it.
 */
export class CarrierLadder {
  deadline = Infinity;
  #rungs;
  #random;
  #standings;
  /** Those that are not welcome yet. @type {Map<number, Dial>} */
  #dials = new Map();
  /** @type {Dial | null} */
  #present = null;
  #count = 0;
  /** @type {Action[]} */
  #actions = [];
  #running = false;

  /** Rungs that were tried in this round, and those of them that failed and have not fallen for it. @type {Rung[]} */
  #tried = [];
  /** @type {Set<Rung>} */
  #failed = new Set();
  #unreachable = false;
  #nextAt = 0;
  #notBefore = 0;
  #attempts = 0;
  /** Rounds in which one hung, and whether one did in this. */
  #hung = 0;
  #hangs = false;
  #offered = false;
  /** A whole round was told that nobody is there. */
  #away = false;
  /** The present carrier is to be replaced, though it is not silent; why. */
  #leave = '';
  /** Why the next move comes. */
  #reason = 'start';

  #patience = new Patience();
  /** @type {number[]} */
  #climbs = [];
  #newsAt = -Infinity;

  #pulse = new Pulse();
  /** @type {Rung | null} */
  #remembered;

  /**
   * @param {{rungs: Rung[], random: () => number, remembered?: Rung | null}} options `rungs`: those that are allowed and there
   *   are; `remembered`: what worked last on this network
   */
  constructor({ rungs, random, remembered = null }) {
    this.#rungs = RUNGS.filter((rung) => rungs.includes(rung));
    this.#random = random;
    this.#remembered = remembered;
    this.#standings = new Standings(this.#rungs);
  }

  /** The rung in use. */
  get path() {
    return this.#present?.rung ?? null;
  }

  /** How long an answer may be owed, in ms. */
  get patienceMs() {
    return this.#patience.ms;
  }

  /** What to do next, or null. */
  next() {
    return this.#actions.shift() ?? null;
  }

  // What happened

  /** @param {number} now @param {{dial: number, rung: Rung, at: number}} [dialled] one that was begun before */
  start(now, dialled) {
    this.#running = true;
    if (!this.#count) {
      const last = this.#rungs.indexOf(/** @type {Rung} */ (this.#remembered));
      for (const rung of this.#rungs.slice(0, Math.max(0, last))) {
        this.#standings.fall(rung, now, 2);
      }
    }
    if (!dialled) return;
    this.#count = dialled.dial;
    this.#add(dialled.dial, dialled.rung, dialled.at);
  }

  /** Nothing is tried until `start`; all is closed. */
  stop() {
    this.#running = false;
    for (const id of this.#dials.keys()) this.#actions.push({ do: 'close', dial: id });
    if (this.#present) this.#actions.push({ do: 'close', dial: this.#present.id });
    this.#dials.clear();
    this.#present = null;
    this.#endRound();
    this.deadline = Infinity;
  }

  /** Its HELLO went out. @param {number} dial @param {number} now */
  opened(dial, now) {
    const opening = this.#dials.get(dial);
    if (!opening) return;
    opening.openedAt = now;
    const wait = opening.replaces ? this.#hasteMs : this.#staggerMs;
    this.#nextAt = Math.max(this.#nextAt, now + wait);
  }

  /** It is proven. @param {number} dial @param {number} now */
  welcomed(dial, now) {
    const proven = this.#dials.get(dial);
    if (!proven) return;
    const before = this.#present;
    this.#dials.delete(dial);
    proven.welcomedAt = now;
    this.#present = proven;
    this.#hung = 0;
    this.#hangs = this.#away = false;
    if (before) this.#actions.push({ do: 'close', dial: before.id });
    const reason = before ? this.#why(before, proven, now) : this.#reason;
    this.#actions.push({ do: 'move', from: before?.rung ?? '', to: proven.rung, reason });
    if (reason === 'proven') this.#climbs.push(now);
    this.#judge(before, proven, now);
    for (const dial of this.#dials.values()) {
      // What is no better is not needed any more; what is better may go on, unless the session just fled from it.
      if (!outranks(dial.rung, proven.rung) || (before && !greets(dial))) this.#drop(dial.id);
    }
    this.#endRound();
    this.#leave = '';
    this.#patience.renew(now);
    this.#pulse.heard(now, false);
  }

  /** @param {number} dial @param {number} now @param {End} end */
  closed(dial, now, end) {
    const present = this.#present;
    if (present?.id === dial) {
      if (end === 'overtaken' && [...this.#dials.values()].some(greets)) {
        present.endedAt = now; // for the one that greets: its WELCOME is on its way
        return;
      }
      this.#present = null;
      this.#reason = this.#cause(now, 'closed');
      this.#leave = '';
      if (end !== 'overtaken') this.#died(present, now);
      if (!this.#dials.size) this.#endRound();
      this.#backOff(now);
      return;
    }
    const dialled = this.#dials.get(dial);
    if (!dialled) return;
    this.#dials.delete(dial);
    this.#unreachable ||= end === 'unreachable';
    if (end === 'overtaken') return; // by another that greets
    this.#missed(dialled, now);
    this.#nextAt = now; // the next rung of this round need not wait
  }

  /** @param {boolean} offered whether the server takes data channels */
  offer(offered) {
    this.#offered = offered;
  }

  /** @param {number} rttMs a measured round trip */
  measured(rttMs) {
    this.#patience.measured(rttMs);
  }

  /** A packet came. @param {number} now @param {boolean} active it was more than an answer: the application has traffic */
  heard(now, active) {
    this.#pulse.heard(now, active);
    this.#attempts = Math.min(this.#attempts, 1); // a server that speaks is there
  }

  /** The network, or the page, is not what it was: what is open is asked at once, and no wait applies. @param {number} now */
  news(now) {
    if (!this.#running || now - this.#newsAt < FRESH_MS) return;
    this.#newsAt = now;
    for (const dial of this.#dials.values()) {
      if (!greets(dial) && now - dial.at >= FRESH_MS) this.#drop(dial.id);
    }
    this.#standings.forget(now);
    this.#hung = this.#attempts = this.#notBefore = 0;
    this.#away = false;
    this.#nextAt = now;
    this.#patience.forget();
    if (!this.#dials.size) this.#endRound();
    if (this.#present) this.#actions.push({ do: 'ping' });
  }

  /** @param {number} now @param {string} otherwise */
  #cause(now, otherwise) {
    return now - this.#newsAt < NEWS_MS ? 'network' : otherwise;
  }

  /** @param {number} now @param {number} ms no attempt for so long; jitter is added @param {boolean} leave the present one will end */
  defer(now, ms, leave) {
    this.#notBefore = Math.max(this.#notBefore, now + ms * (1 + this.#random() / 2));
    if (leave) this.#leave = 'server';
  }

  // What follows

  /** @param {number} now @param {number} silentMs for how long the server has owed an answer; 0: it owes none */
  observe(now, silentMs) {
    const lateMs = now - this.deadline;
    this.deadline = Infinity;
    if (!this.#running) return;
    if (lateMs > LATE_MS) this.#overslept(lateMs);
    for (const dial of [...this.#dials.values()]) {
      if (now < this.#giveUpAt(dial)) continue;
      this.#drop(dial.id);
      this.#hangs = true;
      this.#missed(dial, now);
    }
    if (this.#present?.endedAt && !this.#dials.size) {
      this.#present = null; // the one that it was ended for did not come
      this.#reason = this.#cause(now, 'closed');
    }
    if (this.#present) this.#watch(this.#present, now, silentMs);
    else this.#race(now);
    for (const dial of this.#dials.values()) this.#by(this.#giveUpAt(dial));
    this.deadline = Math.max(this.deadline, now + 1);
  }

  /** @param {number} ms */
  #overslept(ms) {
    this.#patience.slept(ms);
    for (const dial of this.#dials.values()) {
      dial.at += ms;
      dial.openedAt += ms;
    }
  }

  /** @param {number} at */
  #by(at) {
    this.deadline = Math.min(this.deadline, at);
  }

  /** @param {Dial} dial */
  #giveUpAt({ rung, at, openedAt }) {
    if (rung === 'data-channel' && Number.isNaN(openedAt)) return at + MAX_OPENING_MS;
    if (this.#away) return (openedAt || at) + MAX_OPENING_MS;
    if (!Number.isNaN(openedAt)) return openedAt + Math.max(GREETING_MS, 4 * this.#patience.rttMs);
    const { rttMs } = this.#patience;
    const ms = rttMs ? Math.max(MIN_OPENING_MS, OPENING_RTTS * rttMs) : OPENING_MS;
    return at + Math.min(MAX_OPENING_MS, ms * 2 ** this.#hung);
  }

  get #staggerMs() {
    if (this.#away) return AWAY_STAGGER_MS;
    const ms = this.#patience.rttMs
      ? Math.max(MIN_STAGGER_MS, 4 * this.#patience.rttMs)
      : STAGGER_MS;
    return Math.min(ms, MAX_STAGGER_MS);
  }

  get #hasteMs() {
    return Math.max(HASTE_MS, 2 * this.#patience.rttMs);
  }

  /** There is no carrier: one rung after the other, each after a stagger. @param {number} now */
  #race(now) {
    if (now < this.#notBefore) return this.#by(this.#notBefore);
    const rung = this.#untried(now);
    if (rung && now >= this.#nextAt) {
      this.#dial(rung, now);
    }
    if (this.#untried(now)) return this.#by(this.#nextAt);
    if (this.#dials.size) return;
    if (!this.#hangs) this.#away = true;
    this.#endRound();
    this.#backOff(now);
    this.#by(this.#notBefore);
  }

  /** The next rung of this round: those in good standing, best first; then the others. @param {number} now */
  #untried(now) {
    const all = this.#rungs.filter(this.#races);
    const fine = all.filter((rung) => this.#standings.retryAt(rung) <= now);
    const rest = all.filter((rung) => !fine.includes(rung));
    return [...fine, ...rest].find((rung) => {
      // Where one request got no answer at all, another gets none either.
      const hopeless = this.#unreachable && rung !== 'websocket';
      return !this.#tried.includes(rung) && !hopeless;
    });
  }

  /** @param {Dial} present @param {number} now @param {number} silentMs */
  #watch(present, now, silentMs) {
    this.#forgive(present, now);
    const owedMs = present.endedAt ? now - present.endedAt + 1 : silentMs;
    const alarmAt = this.#patience.alarmAt(now, owedMs);
    if (now >= alarmAt) {
      this.#patience.alarmed();
      return this.#replace(present, now);
    }
    this.#by(alarmAt);
    if (this.#leave) {
      if (now < this.#notBefore) this.#by(this.#notBefore);
      else this.#replace(present, now);
      return;
    }
    if (!owedMs && this.#patience.calm(now)) {
      for (const dial of this.#dials.values()) if (!greets(dial)) this.#drop(dial.id);
    }
    if (!this.#dials.size) this.#endRound();
    this.#climb(present, now);
    this.#ask(now, silentMs);
  }

  /** Beside the present carrier: the same rung anew, then the next, then the others. @param {Dial} present @param {number} now */
  #replace(present, now) {
    if (now < this.#notBefore) return this.#by(this.#notBefore);
    const lower = this.#rungs.filter((rung) => outranks(present.rung, rung));
    const order = [present.rung, ...lower.slice(0, 1), ...this.#rungs].filter(this.#races);
    const rung = order.find((each) => !this.#tried.includes(each));
    if (!rung) {
      if (this.#dials.size) return;
      this.#endRound(); // one that stays silent is replaced by ever fewer attempts
      this.#backOff(now);
      return this.#by(this.#notBefore);
    }
    if (this.#tried.includes(order[0]) && now < this.#nextAt) return this.#by(this.#nextAt);
    this.#dial(rung, now, true);
    this.#nextAt = now + (this.#leave ? this.#staggerMs : this.#hasteMs);
    this.#by(this.#nextAt);
  }

  /** The best rung above the present one that may be tried; one that hangs does not keep the next from it. @param {Dial} present @param {number} now */
  #climb(present, now) {
    const dialled = [...this.#dials.values()].map(({ rung }) => rung);
    const better = this.#rungs.filter((rung) => outranks(rung, present.rung));
    const may = better.filter((rung) => this.#offered || this.#races(rung));
    const untried = may.filter((rung) => !dialled.includes(rung));
    if (!untried.length) return;
    this.#climbs = this.#climbs.filter((at) => at > now - CLIMBS_MS);
    const free = this.#climbs.length < MAX_CLIMBS ? 0 : this.#climbs[0] + CLIMBS_MS;
    const turn = dialled.length ? this.#nextAt : 0;
    const settled = Math.max(present.welcomedAt + SETTLE_MS, free, turn, this.#notBefore);
    const at = untried.map((rung) => Math.max(settled, this.#standings.retryAt(rung)));
    const due = at.findIndex((each) => now >= each);
    if (due < 0) return this.#by(Math.min(...at));
    this.#dial(untried[due], now);
    this.#climb(present, now);
  }

  /** Whether a quiet carrier lives. @param {number} now @param {number} silentMs */
  #ask(now, silentMs) {
    if (silentMs || this.path === 'poll') return;
    const at = this.#pulse.due(this.#patience.rttMs);
    if (now < at) return this.#by(at);
    this.#pulse.asked();
    this.#actions.push({ do: 'ping' });
    this.#by(now + this.patienceMs / 2);
  }

  // Carriers

  /** Whether it is quick enough to set up where there is nothing else. @param {Rung} rung */
  #races = (rung) => rung !== 'data-channel' || this.#rungs.length === 1;

  /** @param {Rung} rung @param {number} now @param {boolean} [replaces] */
  #dial(rung, now, replaces) {
    const id = ++this.#count;
    this.#actions.push({ do: 'dial', dial: id, rung });
    this.#add(id, rung, now, replaces);
  }

  /** @param {number} id @param {Rung} rung @param {number} at @param {boolean} [replaces] */
  #add(id, rung, at, replaces = false) {
    const none = { openedAt: NaN, welcomedAt: NaN, endedAt: NaN };
    this.#dials.set(id, { id, rung, at, replaces, ...none });
    this.#tried.push(rung);
    this.#nextAt = at + this.#staggerMs;
  }

  /** @param {number} id */
  #drop(id) {
    this.#dials.delete(id);
    this.#actions.push({ do: 'close', dial: id });
  }

  /** One did not come to be welcome. @param {Dial} dial @param {number} now */
  #missed({ rung }, now) {
    // Beside one that works: what is better failed its trial.
    if (this.#present && outranks(rung, this.#present.rung)) this.#standings.fall(rung, now);
    else this.#failed.add(rung);
  }

  /** @param {Dial} before @param {Dial} proven @param {number} now */
  #why(before, proven, now) {
    if (this.#leave) return this.#leave;
    if (proven.replaces || !outranks(proven.rung, before.rung)) return this.#cause(now, 'silent');
    return 'proven';
  }

  /** What this proof says of others. @param {Dial | null} before @param {Dial} proven @param {number} now */
  #judge(before, proven, now) {
    for (const rung of this.#rungs) {
      const better = outranks(rung, proven.rung);
      const left = before?.rung === rung;
      if (better && (this.#failed.has(rung) || left)) this.#standings.fall(rung, now);
    }
    if (before && this.#patience.alarm) this.#died(before, now);
  }

  /** @param {Dial} dial @param {number} now */
  #died({ rung, welcomedAt }, now) {
    this.#standings.died(rung, now, now - welcomedAt);
    if (now - welcomedAt >= YOUNG_MS) this.#attempts = 0;
  }

  /** @param {Dial} present @param {number} now */
  #forgive({ rung, welcomedAt }, now) {
    this.#standings.forgive(now);
    if (now - welcomedAt < YOUNG_MS) return this.#by(welcomedAt + YOUNG_MS);
    this.#attempts = 0;
    this.#standings.lived(rung);
    if (rung === this.#remembered) return;
    this.#remembered = rung;
    this.#actions.push({ do: 'remember', rung });
  }

  #endRound() {
    if (this.#hangs) this.#hung++;
    this.#hangs = false;
    this.#tried = [];
    this.#failed.clear();
    this.#unreachable = false;
    this.#nextAt = 0;
  }

  /** Full jitter: the next attempt at any time up to a bound that doubles. @param {number} now */
  #backOff(now) {
    const most = Math.min(MAX_BACKOFF_MS, BACKOFF_MS * 2 ** this.#attempts++);
    this.#notBefore = Math.max(this.#notBefore, now + this.#random() * most);
  }
}
