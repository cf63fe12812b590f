import { PeerlineError } from './errors.js';
import { base64url, fromBase64url } from './link/wire.js';

/**
 * @typedef {object} Identity the secret that makes a peer's id in one room, and which life of it this is
 * @property {Uint8Array} key 32 random bytes
 * @property {number} incarnation
 * @property {(alive: boolean) => void} keep tells the store whether this page still uses the key: one that is left does not
 * @property {() => void} release this page is done with the key
 */

/**
 * The identity of this tab in a room: a stored one, unless another tab that is alive has it (a duplicated tab copies the
 * store), else a new one.
 * @param {string} name of the room, with its server
 * @param {import('./types.js').JoinOptions['identity']} [given]
 * @returns {Promise<Identity>}
 */
export async function identify(name, given) {
  if (given) return givenIdentity(given);
  const store = sessionStore();
  const stored = read(store, name);
  let key = stored?.key;
  /** @type {import('./siblings.js').Siblings | undefined} */
  let siblings;
  const asking = store && globalThis.BroadcastChannel && import('./siblings.js');
  if (asking && stored) {
    siblings = new (await asking).Siblings(name);
    if (await siblings.has(stored.key, stored.released)) key = undefined;
  }
  const own = key ?? base64url(crypto.getRandomValues(new Uint8Array(32)));
  let released = false;
  const hold = (/** @type {typeof import('./siblings.js')} */ { Siblings }) => {
    if (released) return;
    siblings ??= new Siblings(name);
    siblings.hold(own);
  };
  if (asking) asking.then(hold, () => {}); // without it nobody is told that this key is alive
  const incarnation = Math.max((stored?.incarnation ?? 0) + 1, Date.now());
  /** @param {boolean} alive */
  const keep = (alive) => write(store, name, { key: own, incarnation, released: !alive });
  const release = () => {
    released = true;
    keep(false);
    siblings?.close();
  };
  keep(true);
  return { key: fromBase64url(own), incarnation, keep, release };
}

/** @param {NonNullable<import('./types.js').JoinOptions['identity']>} given @returns {Identity} */
function givenIdentity(given) {
  const { key, incarnation = Date.now() } = given instanceof Uint8Array ? { key: given } : given;
  if (!(key instanceof Uint8Array) || key.length !== 32) {
    throw new PeerlineError('BAD_ARGUMENT', 'identity: a key has 32 bytes');
  }
  return { key, incarnation, keep() {}, release() {} };
}

function sessionStore() {
  try {
    return globalThis.sessionStorage;
  } catch {
    return undefined; // a sandboxed frame may not even ask
  }
}

/** @param {Storage | undefined} store @param {string} name */
function read(store, name) {
  try {
    const { key, incarnation, released } = JSON.parse(store?.getItem(name) ?? '{}');
    if (fromBase64url(key).length === 32 && incarnation >= 0) return { key, incarnation, released };
  } catch {
    // not ours, or damaged
  }
  return undefined;
}

/** @param {Storage | undefined} store @param {string} name @param {object} value */
function write(store, name, value) {
  try {
    store?.setItem(name, JSON.stringify(value));
  } catch {
    // full, or forbidden: the identity lasts as long as the page
  }
}
