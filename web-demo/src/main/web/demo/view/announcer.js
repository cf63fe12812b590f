import { byId } from './dom.js';

/** No more often than this, in ms: a screen reader has to get to the end of a sentence. */
const PAUSE_MS = 2500;
/** What waits meanwhile; the oldest goes first. */
const MAX_WAITING = 3;

/** Says to screen readers what happens elsewhere on the page. */
export class Announcer {
  #region = byId('announcer', HTMLElement);
  /** @type {string[]} */
  #waiting = [];
  #timer = 0;

  /** @param {string} sentence */
  say(sentence) {
    if (this.#waiting.at(-1) === sentence) return;
    this.#waiting.push(sentence);
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
    if (!this.#timer) this.#next();
  }

  #next() {
    const text = this.#waiting.splice(0).join(' ');
    this.#region.textContent = text;
    this.#timer = text ? window.setTimeout(() => this.#next(), PAUSE_MS) : 0;
  }
}
