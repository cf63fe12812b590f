import { join } from '/sdk/peerline.js';

const KEY_BYTES = 32;

/** How often the bytes of a data channel are looked up, in ms. */
export const STATS_MS = 1_000;

/**
 * Comes into the page's room as somebody new.
 *
 * @param {{ base: string, room: string, token: string | null }} place
 * @param {import('/sdk/peerline.js').JoinOptions} options
 */
export function enter({ base, room, token }, options) {
  return join(`${base}/${room}`, {
    ...(token ? { token } : {}),
    identity: crypto.getRandomValues(new Uint8Array(KEY_BYTES)),
    ...options,
  });
}
