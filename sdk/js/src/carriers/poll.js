import { isOurs } from './http.js';

/** How long an answer is asked to wait, in s; less where something between cuts answers, down to the least. */
const WAIT_S = 25;
const MIN_WAIT_S = 1;
/** So many answers in their time let it ask for more. */
const ENOUGH = 10;
/** An answer that is not there so long after its time is lost. */
const GRACE_MS = 5_000;
/** Requests without an answer, one after the other, that end the carrier; and the wait between them. */
const MAX_MISSED = 3;
const RETRY_MS = 100;
/** Between polls, while something goes on, and at most where the server does not say. */
const ACTIVE_MS = 250;
const IDLE_MS = 2_000;
/** After something was said or heard, so many polls come fast. */
const FAST_POLLS = 12;

/** The way down by requests: each answer is one packet, or nothing. */
export class Poller {
  #http;
  #long;
  #waitS = WAIT_S;
  #inTime = 0;
  #missed = 0;
  #fast = FAST_POLLS;
  #adviceMs = IDLE_MS;
  #proven = false;
  /** Ends the present pause early. */
  #resume = () => {};
  #paused = false;
  /** The last word was said: no later request is to take it back. */
  #left = false;

  /** @param {import('./http.js').Http} http @param {boolean} long */
  constructor(http, long) {
    this.#http = http;
    this.#long = long;
  }

  /** Something was sent: an answer may come soon. */
  wake() {
    this.#left = false; // the page is here again
    this.#fast = FAST_POLLS;
    this.#resume();
  }

  /** Asks no more, until something else is said. */
  leave() {
    this.#left = true;
  }

  /** @param {boolean} on another carrier greets: no request is to overtake it */
  pause(on) {
    this.#paused = on;
    if (!on) this.#resume();
  }

  async run() {
    while (!this.#http.over) {
      await this.#ask();
      if (!this.#long) await this.#sleep(this.#fast > 0 ? ACTIVE_MS : this.#adviceMs, true);
      while ((this.#paused || this.#left) && !this.#http.over) await this.#sleep(ACTIVE_MS, false);
    }
  }

  /** @param {number} ms @param {boolean} least not before ACTIVE_MS, though it is woken */
  async #sleep(ms, least) {
    if (this.#http.over) return;
    let timer;
    const woken = new Promise((resolve) => {
      timer = setTimeout(resolve, ms);
      this.#resume = () => resolve(0);
    });
    const fast = least && ms > ACTIVE_MS;
    await woken;
    clearTimeout(timer);
    this.#resume = () => {};
    if (fast && !this.#http.over && this.#fast === FAST_POLLS) await this.#pace();
  }

  #pace() {
    return new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }

  async #ask() {
    const http = this.#http;
    const wait = this.#long && this.#proven ? this.#waitS : 0;
    const query = `?wait=${this.#long ? this.#waitS : 0}`;
    const startedAt = performance.now();
    const late = setTimeout(() => http.end(1006, 'no answer', 'lost'), wait * 1_000 + GRACE_MS);
    const response = await http.ask(query, '*/*');
    const bytes = response && (await this.#read(response));
    clearTimeout(late);
    if (http.over) return;
    if (!bytes) return this.#miss(performance.now() - startedAt, !response);
    this.#missed = 0;
    this.#proven = true;
    this.#fast = bytes.length ? FAST_POLLS : this.#fast - 1;
    if (!bytes.length && ++this.#inTime >= ENOUGH) {
      this.#inTime = 0;
      this.#waitS = Math.min(WAIT_S, Math.ceil(this.#waitS * 1.5));
    }
    http.events.packet(bytes);
  }

  /** @param {Response} response @returns {Promise<Uint8Array | null>} null: none of ours */
  async #read(response) {
    const advice = Number(response.headers.get('peerline-poll-after'));
    if (advice) this.#adviceMs = Math.max(ACTIVE_MS, advice);
    if (response.status === 204) return new Uint8Array();
    if (response.ok && isOurs(response)) return this.#http.body(response);
    if (isOurs(response) || !this.#proven) await this.#http.refused(response);
    else this.#http.foreign(response);
    return null;
  }

  /** No answer, or not ours. @param {number} ms after which it broke off @param {boolean} none */
  async #miss(ms, none) {
    const http = this.#http;
    if (!this.#proven || ++this.#missed >= MAX_MISSED) {
      return http.end(1006, 'no answer', none ? 'unreachable' : 'lost');
    }
    if (this.#long && ms >= MIN_WAIT_S * 1_000) {
      this.#waitS = Math.max(MIN_WAIT_S, Math.floor((ms / 1_000) * 0.8));
      this.#inTime = 0;
      http.events.seen('PROXY_CUTS_RESPONSES', `after ${Math.round(ms)} ms`, ms);
    } else {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS * 2 ** this.#missed));
    }
  }
}
