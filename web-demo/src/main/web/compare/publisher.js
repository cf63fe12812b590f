import { Refused } from './lane.js';
import { authorization, refusal, topicUrl } from './lanes/http.js';

/** @typedef {import('./lanes/http.js').Place} Place */

/** Messages whose times are known: as many as a lane can be behind by. */
const REMEMBERED = 5_000;

/** Publishes numbered messages, one after the other: what is on its way is answered before the next goes. */
export class Publisher {
  /** How many were answered. */
  published = 0;
  /** From the call to the answer that it is in the log; the last, in ms. */
  lastMs = Number.NaN;
  /** Why it does not get through at present; '' when it does. */
  trouble = '';
  perSecond = 5;
  paused = false;
  #place;
  #now;
  #beside;
  #run = crypto.getRandomValues(new Uint32Array(2)).join('-');
  /** @type {Map<number, number>} */
  #times = new Map();
  #n = 0;
  #timer = 0;
  #busy = false;

  /**
   * @param {Place} place
   * @param {() => number} now the page's clock
   * @param {(message: { n: number }) => void} beside gets each message when it is sent, too
   */
  constructor(place, now, beside) {
    this.#place = place;
    this.#now = now;
    this.#beside = beside;
  }

  /** When that one was sent, by the page's clock. @param {number} n */
  at(n) {
    return this.#times.get(n);
  }

  get running() {
    return this.#timer !== 0;
  }

  start() {
    if (!this.#timer) this.#timer = window.setTimeout(() => this.#tick(), 0);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = 0;
  }

  async #tick() {
    const due = this.#now() + 1000 / this.perSecond;
    if (!this.paused && !this.#busy) {
      this.#busy = true;
      await this.#publish().finally(() => {
        this.#busy = false;
      });
    }
    if (this.#timer)
      this.#timer = window.setTimeout(() => this.#tick(), Math.max(0, due - this.#now()));
  }

  async #publish() {
    const n = ++this.#n;
    const message = { n, text: 'The same message for every lane.' };
    const sentAt = this.#now();
    this.#times.set(n, sentAt);
    this.#times.delete(n - REMEMBERED);
    this.#beside(message);
    // Until it is in the log: the others would wait for it in vain, and the key makes it one message.
    for (let wait = 250; ; wait = Math.min(4_000, wait * 2)) {
      try {
        await this.#post(n, JSON.stringify(message));
        this.lastMs = this.#now() - sentAt;
        this.published++;
        this.trouble = '';
        return;
      } catch (problem) {
        this.trouble = /** @type {Error} */ (problem).message;
        if (problem instanceof Refused) {
          this.stop();
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }

  /**
   * @param {number} n
   * @param {string} body
   */
  async #post(n, body) {
    const answer = await fetch(topicUrl(this.#place), {
      method: 'POST',
      headers: {
        ...authorization(this.#place),
        'Content-Type': 'application/json',
        'Idempotency-Key': `${this.#run}-${n}`,
      },
      body,
    });
    if (!answer.ok) throw await refusal(answer);
    await answer.text();
  }
}
