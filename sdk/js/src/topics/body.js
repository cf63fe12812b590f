import { decodeData, encodeData } from '../data.js';

const fatal = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const BINARY = 'application/octet-stream';
const TYPES = ['text/plain;charset=utf-8', BINARY, 'application/json'];
const JSON_TYPE = /^application\/([\w.+-]+\+)?json\b/i;

/** @param {import('../types.js').Data} data @returns {Promise<{mediaType: string, body: Uint8Array}>} */
export async function encodeBody(data) {
  if (data instanceof Blob) {
    return { mediaType: data.type || BINARY, body: new Uint8Array(await data.arrayBuffer()) };
  }
  const { type, payload } = encodeData(data);
  return { mediaType: TYPES[type], body: payload };
}

/** JSON as its value, other text as a string; what is neither, or called bytes, as it is. @param {string} mediaType @param {Uint8Array} body @returns {any} */
export function decodeBody(mediaType, body) {
  if (mediaType === BINARY) return body;
  if (JSON_TYPE.test(mediaType)) {
    try {
      return decodeData(2, body);
    } catch {
      // it says so and is none
    }
  }
  try {
    return fatal.decode(body);
  } catch {
    return body;
  }
}
