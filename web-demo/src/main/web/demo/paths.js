/**
 * The words and signs of the paths, from the best to the last resort. A path is never told by its colour alone:
 * each has a word, and a line of its own kind.
 *
 * @typedef {'direct' | 'relayed' | 'data-channel' | 'websocket' | 'sse' | 'long-poll' | 'poll'} PathKind
 * @typedef {{ word: string, says: string }} PathWords
 */

/** @type {ReadonlyMap<string, PathWords>} */
export const PATHS = new Map([
  [
    'direct',
    { word: 'direct', says: 'Straight from browser to browser: no server carries the messages.' },
  ],
  [
    'relayed',
    {
      word: 'relayed',
      says: 'Through a relay that passes on sealed packets and cannot read them.',
    },
  ],
  [
    'data-channel',
    {
      word: 'data channel',
      says: 'Through the server, which is a WebRTC peer itself: over UDP.',
    },
  ],
  [
    'websocket',
    {
      word: 'WebSocket',
      says: 'Through the server, over one connection that stays open both ways.',
    },
  ],
  [
    'sse',
    {
      word: 'SSE',
      says: 'Through the server: one long answer brings what is new, and requests take away what is said.',
    },
  ],
  [
    'long-poll',
    {
      word: 'long poll',
      says: 'Through the server: each request waits until there is something to tell.',
    },
  ],
  [
    'poll',
    {
      word: 'poll',
      says: 'Through the server: the page asks a few times a second. Slow, but it passes nearly anywhere.',
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
