import { PeerlineError } from './errors.js';

/** A token is asked for in the last quarter of the old one's time, a minute before its end at the earliest. */
const EARLY_MS = 60_000;
const MIN_MS = 1_000;
/** Timers hold no more: 24 days. */
const MAX_MS = 2 ** 31 - 1;
/** When the function failed. */
const RETRY_MS = 5_000;

/** Asks the application for another token before the present one expires, and when it was refused. */
export class Renewal {
  #driver;
  #ask;
  #lifeMs = MAX_MS;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {import('./driver.js').Driver} driver @param {() => string | Promise<string>} ask */
  constructor(driver, ask) {
    this.#driver = driver;
    this.#ask = ask;
  }

  /** @param {number | undefined} expires Unix ms, as the server told with its welcome */
  welcomed(expires) {
    if (expires === undefined) return;
    const left = expires - Date.now();
    this.#lifeMs = Math.min(Math.max(left - Math.min(EARLY_MS, left / 4), MIN_MS), MAX_MS);
    this.#askIn(this.#lifeMs);
  }

  async ask() {
    try {
      const token = await this.#ask();
      this.#driver.refresh(String(token));
      this.#askIn(this.#lifeMs);
    } catch (cause) {
      const message = 'token: the function that gives one failed';
      this.#driver.report(new PeerlineError('UNAUTHORIZED', message, { retriable: true, cause }));
      this.#askIn(RETRY_MS);
    }
  }

  /** @param {number} ms */
  #askIn(ms) {
    clearTimeout(this.#timer);
    this.#timer = this.#driver.closed ? undefined : setTimeout(() => this.ask(), ms);
  }

  stop() {
    clearTimeout(this.#timer);
  }
}
