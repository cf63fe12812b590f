import { PeerlineError } from './errors.js';
import { base64url } from './link/wire.js';

/** @typedef {'data-channel' | 'websocket' | 'sse' | 'long-poll' | 'poll'} Carried */

/**
 * Has the server take the network away from this peer's own carriers, where it runs with `--demo-faults`: those that are there
 * neither read nor write, new ones get no answer. From now on these kinds and no others.
 *
 * @param {import('./room.js').Room} room
 * @param {string} base the server's address
 * @param {Carried[]} block none: all are well again
 * @param {number} seconds for so long, 1 to 60
 * @returns {Promise<void>} rejects with a {@link PeerlineError}
 */
export async function demoFaults({ driver }, base, block, seconds) {
  const response = await fetch(`${base}/v1/demo-faults`, {
    method: 'POST',
    cache: 'no-store',
    credentials: 'omit',
    headers: { 'Content-Type': 'application/json', 'Peerline-Hello': base64url(proof(driver)) },
    body: JSON.stringify({ block, seconds }),
  }).catch((cause) => {
    throw new PeerlineError('UNREACHABLE', 'The server does not answer', { cause });
  });
  if (response.ok) return;
  const { code = 'INTERNAL', detail = `${response.status}` } = await response
    .json()
    .catch(() => ({}));
  throw new PeerlineError(code, detail);
}

/** The packet that proves whose carriers are meant: that of a carrier that is never opened. @param {import('./driver.js').Driver} driver */
function proof({ session, now }) {
  const way = session.open(now(), { kind: 'poll' });
  const packet = session.greet(now(), way);
  session.closed(way);
  return packet;
}
