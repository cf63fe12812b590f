import { PeerConnection } from 'node-datachannel';

const LARGEST = 256 << 10;

/**
 * A peer of libdatachannel that repeats whatever it is sent: the commands and events of page.js, but for what it does not have.
 *
 * @param {(event: object) => void} tell
 */
export function makePeer(tell) {
  const connection = new PeerConnection('peer', {
    iceServers: [],
    maxMessageSize: LARGEST,
    disableAutoNegotiation: true,
  });
  /** @type {Map<string, import('node-datachannel').DataChannel>} */
  const channels = new Map();

  /** @param {import('node-datachannel').DataChannel} channel */
  const listen = (channel) => {
    const label = channel.getLabel();
    channels.set(label, channel);
    channel.onOpen(() => tell({ ev: 'open', label, protocol: channel.getProtocol() }));
    channel.onClosed(() => tell({ ev: 'closed', label }));
    channel.onMessage((data) => {
      if (typeof data === 'string') channel.sendMessage(data);
      else channel.sendMessageBinary(new Uint8Array(data));
    });
  };

  connection.onDataChannel((channel) => listen(channel));
  connection.onLocalDescription((sdp, type) => tell({ ev: 'sdp', type, sdp }));
  connection.onLocalCandidate((candidate, sdpMid) =>
    tell({ ev: 'candidate', candidate: { candidate, sdpMid, sdpMLineIndex: 0 } }),
  );
  connection.onStateChange((state) => tell({ ev: 'state', state }));

  /** @type {Record<string, (command: any) => unknown>} */
  const commands = {
    create: ({ label, init: { ordered = true, ...init } = {} }) =>
      listen(connection.createDataChannel(label, { ...init, unordered: !ordered })),
    offer: () => connection.setLocalDescription('offer'),
    remote: ({ type, sdp }) => {
      connection.setRemoteDescription(sdp, type);
      if (type === 'offer') connection.setLocalDescription('answer');
    },
    candidate: ({ candidate: { candidate, sdpMid } }) =>
      connection.addRemoteCandidate(candidate, sdpMid ?? '0'),
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
