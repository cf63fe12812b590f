/**
 * Cuts paths of a room for real, for tests and demonstrations: what would pass is discarded in both directions, without a
 * close event, and nothing is told to those who have to notice.
 *
 * @param {import('./room.js').Room} room
 */
export function faults({ driver }) {
  return {
    /** Discards all that data channels carry. @param {boolean} cut */
    direct(cut) {
      driver.faults.direct = cut;
    },
    /** Discards all that WebSockets carry, and keeps new ones from opening. @param {boolean} cut */
    websocket(cut) {
      driver.faults.websocket = cut;
      // An opening that was discarded never comes: as with a network that is back, it is tried again.
      if (!cut) driver.uplink.wake();
    },
  };
}
