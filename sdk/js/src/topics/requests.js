import { PeerlineError } from '../errors.js';

/** Waits between attempts: full jitter below this, doubled each time. */
const FIRST_WAIT_MS = 250;
const MAX_WAIT_MS = 30_000;
const SECOND_MS = 1_000;
/** A POST without an answer is given up after this. */
const ANSWER_MS = 30_000;
const FINAL = ['BAD_TOPIC', 'BAD_CURSOR', 'BAD_REQUEST', 'FORBIDDEN_SCOPE'];

/** Requests about the topics of one server: their URL, token, errors and second attempts. */
export class TopicRequests {
  #base;
  #fetch;
  #ask;
  /** @type {string | undefined} */
  #token;

  /** @param {string | URL} url @param {import('../types.js').TopicsOptions} [options] */
  constructor(url, { token, fetch = globalThis.fetch } = {}) {
    const base = new URL(url, globalThis.location?.href);
    this.#base = `${base.origin}${base.pathname.replace(/\/?$/, '/')}v1/topics/`;
    this.#fetch = fetch.bind(globalThis);
    this.#ask = typeof token === 'function' ? token : undefined;
    this.#token = typeof token === 'string' ? token : undefined;
  }

  /**
   * @param {string} name @param {string} query @param {RequestInit} init
   * @returns {Promise<Response>} of any status below 400; throws a PeerlineError for all else
   */
  async send(name, query, init) {
    const first = await this.#once(name, query, init);
    if (first.ok) return first;
    const error = await problemOf(first);
    const stale = error.code === 'UNAUTHORIZED' || error.code === 'TOKEN_EXPIRED';
    if (!stale || !this.#ask) throw error;
    this.#token = undefined;
    const second = await this.#once(name, query, init);
    if (second.ok) return second;
    throw await problemOf(second);
  }

  /** Whether another token may mend it. @param {PeerlineError} error */
  mends({ code }) {
    return this.#ask !== undefined && code === 'TOKEN_EXPIRED';
  }

  /** The next request asks for another token. */
  forgetToken() {
    if (this.#ask) this.#token = undefined;
  }

  /** @param {string} name @param {string} query @param {RequestInit} init */
  async #once(name, query, init) {
    if (this.#ask) this.#token ??= await this.#renewed(this.#ask);
    const headers = new Headers(init.headers);
    if (this.#token) headers.set('Authorization', `Bearer ${this.#token}`);
    const address = `${this.#base}${encodeURIComponent(name)}${query}`;
    try {
      return await this.#fetch(address, { ...init, headers, cache: 'no-store' });
    } catch (cause) {
      throw new PeerlineError('UNREACHABLE', 'The server did not answer', {
        retriable: true,
        cause,
      });
    }
  }

  /** @param {() => string | Promise<string>} ask */
  async #renewed(ask) {
    try {
      return String(await ask());
    } catch (cause) {
      const message = 'token: the function that gives one failed';
      throw new PeerlineError('UNAUTHORIZED', message, { retriable: true, cause });
    }
  }

  /** @param {string} name @param {string} mediaType @param {string} key @param {Uint8Array} body @returns {Promise<{id: string}>} */
  async publish(name, mediaType, key, body) {
    /** @type {Record<string, string>} */
    const headers = { 'Content-Type': mediaType };
    if (key) headers['Idempotency-Key'] = key;
    for (let attempt = 0; ; attempt++) {
      try {
        const signal = AbortSignal.timeout(ANSWER_MS);
        const init = { method: 'POST', headers, signal, body: /** @type {BodyInit} */ (body) };
        return await (await this.send(name, '', init)).json();
      } catch (error) {
        // Without a key nobody knows whether it would be published twice.
        if (!key || !(error instanceof PeerlineError) || !error.retriable) throw error;
        await waitMs(waitOf(attempt, error));
      }
    }
  }
}

/** How long to wait after some failures. @param {number} attempt from 0 @param {PeerlineError} [error] */
export function waitOf(attempt, error) {
  const least = Number(/** @type {any} */ (error?.cause)?.retryAfterMs) || 0;
  return least + Math.random() * Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt, 10));
}

/** @param {number} ms @param {AbortSignal} [signal] ends it early */
export function waitMs(ms, signal) {
  return new Promise((/** @type {(value: void) => void} */ resolve) => {
    if (signal?.aborted) return resolve();
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** RFC 9457. @param {Response} response @returns {Promise<PeerlineError>} */
async function problemOf(response) {
  const { status } = response;
  const told = await response.json().catch(() => ({}));
  const retryAfterMs = Number(response.headers.get('retry-after')) * SECOND_MS;
  return problem({ status, ...told }, retryAfterMs);
}

/** @param {{status?: number, code?: string, detail?: string}} told @param {number} [retryAfterMs] */
export function problem({ status = 0, code = '', detail = '' }, retryAfterMs = 0) {
  const retriable = !FINAL.includes(code) && (status === 429 || status >= 500 || status === 0);
  const message = detail || `The server answered ${status}`;
  return new PeerlineError(code || 'UNREACHABLE', message, { retriable, cause: { retryAfterMs } });
}
