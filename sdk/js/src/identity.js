import { PeerlineError } from './errors.js';

/** How long a living tab may take to answer; it is likely there unless the page before this one said goodbye. */
const ASK_MS = 400;
const ASK_RELEASED_MS = 50;

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
  const nonce = Math.random();
  let asking = true;
  const channel = globalThis.BroadcastChannel && store && new BroadcastChannel(name);
  /** @type {() => void} */
  let taken = () => {};
  if (channel) {
    /** @type {{unref?: () => void}} */ (channel).unref?.();
    channel.onmessage = ({ data }) => {
      if (data.key !== key) return;
      // Of two that ask at once, the one with the higher number gives way.
      if (data.ask === undefined || (asking && data.ask < nonce)) taken();
      else channel.postMessage({ key });
    };
    if (key) {
      const ms = stored?.released ? ASK_RELEASED_MS : ASK_MS;
      const alive = await new Promise((resolve) => {
        taken = () => resolve(true);
        setTimeout(resolve, ms, false);
        channel.postMessage({ key, ask: nonce });
      });
      if (alive) key = undefined;
    }
  }
  asking = false;
  key ??= encode(crypto.getRandomValues(new Uint8Array(32)));
  const incarnation = Math.max((stored?.incarnation ?? 0) + 1, Date.now());
  /** @param {boolean} alive */
  const keep = (alive) => write(store, name, { key, incarnation, released: !alive });
  const release = () => {
    keep(false);
    channel?.close();
  };
  keep(true);
  return { key: decode(key), incarnation, keep, release };
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
    if (decode(key).length === 32 && incarnation >= 0) return { key, incarnation, released };
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

/** @param {Uint8Array} bytes */
function encode(bytes) {
  return btoa(String.fromCharCode(...bytes));
}

/** @param {string} text */
function decode(text) {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}
