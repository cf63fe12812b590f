/**
 * What the page says to its peers. All of it is JSON objects; what a peer sends is checked here and nowhere else.
 *
 * Everything sent to the whole room is numbered from 1 in each run of a page, so that a receiver can tell by
 * itself, without trusting the SDK that it measures, what was lost, doubled or out of order.
 *
 * @typedef {{ kind: 'chat', run: string, n: number, text: string }} Chat
 * @typedef {{ kind: 'tick', run: string, n: number, stream: number, last: boolean }} Tick one of a stream
 * @typedef {{ kind: 'name', run: string, n: number, name: string }} Rename
 * @typedef {{ kind: 'hello', run: string, next: number, name: string }} Hello to one peer: what it can expect
 * @typedef {{ kind: 'ping' | 'pong', i: number }} Ping to one peer
 * @typedef {Chat | Tick | Rename | Hello | Ping} Said
 */

import { cleanName, cleanText } from './text.js';

const MAX_RUN = 16;

/**
 * @param {unknown} data
 * @returns {Said | null} null for what is not of this page's making
 */
export function parse(data) {
  if (typeof data !== 'object' || data === null) return null;
  const { kind, run, n, text, stream, last, name, next, i } =
    /** @type {Record<string, unknown>} */ (data);
  if (kind === 'ping' || kind === 'pong') return isNumber(i) ? { kind, i } : null;
  if (!isRun(run)) return null;
  if (kind === 'hello') return isNumber(next) ? { kind, run, next, name: cleanName(name) } : null;
  if (!isNumber(n) || n < 1) return null;
  if (kind === 'chat') return { kind, run, n, text: cleanText(text) };
  if (kind === 'name') return { kind, run, n, name: cleanName(name) };
  if (kind === 'tick')
    return isNumber(stream) ? { kind, run, n, stream, last: last === true } : null;
  return null;
}

/**
 * @param {unknown} value
 * @returns {value is number}
 */
function isNumber(value) {
  return Number.isSafeInteger(value) && /** @type {number} */ (value) >= 0;
}

/**
 * @param {unknown} value
 * @returns {value is string}
 */
function isRun(value) {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_RUN;
}
