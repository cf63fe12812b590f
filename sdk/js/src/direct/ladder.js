/** @typedef {'direct' | 'session'} Rung */
/** @typedef {{probe?: boolean, use?: Rung, reason?: string}} Action */

// A fast path is left after 300 ms of silence; after 600 ms if probes still come back on it (only its reliable channel
// is stuck). Both grow with the round trip so that a dead path is noticed within max(500 ms, 3 smoothed round trips) and
// the silence with the hand-over ends within max(700 ms, 4 smoothed round trips).
const PATIENCE_MS = 300;
const STUCK_MS = 600;
/** A call this late says that the thread slept. Silence is counted in the time that it was awake: what it could not
 * hear proves nothing, and in a hidden page every timer is late. */
const LATE_MS = 20;
/** Between probes: on a link that nobody uses, and on one in use. */
const IDLE_MS = 15_000;
const ACTIVE_MS = 2_000;
/** The first wait after a lost probe, doubled by each further one. */
const RETRY_MS = 250;
/** Probes lost in a row that end a path on which nothing waits for an acknowledgement. */
const MAX_LOST = 4;
/** Echoes in a row that a path owes after a fall. */
const ECHOES = 4;
const MAX_LEVEL = 7;
const LEVEL_MS = 60_000;

/**
 * Decides whether one pair uses its data channel or the session, from evidence alone: acknowledgements that advance,
 * probes that come back. Pure policy: times are milliseconds of one monotonic clock, and nothing is sent from here.
 *
 * After the n-th fall the channel has to echo for 2^(n-1) s (at most 64) before it is used again; each minute without a
 * fall takes one back. So there are at most 6 ascents in any minute, however the path behaves.
 */
export class Ladder {
  /** @type {Rung} */
  path = 'session';
  /** The smoothed round trip of the data channel, 0 before the first echo. */
  rttMs = 0;
  /** `observe` is to be called again by then. */
  deadline = Infinity;

  #open = false;
  /** Falls that are not forgiven yet, and when that last changed. */
  #level = 0;
  #levelAt = 0;
  #probeAt = -Infinity;
  #waiting = false;
  #lost = 0;
  #urgent = false;
  #echoes = 0;
  #provenAt = 0;
  /** The present silence: since when, slept through for how long, doubted since when, whether a probe came back since. */
  #silentAt = 0;
  #sleptMs = 0;
  #doubtedAt = Infinity;
  #alive = false;

  /** How long acknowledgements may stand still, in ms. */
  get patienceMs() {
    return Math.max(PATIENCE_MS, 2 * this.rttMs + 80);
  }

  /** How long the channel has to echo before the pair climbs, in ms. */
  get holdMs() {
    return this.#level && 500 * 2 ** this.#level;
  }

  /** The data channel is open. @param {number} now */
  opened(now) {
    this.#open = true;
    this.#lost = this.#echoes = 0;
    this.#waiting = false;
    this.doubt(now);
  }

  /** The data channel has gone. @param {number} now */
  closed(now) {
    this.#open = false;
    this.deadline = now;
  }

  /** Something happened to the network: ask at once. @param {number} now */
  doubt(now) {
    this.#urgent = true;
    this.deadline = now;
  }

