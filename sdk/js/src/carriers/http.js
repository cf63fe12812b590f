import { base64url } from '../link/wire.js';
import { Poller } from './poll.js';
import { openStream } from './sse.js';

/** @typedef {import('../types.js').Carrier} Carrier */
/** @typedef {'sse' | 'long-poll' | 'poll'} HttpRung */
/** @typedef {{url: string, fetch: typeof fetch, faults: Record<string, boolean>, EventSource?: typeof EventSource}} Net */
/**
 * @typedef {import('../types.js').CarrierEvents & {greet: () => Uint8Array, posted: (answer: Uint8Array | null) => void,
 *   seen: (code: string, text: string, afterMs?: number) => void}} HttpEvents
 *   `greet` makes the packet of a request for the way down; `seen` is told what others between did
 */

export const PACKET = 'application/vnd.peerline.packet';
/** A POST is tried so often, with the first wait between, doubled by each. */
const MAX_TRIES = 3;
const RETRY_MS = 100;
/** By status, the close code that a WebSocket would have had. */
const CODES = /** @type {Record<number, number>} */ ({
  400: 4400,
  401: 4401,
  403: 4403,
  409: 4000,
  413: 4413,
  429: 4429,
  503: 4001,
});

/** What both halves of a carrier over plain HTTP share. It is over when it was closed, or has told that it ended. */
export class Http {
  over = false;
  #abort = new AbortController();

  /** @param {import('./rungs.js').Rung} rung @param {Net} net @param {HttpEvents} events */
  constructor(rung, net, events) {
    this.rung = rung;
    this.net = net;
    this.events = events;
  }

  /** Whether a fault keeps everything from passing. */
  get cut() {
    return this.net.faults[this.rung];
  }

  /**
   * A request. Where it is cut it never ends.
   * @param {string} query @param {RequestInit & {headers: Record<string, string>}} init
   * @returns {Promise<Response | null>} null: no answer at all
   */
  async request(query, init) {
    if (this.cut) await new Promise(() => {});
    const { url, fetch } = this.net;
    /** @type {Response | null} */
    let response = null;
    try {
      const common = /** @type {const} */ ({ cache: 'no-store', credentials: 'omit' });
      const signal = init.keepalive ? null : this.#abort.signal;
      response = await fetch(url + query, { ...common, signal, ...init });
    } catch {
      // the network's own words differ by browser, and say nothing more
    }
    if (this.cut) await new Promise(() => {});
    return response;
  }

  /** Asks for the way down. @param {string} query @param {string} accept */
  ask(query, accept) {
    const hello = base64url(this.events.greet());
    return this.request(query, { headers: { Accept: accept, 'Peerline-Hello': hello } });
  }

  /** The body, or null if it broke off. @param {Response} response */
  async body(response) {
    const bytes = await response.arrayBuffer().catch(() => null);
    if (this.cut) await new Promise(() => {});
    return bytes && new Uint8Array(bytes);
  }

  /** The server refuses, or somebody else answers: it is over. @param {Response} response */
  async refused(response) {
    const { status } = response;
    if (!isOurs(response)) {
      this.foreign(response);
      return this.end(1006, `an answer of another kind, ${status}`);
    }
    const packet = await this.body(response);
    if (this.over) return;
    if (packet?.length) this.events.packet(packet);
    this.end(CODES[status] ?? 1011, `${status}`);
  }

  /** @param {Response} response */
  foreign({ status, headers }) {
    const type = headers.get('content-type') ?? 'no type';
    this.events.seen('PROXY_ANSWERS', `${status}, ${type}`);
  }

  /** @param {number} code @param {string} reason @param {'lost' | 'unreachable'} [how] */
  end(code, reason, how) {
    if (this.over) return;
    this.close();
    this.events.closed(code, reason, how);
  }

  close() {
    this.over = true;
    this.#abort.abort();
  }

  // The way up

  /** @param {Uint8Array} packet @param {boolean} [last] the page may be gone before the answer */
  async post(packet, last = false) {
    for (let tries = 1; !this.over; tries++) {
      const body = /** @type {Uint8Array<ArrayBuffer>} */ (packet);
      const headers = { 'Content-Type': PACKET };
      const response = await this.request('', { method: 'POST', body, headers, keepalive: last });
      const ours = response && isOurs(response);
      const answer = ours && (await this.body(response));
      if (this.over || last) return;
      if (answer && response.ok) return this.events.posted(answer);
      if (ours && answer) {
        this.events.packet(answer);
        return this.end(CODES[response.status] ?? 1011, `${response.status}`);
      }
      if (response && !ours) this.foreign(response);
      // It may have arrived: its numbers make a repetition harmless.
      if (tries === MAX_TRIES) return this.end(1006, 'POST', response ? 'lost' : 'unreachable');
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS * 2 ** (tries - 1)));
    }
  }
}

/** @param {Response} response */
export function isOurs({ headers }) {
  return headers.get('content-type')?.startsWith(PACKET) ?? false;
}

/** @param {HttpRung} rung @param {Net} net @param {HttpEvents} events @returns {Carrier} */
export function openHttp(rung, net, events) {
  const http = new Http(rung, net, events);
  const down = rung === 'sse' ? null : new Poller(http, rung === 'long-poll');
  const end = down ? () => {} : openStream(http);
  down?.run();
  return {
    bufferedAmount: 0, // one POST at a time: the session keeps the rest
    send(packet, last) {
      // A later request would be newer than the last word, and that would not count.
      if (last) down?.leave();
      else down?.wake();
      http.post(packet, last);
    },
    close() {
      end();
      http.close();
      down?.wake();
    },
    pause: (on) => down?.pause(on),
  };
}

/** What a page says last when its carrier has ended before it. @param {HttpRung} rung @param {Net} net @param {Uint8Array} packet */
export function sayLast(rung, net, packet) {
  const nobody = /** @type {HttpEvents} */ ({}); // listens to the answer
  new Http(rung, net, nobody).post(packet, true);
}
