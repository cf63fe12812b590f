import { faults } from '/sdk/faults.js';
import { pause } from '../lane.js';
import { enter, STATS_MS } from './enter.js';
import { WatchedConnections } from './watched.js';

/**
 * @typedef {import('../lane.js').Lane} Lane
 * @typedef {import('../lane.js').Carry} Carry
 */

/** The topic over a data channel to the server, and nothing else: a session that has no other carrier. It goes on by its cursor. */
export class ServerPeer {
  #connections = new WatchedConnections();
  #place;

  /**
   * @param {{ base: string, topic: string, token: string | null, room: string }} place
   */
  constructor(place) {
    this.#place = place;
  }

  /** @type {Carry} */
  carry = async (lane, signal) => {
    lane.asked(0); // for the channel, and never again
    const room = await enter(this.#place, { name: 'reader', paths: ['data-channel'], signal });
    const topic = room.topic(this.#place.topic, { after: lane.cursor });
    const ended = new Promise((_, reject) => {
      room.addEventListener('state', (/** @type {any} */ { detail }) => {
        if (detail.state === 'closed') reject(detail.reason);
      });
      topic.addEventListener('error', (/** @type {any} */ { detail }) => {
        if (!detail.retriable) reject(detail);
      });
    });
    ended.catch(() => {}); // where the signal ends it
    topic.addEventListener('message', (/** @type {any} */ { id: cursor, data }) => {
      lane.cursor = cursor;
      lane.numbered(data.n);
    });
    topic.addEventListener('gap', (/** @type {any} */ { detail }) => lane.gap(detail));
    lane.path = 'data channel';
    lane.opened();
    try {
      while (!signal.aborted) {
        await Promise.race([pause(STATS_MS, signal), ended]);
        const { received, sent } = await this.#connections.taken();
        lane.counted(received, sent);
      }
    } finally {
      this.#connections.forget();
      // As if the line was cut: what is said last would only be waited for.
      faults(room).dataChannel(true);
      void room.leave();
    }
  };
}
