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
    this.#askIn(Math.max(left - Math.min(EARLY_MS, left / 4), MIN_MS));
  }

  async ask() {
    try {
      const token = String(await this.#ask());
      this.#driver.refresh(token);
      this.welcomed(expiryOf(token)); // the server tells it only with its next welcome
    } catch (cause) {
      const message = 'token: the function that gives one failed';
      this.#driver.report(new PeerlineError('UNAUTHORIZED', message, { retriable: true, cause }));
      this.#askIn(RETRY_MS);
    }
  }

  /** @param {number} ms */
  #askIn(ms) {
    clearTimeout(this.#timer);
    if (!this.#driver.closed) this.#timer = setTimeout(() => this.ask(), Math.min(ms, MAX_MS));
  }

  stop() {
    clearTimeout(this.#timer);
  }
}

/** RFC 7519 §4.1.4. @param {string} token @returns {number | undefined} Unix ms */
function expiryOf(token) {
  try {
    const claims = token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/');
    const { exp } = JSON.parse(atob(claims));
    return typeof exp === 'number' ? exp * 1000 : undefined;
  } catch {
    return undefined; // no JWT
  }
}
