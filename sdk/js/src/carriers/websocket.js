/** @typedef {import('../types.js').Carrier} Carrier */
/** @typedef {import('../types.js').CarrierEvents} CarrierEvents */

/**
 * One WebSocket as a carrier: binary messages are packets. Nothing is told of it after `close()`.
 * @param {string} url `ws:` or `wss:`
 * @param {typeof globalThis.WebSocket} WebSocket
 * @param {import('../types.js').Faults} faults
 * @param {CarrierEvents} events
 * @returns {Carrier}
 */
export function openWebSocket(url, WebSocket, faults, events) {
  const socket = new WebSocket(url, 'peerline.1');
  let ended = false;
  let holed = false;
  // A connection that has lost something never goes on: what came after the hole would be out of its order.
  const cut = () => (holed ||= Boolean(faults.websocket));
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => ended || cut() || events.opened();
  socket.onmessage = ({ data }) => {
    if (!ended && !cut() && typeof data !== 'string') events.packet(new Uint8Array(data));
  };
  socket.onerror = () => {}; // close follows, and says no less
  socket.onclose = ({ code, reason }) => {
    if (ended || cut()) return;
    ended = true;
    events.closed(code, reason);
  };
  return {
    get bufferedAmount() {
      return socket.bufferedAmount;
    },
    send(packet) {
      // Where it is closing, what was sent is lost; the session sends it again on the next carrier.
      if (socket.readyState === 1 && !cut())
        socket.send(/** @type {Uint8Array<ArrayBuffer>} */ (packet));
    },
    close() {
      ended = true;
      socket.close(1000);
    },
  };
}
