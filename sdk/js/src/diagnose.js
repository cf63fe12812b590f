/**
 * @typedef {object} PeerReport
 * @property {string} id
 * @property {string | undefined} name
 * @property {string} state
 * @property {import('./types.js').Path} path
 * @property {string} code why this path: `DIRECT`, `RELAYED`, or why not
 * @property {string} text the same, as a sentence
 * @property {{local: string, remote: string} | null} pair types and protocols of the candidates in use
 *
 * @typedef {object} Report
 * @property {import('./room.js').Room['state']} state
 * @property {{code: string, text: string}[]} findings
 * @property {string[]} iceServers their URLs
 * @property {number} serverRttMs
 * @property {PeerReport[]} peers
 */

/** What the application sees of a room, and why, in sentences with codes.
 * @param {import('./room.js').Room} room @param {import('./driver.js').Driver} driver @returns {Promise<Report>} */
export async function diagnose(room, driver) {
  const urls = driver.iceServers.flatMap(({ urls }) => urls);
  const peers = [];
  for (const peer of room.peers.values()) peers.push(await reportPeer(peer, driver));
  return {
    state: room.state,
    findings: [...findRoom(room), ...findDirect(driver, urls)],
    iceServers: urls,
    serverRttMs: driver.rttMs,
    peers,
  };
}

/** @param {import('./room.js').Room} room */
function* findRoom({ state, reason }) {
  if (state === 'open') yield { code: 'OPEN', text: 'The session with the server works.' };
  else if (reason) yield { code: reason.code, text: `The room is ${state}: ${reason.message}.` };
  else yield { code: 'CONNECTING', text: `The room is ${state}.` };
}

/** @param {import('./driver.js').Driver} driver @param {string[]} urls */
function* findDirect(driver, urls) {
  if (typeof RTCPeerConnection !== 'function') {
    yield {
      code: 'WEBRTC_UNSUPPORTED',
      text: 'There is no RTCPeerConnection here: no direct paths.',
    };
  } else if (!driver.direct) {
    yield { code: 'DIRECT_OFF', text: 'Direct paths are off (paths, or maxDirect).' };
  } else if (!urls.some((url) => /^turns?:/.test(url))) {
    const text = 'The server names no TURN relay: behind some NATs there is no direct path.';
    yield { code: 'NO_RELAY', text };
  }
}

/** @param {import('./peer.js').Peer} peer @param {import('./driver.js').Driver} driver @returns {Promise<PeerReport>} */
async function reportPeer(peer, driver) {
  const { id, name, state, path } = peer;
  const connection = driver.direct?.connectionOf(id) ?? null;
  const pair = (await connection?.pair().catch(() => null)) ?? null;
  const [code, text] = explain(peer, driver, connection);
  return { id, name, state, path, code, text, pair };
}

/**
 * @param {import('./peer.js').Peer} peer @param {import('./driver.js').Driver} driver
 * @param {import('./direct/connection.js').DirectConnection | null} connection
 */
function explain(peer, driver, connection) {
  const { kind } = peer.path;
  if (kind === 'direct') return ['DIRECT', 'Messages go directly.'];
  if (kind === 'relayed') return ['RELAYED', 'Messages go through a TURN relay.'];
  if (peer.state === 'away')
    return ['PEER_AWAY', 'The peer is away: the server keeps messages for it.'];
  if (!driver.direct) return ['DIRECT_OFF', 'This side has no direct paths.'];
  if (driver.direct.refusedBy(peer.id))
    return ['PEER_UNSUPPORTED', 'The peer has no direct paths.'];
  if (!connection)
    return ['NO_CONNECTION', 'No direct path is being tried now: tried and failed, or too many.'];
  if (!connection.open)
    return ['CONNECTING', `ICE is ${connection.iceState}: no data channel yet.`];
  return [
    'UNPROVEN',
    'A data channel is open but has not proven itself since it last fell silent.',
  ];
}
