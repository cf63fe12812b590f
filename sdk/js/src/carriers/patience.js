/** How long an answer may be owed. A replacement is dialled at half of it. */
const PATIENCE_MS = 300;
/** After an alarm that was none patience doubles, up to eight times; so long without one halves it. */
const MAX_CAUTION = 8;
const CALM_MS = 30_000;
/** Before an alarm what is queued is heard: the thread may have been busy. */
const LISTEN_MS = 10;

/** For how long the present carrier may be silent before another is dialled beside it. Pure, as the ladder that asks it. */
export class Patience {
  /** The smoothed round trip, 0 while none was measured. */
  rttMs = 0;
  #caution = 1;
  #cautionAt = 0;
  /** The present silence: since when, slept through for how long, in doubt since when; an alarm was given. */
  #silentAt = 0;
  #sleptMs = 0;
  #doubtAt = Infinity;
  #alarm = false;

  /** How long an answer may be owed, in ms. */
  get ms() {
    return Math.max(PATIENCE_MS, 2 * this.rttMs + 80) * this.#caution;
  }

  /** @param {number} rttMs a measured round trip */
  measured(rttMs) {
    this.rttMs = Math.max(0.1, this.rttMs ? this.rttMs + (rttMs - this.rttMs) / 8 : rttMs);
  }

  /** What was not heard in this time is no silence. @param {number} ms */
  slept(ms) {
    this.#sleptMs += ms;
  }

  /** Another carrier is the present one. @param {number} now */
  renew(now) {
    this.#silentAt = now;
    this.#sleptMs = 0;
    this.#doubtAt = Infinity;
    this.#alarm = false;
  }

  /**
   * When the alarm is due, Infinity if nothing is owed.
   * @param {number} now
   * @param {number} silentMs for how long an answer has been owed
   */
  alarmAt(now, silentMs) {
    if (now - silentMs > this.#silentAt + 1) {
      this.#sleptMs = 0; // an answer came: if this is silence, it is a new one
      this.#doubtAt = Infinity;
    }
    this.#silentAt = now - silentMs;
    if (!silentMs) return Infinity;
    const left = this.ms / 2 - Math.max(0, silentMs - this.#sleptMs);
    if (left >= 1) return now + left;
    if (this.#doubtAt === Infinity) this.#doubtAt = now;
    return this.#doubtAt + LISTEN_MS;
  }

  alarmed() {
    this.#alarm = true;
  }

  /** Nothing is owed. @param {number} now @returns {boolean} whether that ends an alarm: it spoke before another was there */
  calm(now) {
    const ends = this.#alarm;
    this.#alarm = false;
    if (ends) {
      this.#caution = Math.min(MAX_CAUTION, this.#caution * 2);
      this.#cautionAt = now;
    } else if (this.#caution > 1 && now - this.#cautionAt >= CALM_MS) {
      this.#caution /= 2;
      this.#cautionAt = now;
    }
    return ends;
  }

  get alarm() {
    return this.#alarm;
  }

  /** Nothing of it counts on another network. */
  forget() {
    this.#caution = 1;
  }
}
