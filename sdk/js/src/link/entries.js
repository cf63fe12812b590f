/**
 * @file What stands in a mailbox, from bytes (docs/protocol.md, section 2) to values. Knows nothing of what stood there before.
 *
 * @typedef {import('./wire.js').Member} Member
 * @typedef {'none' | 'data-channel' | 'websocket' | 'sse' | 'long-poll' | 'poll'} Kind what a session's way down runs on
 * @typedef {Member & {state: 'here' | 'away', carrier: Kind, name: string}} PeerInfo
 * @typedef {{type: 'envelope', from: Member, to: number, frames: Uint8Array}
 *   | {type: 'signal', from: Member, to: number, fields: Uint8Array}
 *   | {type: 'roster', peers: PeerInfo[]}
 *   | {type: 'presence', change: 'joined' | 'away' | 'back' | 'left' | 'carrier', peer: PeerInfo}} Entry
 */

import { KINDS } from '../kinds.js';

const PRESENCE = /** @type {const} */ (['', 'joined', 'away', 'back', 'left', 'carrier']);

/**
 * @param {number} kind
 * @param {import('./wire.js').Reader} body throws a `BadFrame` where there is more or less than it should be
 * @returns {Entry | null} null: of a later version; its offset counts, its content does not
 */
export function readEntry(kind, body) {
  /** @type {Entry | null} */
  let entry = null;
  if (kind === 1)
    entry = { type: 'envelope', from: body.member(), to: body.varint(), frames: body.rest() };
  else if (kind === 2)
    entry = { type: 'signal', from: body.member(), to: body.varint(), fields: body.rest() };
  else if (kind === 3) {
    const peers = [];
    for (let count = body.varint(); count > 0; count--) peers.push(peer(body));
    entry = { type: 'roster', peers };
  } else if (kind === 4) {
    const change = PRESENCE[body.varint()];
    const info = peer(body);
    if (change) entry = { type: 'presence', change, peer: info };
  } else return null;
  body.end();
  return entry;
}

/** @param {import('./wire.js').Reader} body @returns {PeerInfo} */
function peer(body) {
  const member = body.member();
  const state = body.varint() === 2 ? 'away' : 'here';
  const carrier = /** @type {Kind} */ (KINDS[body.varint() || -1] ?? 'none');
  return { ...member, state, carrier, name: body.text() };
}
