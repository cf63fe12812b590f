/**
 * @file What peers tell each other to find a direct path (docs/protocol.md, section 4). The session carries it unread.
 *
 * @typedef {object} Signal
 * @property {number} connection
 * @property {'description' | 'candidate' | 'decline'} kind
 * @property {string} [descriptionType]
 * @property {string} [sdp]
 * @property {string} [candidate]
 * @property {string} [sdpMid]
 * @property {number} [sdpMLineIndex]
 * @property {string} [usernameFragment]
 * @property {string} [reason]
 */

import { BadFrame, numberField, Reader, textField, Writer } from './wire.js';

const KINDS = /** @type {const} */ (['', 'description', 'candidate', 'decline']);
/** By tag, from 1. */
const FIELDS = /** @type {const} */ ([
  'connection',
  'kind',
  'descriptionType',
  'sdp',
  'candidate',
  'sdpMid',
  'sdpMLineIndex',
  'usernameFragment',
  'reason',
]);
const NUMBERS = ['connection', 'kind', 'sdpMLineIndex'];

/** @param {Signal} signal */
export function encodeSignal(signal) {
  const values = { ...signal, kind: KINDS.indexOf(signal.kind) };
  return new Writer().fields(FIELDS.map((name, i) => [i + 1, values[name]])).take();
}

/** @param {Uint8Array} bytes @returns {Signal | null} null: malformed */
export function decodeSignal(bytes) {
  try {
    const body = new Reader(bytes);
    const fields = body.fields();
    body.end();
    /** @type {any} */
    const signal = {};
    FIELDS.forEach((name, i) => {
      signal[name] = (NUMBERS.includes(name) ? numberField : textField)(fields, i + 1);
    });
    const kind = KINDS[signal.kind ?? 0];
    return kind ? { ...signal, connection: signal.connection ?? 0, kind } : null;
  } catch (error) {
    if (error instanceof BadFrame) return null;
    throw error;
  }
}
