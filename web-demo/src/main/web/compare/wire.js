/** What is on the wire, as far as a page can count it: above TCP and TLS. Pure. */

/** @typedef {Record<string, string>} Headers of a request */

/** What browsers accept where a page does not say. */
const ANYTHING = '*/*';

/**
 * The head of an answer as HTTP/1.1 writes it.
 *
 * @param {{ status: number, statusText: string, headers: Iterable<[string, string]> }} answer
 * @returns {number} bytes
 */
export function headBytes({ status, statusText, headers }) {
  let bytes = `HTTP/1.1 ${status} ${statusText}\r\n\r\n`.length;
  for (const [name, value] of headers) bytes += headerBytes(name, value);
  return bytes;
}

/**
 * The head of a request as HTTP/1.1 writes it, without what the browser adds.
 *
 * @param {string} url
 * @param {Headers} headers the page's own; an `Accept` stands in the place of the browser's
 * @returns {number} bytes
 */
export function requestBytes(url, headers) {
  const { pathname, search } = new URL(url);
  let bytes = `GET ${pathname}${search} HTTP/1.1\r\n\r\n`.length;
  for (const [name, value] of Object.entries(headers))
    bytes += name === 'Accept' ? value.length - ANYTHING.length : headerBytes(name, value);
  return bytes;
}

/**
 * @param {string} name
 * @param {string} value
 */
function headerBytes(name, value) {
  return name.length + value.length + ': \r\n'.length;
}

/**
 * A text frame from the server (RFC 6455 §5.2): no mask.
 *
 * @param {string} text
 * @returns {number} bytes
 */
export function frameBytes(text) {
  const { length } = new TextEncoder().encode(text);
  if (length < 126) return length + 2;
  return length + (length < 65_536 ? 4 : 10);
}

/**
 * What HTTP/1.1 puts around a piece of a body without a length (RFC 9112 §7.1).
 *
 * @param {number} length of the piece
 * @returns {number} bytes, the piece included
 */
export function chunkBytes(length) {
  return length.toString(16).length + 4 + length;
}

/**
 * Takes a stream of server-sent events apart.
 *
 * @typedef {{ type: string, id: string | null, data: string }} ServerEvent `id`: null for none
 */
export class EventParser {
  #rest = '';

  /**
   * @param {string} text what came, of any length
   * @returns {ServerEvent[]} the events that it completes
   */
  push(text) {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    return blocks.map(parse).filter((event) => event !== null);
  }
}

/**
 * @param {string} block
 * @returns {ServerEvent | null} null for one without data: a heartbeat
 */
function parse(block) {
  let type = 'message';
  /** @type {string | null} */
  let id = null;
  /** @type {string[]} */
  const data = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    const value = line.slice(colon + 1).replace(/^ /, '');
    const field = line.slice(0, colon);
    if (field === 'data') data.push(value);
    else if (field === 'event') type = value;
    else if (field === 'id') id = value;
  }
  return data.length ? { type, id, data: data.join('\n') } : null;
}
