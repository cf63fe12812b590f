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
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => ended || faults.websocket || events.opened();
  socket.onmessage = ({ data }) => {
    if (!ended && !faults.websocket && typeof data !== 'string')
      events.packet(new Uint8Array(data));
  };
  socket.onerror = () => {}; // close follows, and says no less
  socket.onclose = ({ code, reason }) => {
    if (ended || faults.websocket) return;
    ended = true;
    events.closed(code, reason);
  };
  return {
    get bufferedAmount() {
      return socket.bufferedAmount;
    },
    send(packet) {
      // Where it is closing, what was sent is lost; the session sends it again on the next carrier.
      if (socket.readyState === 1 && !faults.websocket)
        socket.send(/** @type {Uint8Array<ArrayBuffer>} */ (packet));
    },
    close() {
      ended = true;
      socket.close(1000);
    },
  };
}
