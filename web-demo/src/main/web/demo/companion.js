import { History } from './history.js';
import { Tally } from './stats.js';
import { cleanName } from './text.js';

/** @typedef {import('./room-types.js').RoomPeer} RoomPeer */

/** One other in the room, and all that this page knows of it. */
export class Companion {
  name;
  tally = new Tally();
  history = new History();
  /** On the page's clock, in ms: when the page learned of it. */
  metAt;
  /** From then until the direct path was first used, in ms. @type {number | null} */
  directAfterMs = null;
  moves = 0;
  gone = false;

  /**
   * @param {RoomPeer} peer
   * @param {number} now
   */
  constructor(peer, now) {
    this.peer = peer;
    this.metAt = now;
    this.name = cleanName(peer.name) || 'Somebody';
  }

  /** It has come in, for the first time or again. @param {number} now */
  returned(now) {
    this.gone = false;
    this.metAt = now;
    this.directAfterMs = this.kind === 'direct' ? 0 : null;
    this.history.on(now, this.kind);
  }

  left() {
    this.gone = true;
    this.tally.silence.end();
  }

  get id() {
    return this.peer.id;
  }

  get kind() {
    return this.peer.path.kind;
  }

  /** The SDK's measure, in ms; NaN or 0 while there is none. */
  get rttMs() {
    return this.peer.path.rttMs;
  }

  /**
   * @param {{ from: string, to: string, reason?: unknown, stalledMs?: number, moved?: number }} change
   * @param {number} now
   */
  moved({ from, to, reason, stalledMs = 0, moved = 0 }, now) {
    this.moves++;
    if (to === 'direct') this.directAfterMs ??= now - this.metAt;
    this.history.moved({ at: now, from, to, reason: reasonText(reason), stalledMs, moved });
  }
}

/** @param {unknown} reason a sentence, a code, or an object that has them */
function reasonText(reason) {
  if (typeof reason === 'string') return reason;
  const { message, code } = /** @type {{ message?: string, code?: string }} */ (reason ?? {});
  return message ?? code ?? '';
}
