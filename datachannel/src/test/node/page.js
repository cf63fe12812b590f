/**
 * The other end of an interop test: a peer that repeats whatever it is sent. Runs in a page.
 *
 * @param {typeof RTCPeerConnection} PeerConnection
 * @param {(event: object) => void} tell
 * @param {RTCConfiguration} [configuration]
 */
// biome-ignore lint/correctness/noUnusedVariables: called by who loads this file
function makePeer(PeerConnection, tell, configuration = {}) {
  const connection = new PeerConnection(configuration);
  /** @type {Map<string, RTCDataChannel>} */
  const channels = new Map();

  /** @param {RTCDataChannel} channel */
  const listen = (channel) => {
    channels.set(channel.label, channel);
    channel.binaryType = 'arraybuffer';
    const { label, ordered, protocol, maxRetransmits, maxPacketLifeTime, id } = channel;
    const opened = () =>
      tell({ ev: 'open', label, ordered, protocol, maxRetransmits, maxPacketLifeTime, id });
    channel.onopen = opened;
    channel.onclose = () => tell({ ev: 'closed', label });
    channel.onmessage = ({ data }) => channel.send(data);
    if (channel.readyState === 'open') opened();
  };

  connection.ondatachannel = ({ channel }) => listen(channel);
  connection.onicecandidate = ({ candidate }) => {
    if (candidate?.candidate) tell({ ev: 'candidate', candidate: candidate.toJSON() });
  };
  connection.onconnectionstatechange = () =>
    tell({ ev: 'state', state: connection.connectionState });

  const describe = async () => {
    await connection.setLocalDescription(
      connection.signalingState === 'have-remote-offer'
        ? await connection.createAnswer()
        : await connection.createOffer(),
    );
    const { type, sdp } = /** @type {RTCSessionDescription} */ (connection.localDescription);
    tell({ ev: 'sdp', type, sdp });
  };

  /** @type {Record<string, (command: any) => unknown>} */
  const commands = {
    create: ({ label, init }) => listen(connection.createDataChannel(label, init)),
    audio: () => connection.addTransceiver('audio', { direction: 'recvonly' }),
    offer: describe,
    restart: () => connection.restartIce(),
    remote: async ({ type, sdp }) => {
      await connection.setRemoteDescription({ type, sdp });
      if (type === 'offer') await describe();
    },
    candidate: ({ candidate }) => connection.addIceCandidate(candidate),
    text: ({ label, text }) => channels.get(label)?.send(text),
    shut: ({ label }) => channels.get(label)?.close(),
    close: () => connection.close(),
  };
  return async (/** @type {{ op: string }} */ command) => {
    try {
      await commands[command.op]?.(command);
    } catch (problem) {
      tell({ ev: 'error', message: String(problem) });
    }
  };
}
