/**
 * Every number that the page shows, for programs: `window.peerlineDemo.stats`.
 *
 * @typedef {import('./stats.js').Counts} Counts
 *
 * @typedef {object} PeerReport counts as in {@link Counts}, and
 * @property {string} id
 * @property {string} name
 * @property {'here' | 'away' | 'gone'} state
 * @property {string} path the kind, e.g. `direct`
 * @property {number} rttMs the SDK's measure of the path
 * @property {number | null} roundTripMs the median of the last minute, as plotted: a message there and one back
 * @property {number} longestSilenceMs between two messages of its stream, the present or the last one
 * @property {number} moves changes of path
 * @property {import('./history.js').Move | null} lastMove
 * @property {number | null} directAfterMs from meeting the peer to the direct path
 *
 * @typedef {object} Report
 * @property {string} room
 * @property {string} state
 * @property {string | null} reason why it is closed, or waits: the error's code and words
 * @property {{ id: string, name: string }} me
 * @property {number | null} joinMs from the call of `join` to an open room
 * @property {number | null} firstReceiptMs how long the first message took until it was confirmed
 * @property {Counts} totals over all peers, those that have left included
 * @property {number} longestSilenceMs the longest of all peers
 * @property {number} gaps that the SDK reported
 * @property {number} inFlight sent and not yet confirmed
 * @property {boolean} streaming
 * @property {number} perSecond
 * @property {string[]} blocked the paths that this page blocks
 * @property {number} chatLines shown
 * @property {(Counts & PeerReport)[]} peers
 */

/**
 * @param {import('./conversation.js').Conversation} conversation
 * @param {{ blocked: Iterable<string>, chatLines: number, now: number }} page
 * @returns {Report}
 */
export function report(conversation, { blocked, chatLines, now }) {
  const { room, outbox, stream, joinMs, gaps } = conversation;
  const peers = [...conversation.companions.values()].map((companion) =>
    peerReport(companion, now),
  );
  return {
    room: room.id,
    state: room.state,
    reason: room.reason && `${room.reason.code}: ${room.reason.message}`,
    me: { id: room.me.id, name: conversation.name },
    joinMs,
    firstReceiptMs: outbox.firstReceiptMs,
    totals: conversation.totals(),
    longestSilenceMs: Math.max(0, ...peers.map(({ longestSilenceMs }) => longestSilenceMs)),
    gaps,
    inFlight: outbox.inFlight,
    streaming: stream.on,
    perSecond: stream.perSecond,
    blocked: [...blocked],
    chatLines,
    peers,
  };
}

/**
 * @param {import('./companion.js').Companion} companion
 * @param {number} now
 * @returns {Counts & PeerReport}
 */
function peerReport(companion, now) {
  const { id, name, peer, kind, rttMs, tally, history, moves, directAfterMs } = companion;
  const sorted = history.samples.map(({ ms }) => ms).sort((a, b) => a - b);
  return {
    id,
    name,
    state: peer.state,
    path: kind,
    rttMs,
    roundTripMs: sorted[sorted.length >> 1] ?? null,
    ...tally.counts(),
    longestSilenceMs: tally.silence.longest(now),
    moves,
    lastMove: history.moves.at(-1) ?? null,
    directAfterMs,
  };
}
