/** @typedef {import('./types.js').PathKind} PathKind */

/** What is cut together. @type {Record<string, PathKind[]>} */
const GROUPS = {
  direct: ['direct'],
  dataChannel: ['data-channel'],
  websocket: ['websocket'],
  sse: ['sse'],
  longPoll: ['long-poll'],
  poll: ['poll'],
  streams: ['sse', 'long-poll'],
  everything: ['direct', 'data-channel', 'websocket', 'sse', 'long-poll', 'poll'],
};

/**
 * Cuts paths of a room for real, for tests and demonstrations: what would pass is discarded in both directions, without a
 * close event, new connections hang, and nothing is told to those who have to notice. `direct` is all that data channels between
 * peers carry, relayed or not; `dataChannel` is the one to the server; `streams` are SSE and long polls.
 *
 * @param {import('./room.js').Room} room
 */
export function faults({ driver }) {
  /** @param {string} group */
  const cutter = (group) => (/** @type {boolean} */ cut) => {
    for (const kind of GROUPS[group]) driver.faults[kind] = cut;
    // An opening that was discarded never comes: as with a network that is back, it is tried again.
    if (!cut && group !== 'direct') driver.uplink.wake();
  };
  return {
    direct: cutter('direct'),
    dataChannel: cutter('dataChannel'),
    websocket: cutter('websocket'),
    sse: cutter('sse'),
    longPoll: cutter('longPoll'),
    poll: cutter('poll'),
    streams: cutter('streams'),
    everything: cutter('everything'),
  };
}
