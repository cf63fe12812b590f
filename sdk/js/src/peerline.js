/**
 * Messages between browsers and processes, exactly once and in order, over the best path there is.
 *
 * @typedef {import('./types.js').Data} Data
 * @typedef {import('./types.js').JoinOptions} JoinOptions
 * @typedef {import('./types.js').SendOptions} SendOptions
 * @typedef {import('./types.js').Receipt} Receipt
 * @typedef {import('./types.js').PathKind} PathKind
 * @typedef {import('./types.js').Path} Path
 * @typedef {import('./types.js').Stats} Stats
 * @typedef {import('./peer.js').Peer} Peer
 * @typedef {import('./channel.js').Channel} Channel
 * @typedef {import('./events.js').Message} Message
 */

import { aborted, PeerlineError } from './errors.js';
import { KINDS } from './kinds.js';
import { Room } from './room.js';

export { PeerlineError };

/** The version of this SDK. */
export const version = '0.1.0';

const ROOM = /^[A-Za-z0-9_-]{1,64}$/;
/** After so long without an answer the console says what join waits for. */
const PATIENCE_MS = 5_000;

/**
 * Joins a room. Resolves when the server has said who is there; tries until then, unless `signal` ends it or the server
 * refuses for good.
 *
 * @param {string | URL} url the last segment is the room, the rest the server: `https://host/lobby`; a bare room name is a
 *   room on the origin of the page. `#token=…`, as in an invite link, is the token unless `options` has one
 * @param {JoinOptions} [options]
 * @returns {Promise<Room>} rejects with a {@link PeerlineError}
 */
export async function join(url, options = {}) {
  const { name, token, signal, maxDirect = 8 } = options;
  const place = locate(String(url));
  const kinds = allowed(options.paths);
  const { WebSocket = globalThis.WebSocket, fetch = globalThis.fetch } = options;
  const rungs = carriers(kinds, WebSocket, fetch);
  const renew = typeof token === 'function' ? token : undefined;
  const [{ identify }, first] = await Promise.all([
    import('./identity.js'),
    typeof token === 'function' ? token() : (token ?? place.token),
  ]);
  const identity = await identify(`peerline:${place.base}${place.room}`, options.identity);
  if (signal?.aborted) {
    identity.release();
    throw aborted('attempt to join', signal);
  }
  return new Promise((resolve, reject) => {
    const warning = setTimeout(() => {
      console.warn(`peerline: still trying to reach ${place.base}: ${room.reason?.message}`);
    }, PATIENCE_MS);
    const abort = () => signal && room.driver.close(aborted('attempt to join', signal));
    const end = () => {
      clearTimeout(warning);
      signal?.removeEventListener('abort', abort);
    };
    const given = { WebSocket, fetch, kinds, rungs, maxDirect };
    const options = { ...place, ...given, identity, token: first, renew, name };
    const room = new Room(place.room, options, {
      opened: () => {
        end();
        resolve(room);
      },
      failed: (reason) => {
        end();
        reject(reason);
      },
    });
    signal?.addEventListener('abort', abort);
  });
}

/** @param {string} text */
function locate(text) {
  const address = ROOM.test(text) ? `/${text}` : text; // a bare name is no path beside the page's
  const url = parse(address);
  const [, path, room = ''] = /^(.*\/)([^/]+)\/?$/.exec(url?.pathname ?? '') ?? [];
  if (!url || !/^(http|ws)s?:$/.test(url.protocol) || !ROOM.test(room)) {
    throw new PeerlineError('BAD_ARGUMENT', `url: ${text} names no room`, {
      hint: 'https://host/room, or the room alone in a page; a room has 1 to 64 of A-Z a-z 0-9 _ -',
    });
  }
  const base = `${url.protocol.replace('http', 'ws')}//${url.host}${path}`;
  const token = new URLSearchParams(url.hash.slice(1)).get('token') ?? undefined;
  return { base, url: `${base}v1/link`, room, token };
}

/** @param {string} address */
function parse(address) {
  try {
    return new URL(address, globalThis.location?.href);
  } catch {
    return undefined;
  }
}

/** @param {PathKind[]} [paths] */
function allowed(paths = KINDS) {
  const other = paths.length ? paths.find((kind) => !KINDS.includes(kind)) : 'nothing';
  if (other) throw new PeerlineError('UNSUPPORTED', `paths: cannot be ${other}, but ${KINDS}`);
  return new Set(paths);
}

/** What the session may run on; where none of it is allowed, signalling alone. @param {Set<PathKind>} kinds @param {unknown} WebSocket @param {unknown} fetch */
function carriers(kinds, WebSocket, fetch) {
  const all = /** @type {import('./link/session.js').Kind[]} */ (KINDS.slice(2));
  const wanted = all.filter((kind) => kinds.has(/** @type {PathKind} */ (kind)));
  if (!wanted.length && typeof RTCPeerConnection !== 'function') {
    throw new PeerlineError('UNSUPPORTED', 'There is no RTCPeerConnection here');
  }
  const rungs = (wanted.length ? wanted : all).filter((kind) =>
    kind === 'websocket' ? WebSocket : fetch,
  );
  if (rungs.length) return rungs;
  throw new PeerlineError('UNSUPPORTED', 'There is no WebSocket here', {
    hint: 'Before Node 22: join(url, { WebSocket }) with that of the package ws',
  });
}
