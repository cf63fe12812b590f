import { PeerlineError } from './errors.js';
import { encode } from './link/wire.js';

const decoder = new TextDecoder();

/**
 * What the application sends, as a message's type (0 text, 1 binary, 2 JSON) and bytes. Bytes are copied: what the caller
 * does to its buffer later does not change the message.
 * @param {Exclude<import('./types.js').Data, Blob>} data
 * @returns {{type: 0 | 1 | 2, payload: Uint8Array}}
 */
export function encodeData(data) {
  if (typeof data === 'string') return { type: 0, payload: encode(data) };
  const view = data instanceof ArrayBuffer ? new DataView(data) : data;
  if (ArrayBuffer.isView(view)) {
    const { buffer, byteOffset, byteLength } = view;
    return { type: 1, payload: new Uint8Array(buffer, byteOffset, byteLength).slice() };
  }
  try {
    const json = JSON.stringify(data);
    if (json !== undefined) return { type: 2, payload: encode(json) };
  } catch (cause) {
    throw new PeerlineError('BAD_ARGUMENT', 'data: does not go into JSON', { cause });
  }
  throw new PeerlineError('BAD_ARGUMENT', `data: cannot send a ${typeof data}`);
}

/** @param {number} type @param {Uint8Array} payload @returns {any} throws on JSON that is none */
export function decodeData(type, payload) {
  if (type === 1) return payload;
  const text = decoder.decode(payload);
  return type === 2 ? JSON.parse(text) : text;
}
