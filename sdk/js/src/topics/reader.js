import { PeerlineError } from '../errors.js';
import { problem, waitMs, waitOf } from './requests.js';
import { readEvents } from './stream.js';

/** @typedef {{id: string, time: number, topic?: string, type: string, data: string, encoding?: string}} Message */

/** A stream shows itself at once, and its heart beats every 25 s. */
const PROOF_MS = 5_000;
const SILENCE_MS = 60_000;
/** A stream that lived so long was worth its while. */
const SOUND_MS = 10_000;
/** After so many streams in a row that brought nothing, long polls; and a stream again after a while. */
const MAX_DUMB = 2;
const POLLING_MS = 300_000;
const WAIT_S = 25;
const GRACE_MS = 15_000;

const encoder = new TextEncoder();

/** Reads one topic or pattern over HTTP for as long as it is wanted. */
export class TopicReader {
  #requests;
  #feed;
  #name;
  /** What the next request asks for. */
  #after;
  #ended = new AbortController();
  #failures = 0;
  /** Streams that brought nothing. */
  #dumb = 0;
  #pollUntil = 0;

  /**
   * @param {import('./requests.js').TopicRequests} requests @param {import('./feed.js').Feed} feed @param {string} name
   * @param {'now' | 'oldest' | {epoch: number, offset: number}} place
   */
  constructor(requests, feed, name, place) {
    this.#requests = requests;
    this.#feed = feed;
    this.#name = name;
    if (place === 'now') this.#after = '';
    else this.#after = place === 'oldest' ? '0' : `${place.epoch}-${place.offset}`;
  }

  close() {
    this.#ended.abort();
  }

  async run() {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      try {
        await this.#turn();
      } catch (error) {
        await this.#failed(/** @type {PeerlineError} */ (error));
      }
    }
  }

  async #turn() {
    // Where reading begins is asked first: what is published before a stream is open is not missed.
    if (!this.#after) return this.#poll(0, 'now');
    if (this.#dumb < MAX_DUMB) return this.#stream();
    if (performance.now() > this.#pollUntil) this.#dumb = MAX_DUMB - 1;
    return this.#poll(WAIT_S, this.#after);
  }

  /** @param {PeerlineError} error */
  async #failed(error) {
    const { signal } = this.#ended;
    if (signal.aborted) return;
    const own = error instanceof PeerlineError;
    const known = own ? error : new PeerlineError('INTERNAL', `${error}`, { cause: error });
    if (this.#requests.mends(known)) {
      this.#requests.forgetToken();
      // Once at once: the token was good until now.
      if (!this.#failures++) return;
      const hint = 'The function that gives tokens gave one that had ended';
      this.#feed.trouble(new PeerlineError(known.code, known.message, { retriable: true, hint }));
    } else if (known.retriable) {
      this.#feed.trouble(known);
    } else {
      this.close();
      return this.#feed.end(known);
    }
    await waitMs(waitOf(this.#failures++, known), signal);
  }

  /** @param {number} waitS @param {string} after */
  async #poll(waitS, after) {
    const limit = AbortSignal.timeout(waitS * 1_000 + GRACE_MS);
    const query = `?after=${after}${waitS ? `&wait=${waitS}` : ''}`;
    const init = { signal: AbortSignal.any([limit, this.#ended.signal]) };
    const response = await this.#requests.send(this.#name, query, init);
    const { messages, next, gap } = await parsed(response);
    this.#failures = 0;
    if (this.#ended.signal.aborted) return;
    if (gap) this.#feed.gap(gap, messages.length ? null : next);
    for (const message of messages) this.#message(message);
    this.#after = next;
    this.#feed.begin(next);
  }

  async #stream() {
    const cut = new AbortController();
    let timer = setTimeout(() => cut.abort(), PROOF_MS);
    let heard = false;
    const began = performance.now();
    const init = {
      signal: AbortSignal.any([cut.signal, this.#ended.signal]),
      headers: { Accept: 'text/event-stream' },
    };
    const alive = () => {
      heard = true;
      clearTimeout(timer);
      timer = setTimeout(() => cut.abort(), SILENCE_MS);
    };
    try {
      const response = await this.#requests.send(this.#name, `?after=${this.#after}`, init);
      if (response.body) await readEvents(response.body, alive, (event) => this.#event(event));
    } catch (error) {
      if (error instanceof PeerlineError && !cut.signal.aborted) throw error;
    } finally {
      clearTimeout(timer);
      if (heard && performance.now() - began > SOUND_MS) this.#failures = 0;
    }
    this.#streamEnded(heard);
    await waitMs(waitOf(this.#failures++), this.#ended.signal);
  }

  /** @param {boolean} heard */
  #streamEnded(heard) {
    if (heard) this.#dumb = 0;
    else if (++this.#dumb >= MAX_DUMB) this.#pollUntil = performance.now() + POLLING_MS;
  }

  /** @param {{type: string, id: string, data: string}} event */
  #event({ type, id, data }) {
    if (this.#ended.signal.aborted) return;
    const told = JSON.parse(data);
    if (type === 'problem') throw problem(told);
    this.#failures = 0;
    if (type === 'gap') this.#feed.gap(told, id);
    else if (!type) this.#message(told);
    if (id) this.#after = id;
  }

  /** @param {Message} message */
  #message({ id, time, topic = this.#name, type, data, encoding }) {
    const body =
      encoding === 'base64'
        ? Uint8Array.from(atob(data), (c) => c.charCodeAt(0))
        : encoder.encode(data);
    this.#feed.message({ id, time, topic, mediaType: type, body });
  }
}

/** @param {Response} response @returns {Promise<{messages: Message[], next: string, gap?: import('./feed.js').Gap}>} */
async function parsed(response) {
  try {
    return await response.json();
  } catch (cause) {
    const message = 'The answer broke off, or is not of this server';
    throw new PeerlineError('UNREACHABLE', message, { retriable: true, cause });
  }
}
