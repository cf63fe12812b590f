import { base64url } from '../link/wire.js';
import { Http, isOurs } from './http.js';

/** @typedef {import('../types.js').Carrier} Carrier */
/**
 * @typedef {import('../types.js').CarrierEvents & {greet: () => Uint8Array, refused: (packet: Uint8Array) => void,
 *   seen: (code: string, text: string) => void, doubted: () => void}} ChannelEvents
 *   `greet` makes the packet that proves who asks; `refused` brings the server's reason; `doubted`: the path is silent, and may come back
 */

const SDP = 'application/sdp';
/** What is on its way when it is closed has so long to leave. */
const LINGER_MS = 1_000;
/** With an answer, and no channel after so long, nothing passes over UDP. */
const BLOCKED_MS = 5_000;

/**
 * A data channel to the server as a carrier: one offer by POST, one answer, and then binary messages are packets. The server learns where this
 * page is from its checks, so nothing is gathered and nothing trickles. Nothing is told of it after `close()`.
 *
 * @param {import('./http.js').Net} net
 * @param {ChannelEvents} events
 * @returns {Carrier}
 */
export function openDataChannel(net, events) {
  const connection = new RTCPeerConnection();
  const channel = connection.createDataChannel('peerline', {
    negotiated: true,
    id: 0,
    protocol: 'peerline.1',
  });
  const http = new Http('data-channel', net, /** @type {any} */ (events));
  let ended = false;
  let holed = false;
  let answeredAt = Infinity;
  /** Why, as a WebSocket would say it. */
  let code = 1006;
  // A connection that has lost something never goes on: what came after the hole would be out of its order.
  const cut = () => (holed ||= Boolean(net.faults['data-channel']));
  const close = () => {
    if (channel.readyState === 'connecting' && performance.now() - answeredAt > BLOCKED_MS)
      events.seen('UDP_BLOCKED', 'the server answered, and no path to its UDP port works');
    ended = true;
    http.close();
    channel.close();
    setTimeout(() => connection.close(), LINGER_MS);
  };
  /** @param {string} reason @param {'lost' | 'unreachable'} [how] */
  const end = (reason, how) => {
    if (ended || cut()) return;
    close();
    events.closed(code, reason, how);
  };
  channel.binaryType = 'arraybuffer';
  channel.onopen = () => ended || cut() || events.opened();
  channel.onmessage = ({ data }) => {
    if (ended || cut()) return;
    if (typeof data === 'string') code = Number(data) || code;
    else events.packet(new Uint8Array(data));
  };
  channel.onclose = () => end('the channel closed');
  connection.onconnectionstatechange = () => {
    const state = connection.connectionState;
    if (state === 'failed' || state === 'closed') end(state);
    else if (state === 'disconnected' && !ended) events.doubted();
  };
  offer(connection, http, events, end).then(
    () => {
      answeredAt = performance.now();
    },
    (error) => end(`${error}`),
  );
  return {
    get bufferedAmount() {
      return channel.bufferedAmount;
    },
    send(packet) {
      // Where it is closing, what was sent is lost; the session sends it again on the next carrier.
      if (channel.readyState === 'open' && !cut())
        channel.send(/** @type {Uint8Array<ArrayBuffer>} */ (packet));
    },
    close,
  };
}

/**
 * @param {RTCPeerConnection} connection
 * @param {Http} http
 * @param {ChannelEvents} events
 * @param {(reason: string, how?: 'lost' | 'unreachable') => void} end
 */
async function offer(connection, http, events, end) {
  await connection.setLocalDescription();
  if (http.over) return;
  const response = await http.request('', {
    method: 'POST',
    body: connection.localDescription?.sdp,
    headers: { 'Content-Type': SDP, 'Peerline-Hello': base64url(events.greet()) },
  });
  if (http.over) return;
  if (!response) return end('no answer', 'unreachable');
  if (response.headers.get('content-type')?.startsWith(SDP)) {
    const sdp = await response.text();
    if (!http.over) await connection.setRemoteDescription({ type: 'answer', sdp });
    return;
  }
  const packet = isOurs(response) ? await http.body(response) : null;
  if (http.over) return;
  if (packet?.length) events.refused(packet);
  else http.foreign(response);
  end(`${response.status}`);
}
