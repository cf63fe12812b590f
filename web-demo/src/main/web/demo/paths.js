/**
 * The words and signs of the paths, from the best to the last resort. A path is never told by its colour alone:
 * each has a word, and a line of its own kind.
 *
 * @typedef {'direct' | 'relayed' | 'websocket' | 'sse' | 'long-poll' | 'poll'} PathKind
 * @typedef {{ word: string, says: string }} PathWords
 */

/** @type {ReadonlyMap<string, PathWords>} */
export const PATHS = new Map([
  [
    'direct',
    { word: 'direct', says: 'Browser to browser: no server sees or carries the messages.' },
  ],
  ['relayed', { word: 'relayed', says: 'Through the TURN relay, still encrypted end to end.' }],
  ['websocket', { word: 'WebSocket', says: 'Through the server, over one open connection.' }],
  ['sse', { word: 'SSE', says: 'Through the server: a stream of events down, requests up.' }],
  [
    'long-poll',
    { word: 'long poll', says: 'Through the server: requests that wait for an answer.' },
  ],
  [
    'poll',
    {
      word: 'poll',
      says: 'Through the server: a request now and then. Slow, but it passes anywhere.',
    },
  ],
]);

/** What is shown while nothing is known yet. @type {PathWords} */
const UNKNOWN = { word: 'no path yet', says: 'Looking for a way.' };

/**
 * @param {string} kind
 * @returns {PathWords}
 */
export function pathWords(kind) {
  return PATHS.get(kind) ?? UNKNOWN;
}

/**
 * The kind as it may stand in a `data-path` attribute.
 *
 * @param {string} kind
 * @returns {string}
 */
export function pathKey(kind) {
  return PATHS.has(kind) ? kind : 'none';
}
