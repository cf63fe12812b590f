import { faults } from '/sdk/faults.js';
import { pause } from '../lane.js';
import { enter, STATS_MS } from './enter.js';
import { WatchedConnections } from './watched.js';

/**
 * @typedef {import('../lane.js').Lane} Lane
 * @typedef {import('../lane.js').Carry} Carry
 */

/**
 * Two peers in this page, in a room of the server, and the data channel between them. There is no cursor: the SDK numbers and
 * sends again. It stays while the page is cut: what vanishes is packets.
 */
export class TwoPeers {
  #connections = new WatchedConnections();
  /** @type {import('/sdk/room.js').Room | null} */
  #sender = null;
  /** @type {((cut: boolean) => void)[]} */
  #cutters = [];
  #place;

  /**
   * @param {{ base: string, room: string, token: string | null }} place
   */
  constructor(place) {
    this.#place = place;
  }

  /** @param {{ n: number }} message @returns {boolean} whether there is somebody to send it to */
  send(message) {
    if (!this.#sender?.peers.size) return false;
    this.#sender.send(message).catch(() => {}); // it ends with the room, and that is told there
    return true;
  }

  /** @type {Carry} */
  carry = async (lane, signal) => {
    lane.tally.up = Number.NaN; // both ends are here: what one sends the other takes in
    const rooms = await Promise.all(
      ['publisher', 'reader'].map((name) => enter(this.#place, { name })),
    );
    const [sender, reader] = /** @type {[any, any]} */ (rooms);
    try {
      this.#cutters = rooms.map((room) => faults(/** @type {any} */ (room)).everything);
      reader.addEventListener('message', (/** @type {any} */ event) => lane.numbered(event.data.n));
      this.#sender = sender;
      while (!signal.aborted) {
        const path = [...sender.peers.values()][0]?.path.kind;
        if (path && lane.state === 'connecting') lane.opened();
        lane.path = path ?? '';
        lane.counted((await this.#connections.taken()).received);
        await pause(STATS_MS, signal);
      }
    } finally {
      this.#sender = null;
      this.#cutters = [];
      this.#connections.forget();
      await Promise.all(rooms.map((room) => room.leave()));
    }
  };

  /** Packets vanish, both ways and on every path. @param {boolean} gone */
  block(gone) {
    for (const cut of this.#cutters) cut(gone);
  }
}
