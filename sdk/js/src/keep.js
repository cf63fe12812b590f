import { openHttp, sayLast } from './carriers/http.js';
import { openLater } from './carriers/later.js';
import { remember } from './carriers/memory.js';
import { PeerlineError } from './errors.js';
import { Uplink } from './uplink.js';

/** @typedef {import('./carriers/ladder.js').Rung} Rung */
/** @typedef {import('./carriers/http.js').HttpRung} HttpRung */

/**
 * What takes the place of the first WebSocket: all carriers, and the ladder between them.
 * @param {import('./driver.js').Driver} driver
 * @param {ConstructorParameters<typeof import('./driver.js').Driver>[0]} options
 * @param {import('./first.js').First} first
 * @param {(events: import('./types.js').CarrierEvents) => import('./types.js').Carrier} websocket
 * @param {(error: import('./errors.js').PeerlineError) => void} failed
 */
export function keep(driver, { url, rungs, fetch, base }, first, websocket, failed) {
  const { session, now: clock, changed, faults } = driver;
  const send = /** @type {typeof globalThis.fetch} */ (fetch).bind(globalThis);
  const net = { url: url.replace(/^ws/, 'http'), fetch: send, faults };
  const uplink = new Uplink({
    session,
    rungs: /** @type {Rung[]} */ (rungs.filter(possible)),
    clock,
    random: Math.random,
    websocket,
    dataChannel: (events) =>
      openLater(
        import('./carriers/data-channel.js').then(
          ({ openDataChannel }) =>
            () =>
              openDataChannel(net, events),
        ),
        events,
      ),
    http: (rung, events) => openHttp(rung, net, events),
    changed,
    failed,
    moved: (reason, moved, stalledMs) => driver.carried(null, reason, moved, stalledMs),
    farewell: (rung, packet) => sayLast(/** @type {HttpRung} */ (rung), net, packet),
    memory: remember(base),
  });
  if (!rungs.some(possible)) {
    failed(new PeerlineError('UNSUPPORTED', 'There is no RTCPeerConnection here'));
  }
  uplink.start(first);
  return uplink;
}

/** Whether this platform has it. @param {string} rung */
function possible(rung) {
  return rung !== 'data-channel' || typeof RTCPeerConnection === 'function';
}
