/** @typedef {import('./ladder.js').Rung} Rung */

/** What worked is remembered for so long. */
const KEPT_MS = 3_600_000;

/**
 * What worked last, by server and kind of network, where there is a place to keep it.
 * @param {string} base the server's address
 * @param {Pick<Storage, 'getItem' | 'setItem'> | undefined} [storage]
 * @returns {{get: () => Rung | null, set: (rung: Rung) => void}}
 */
export function remember(base, storage = local()) {
  const network = /** @type {any} */ (globalThis.navigator)?.connection?.type ?? '';
  const key = `peerline:carrier:${base}:${network}`;
  return {
    get() {
      try {
        const { rung, at } = JSON.parse(storage?.getItem(key) ?? '{}');
        const age = Date.now() - at;
        return age >= 0 && age < KEPT_MS ? rung : null;
      } catch {
        return null; // not ours
      }
    },
    set(rung) {
      try {
        storage?.setItem(key, JSON.stringify({ rung, at: Date.now() }));
      } catch {
        // full, or forbidden
      }
    },
  };
}

function local() {
  try {
    return 'document' in globalThis ? globalThis.localStorage : undefined;
  } catch {
    return undefined; // forbidden
  }
}