  /** Something came over the data channel: a path thought dead is asked at once. @param {number} now */
  heard(now) {
    if (this.path === 'session' && this.#lost && now - this.#probeAt >= RETRY_MS) this.doubt(now);
  }

  /**
   * A probe came back over the data channel.
   * @param {number} now
   * @param {number} rttMs its round trip
   */
  echoed(now, rttMs) {
    this.rttMs = Math.max(0.1, this.rttMs ? this.rttMs + (rttMs - this.rttMs) / 8 : rttMs);
    if (now - rttMs >= this.#doubtedAt) this.#alive = true;
    if (rttMs > this.patienceMs) return; // too late to prove anything
    this.#waiting = false;
    this.#lost = 0;
    if (!this.#echoes++) this.#provenAt = now;
    this.deadline = now;
  }

  /** The pair has moved, because its other end did. @param {Rung} path @param {number} now */
  moved(path, now) {
    if (path === this.path) return;
    if (path === 'direct') this.#climb(now);
    else this.#fall(now);
    this.deadline = now;
  }

  /**
   * What to do now. To be called by `deadline`, and after whatever may have changed the evidence.
   * @param {number} now
   * @param {{silentMs: number, activeAt: number, fallback: boolean}} evidence `silentMs`: for how long acknowledgements
   *   have not advanced while something on the data channel waits for one, 0 if nothing does; `activeAt`: when the
   *   application last sent or got something; `fallback`: there is a session to fall to
   * @returns {Action}
   */
  observe(now, evidence) {
    const lateMs = now - this.deadline;
    this.deadline = Infinity;
    if (!this.#open) return this.path === 'direct' ? this.#fall(now, 'closed') : {};
    if (lateMs > LATE_MS) {
      this.#sleptMs += lateMs;
      if (this.#waiting) this.#probeAt += lateMs;
    }
    if (this.#waiting && now >= this.#probeAt + this.patienceMs) {
      this.#waiting = false;
      this.#lost++;
      this.#echoes = 0;
    }
    return this.path === 'direct' ? this.#watch(now, evidence) : this.#prove(now, evidence);
  }

  /** @param {number} now @param {{silentMs: number, activeAt: number, fallback: boolean}} evidence */
  #watch(now, { silentMs, activeAt, fallback }) {
    if (now - silentMs > this.#silentAt + 1) {
      this.#doubtedAt = Infinity; // they advanced: if this is silence, it is a new one
      this.#alive = false;
      this.#sleptMs = 0;
    }
    this.#silentAt = now - silentMs;
    const limit = this.#alive ? Math.max(STUCK_MS, 3 * this.rttMs) : this.patienceMs;
    const silent = Math.max(0, silentMs - this.#sleptMs);
    if (fallback && (silent >= limit || this.#lost >= MAX_LOST)) return this.#fall(now, 'silent');
    if (silentMs) {
      const doubtful = this.patienceMs / 2;
      if (silent >= doubtful && this.#doubtedAt === Infinity) {
        this.#doubtedAt = now;
        this.#urgent = true;
      }
      const next = silent < doubtful ? doubtful : silent < limit ? limit : silent + ACTIVE_MS;
      this.#due(now, now + next - silent);
    }
    if (this.#level && now - this.#levelAt >= LEVEL_MS) {
      this.#level--;
      this.#levelAt = now;
    }
    const used = activeAt > this.#probeAt ? ACTIVE_MS : IDLE_MS;
    const retry = this.#lost && this.#lost < MAX_LOST;
    return this.#probe(now, this.#probeAt + (retry ? this.patienceMs : used));
  }

  /** @param {number} now @param {{activeAt: number, fallback: boolean}} evidence */
  #prove(now, { activeAt, fallback }) {
    const hold = fallback ? this.holdMs : 0;
    if (this.#echoes >= (hold ? ECHOES : 1) && now - this.#provenAt >= hold) {
      return this.#climb(now);
    }
    const most = activeAt > this.#probeAt - ACTIVE_MS ? ACTIVE_MS : IDLE_MS;
    const wait = this.#echoes ? hold / ECHOES : RETRY_MS * 2 ** Math.min(this.#lost, 9);
    return this.#probe(now, this.#probeAt + Math.min(wait, most));
  }

  /** @param {number} now @param {number} due @returns {Action} */
  #probe(now, due) {
    const probe = this.#urgent || (!this.#waiting && now >= due);
    if (probe) {
      this.#urgent = false;
      this.#waiting = true;
      this.#probeAt = now;
    }
    this.#due(now, this.#waiting ? this.#probeAt + this.patienceMs : due);
    return { probe };
  }

  /** @param {number} now @param {number} at */
  #due(now, at) {
    this.deadline = Math.min(this.deadline, Math.max(at, now + 1));
  }

  /** @param {number} now @returns {Action} */
  #climb(now) {
    this.path = 'direct';
    this.#silentAt = this.#levelAt = now;
    this.#lost = this.#sleptMs = 0;
    this.#waiting = false;
    this.deadline = now;
    return { use: 'direct', reason: 'proven' };
  }

  /** @param {number} now @param {string} [reason] @returns {Action} */
  #fall(now, reason = 'peer') {
    this.path = 'session';
    this.#level = Math.min(this.#level + 1, MAX_LEVEL);
    this.#levelAt = this.#probeAt = now;
    this.#lost = this.#echoes = 0;
    this.#waiting = this.#urgent = false;
    this.deadline = this.#open ? now + RETRY_MS : Infinity;
    return { use: 'session', reason };
  }
}
