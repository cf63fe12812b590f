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
 * @property {Finding[]} findings
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
    findings: [...findRoom(room), ...findDirect(driver, urls), ...findCarriers(driver)],
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

/** @typedef {{code: string, text: string, next?: string}} Finding `next`: what would help */
/**
 * @typedef {object} Explanation why the path to a peer is what it is
 * @property {import('./types.js').PathKind} kind
 * @property {Finding[]} findings the first says most; each rests on something that was seen
 * @property {import('./direct/connection.js').TriedPair[]} tried pairs of candidates of the present connection
 */

/** @param {import('./peer.js').Peer} peer @param {import('./driver.js').Driver} driver @returns {Promise<PeerReport>} */
async function reportPeer(peer, driver) {
  const { id, name, state, path } = peer;
  const pair =
    (await driver.direct
      ?.connectionOf(id)
      ?.pair()
      .catch(() => null)) ?? null;
  const [{ code, text }] = findPeer(peer, driver);
  return { id, name, state, path, code, text, pair };
}

/** @param {import('./peer.js').Peer} peer @param {import('./driver.js').Driver} driver @returns {Promise<Explanation>} */
export async function explain(peer, driver) {
  const tried = await driver.direct
    ?.connectionOf(peer.id)
    ?.tried()
    .catch(() => []);
  return { kind: peer.path.kind, findings: [...findPeer(peer, driver)], tried: tried ?? [] };
}

/** @param {import('./peer.js').Peer} peer @param {import('./driver.js').Driver} driver @returns {Finding[]} */
function findPeer(peer, driver) {
  const { kind } = peer.path;
  if (peer.state === 'gone') return [{ code: 'PEER_GONE', text: 'The peer has left.' }];
  if (kind === 'direct') return [{ code: 'DIRECT', text: 'Messages go directly.' }];
  const direct = findPath(peer, driver);
  if (kind === 'relayed') {
    const relayed = { code: 'RELAYED', text: 'Messages go through a TURN relay.' };
    return [relayed, ...direct.filter(({ code }) => code === 'NAT_SYMMETRIC')];
  }
  const away = { code: 'PEER_AWAY', text: 'The peer is away: the server keeps messages for it.' };
  return [...(peer.state === 'away' ? [away] : []), ...direct, ...findCarriers(driver)];
}

/** Why there is no data channel. @param {import('./peer.js').Peer} peer @param {import('./driver.js').Driver} driver @returns {Finding[]} */
function findPath({ id }, driver) {
  const { direct } = driver;
  if (!direct) return [{ code: 'DIRECT_OFF', text: 'This side has no direct paths.' }];
  if (direct.refusedBy(id))
    return [{ code: 'PEER_UNSUPPORTED', text: 'The peer has no direct paths.' }];
  const connection = direct.connectionOf(id);
  if (connection?.open) {
    const text = 'A data channel is open but has not proven itself since it last fell silent.';
    return [{ code: 'UNPROVEN', text }];
  }
  const found = [...findIce(direct.evidenceOf(id), driver)];
  if (connection)
    found.push({
      code: 'CONNECTING',
      text: `ICE is ${connection.iceState}: no data channel yet.`,
    });
  else if (!found.length) {
    const text = 'No direct path is being tried now: tried and failed, or too many.';
    found.push({ code: 'NO_CONNECTION', text });
  }
  return found;
}

/** @param {import('./direct/evidence.js').Evidence | null} evidence @param {import('./driver.js').Driver} driver @returns {Generator<Finding>} */
function* findIce(evidence, driver) {
  const servers = driver.iceServers.flatMap(({ urls }) => urls).map(parse);
  if (!evidence?.ripe(driver.now()) || !servers.length) return;
  const { types, symmetric, complete, hidden } = evidence;
  const errors = evidence.errors.map(({ url, code }) => ({ ...parse(url), code }));
  const isSilent = (/** @type {{text: string}} */ { text }) => {
    const its = errors.filter((error) => error.text === text);
    // An answer may show no other address, and so no candidate: in the end, who did not fail has answered.
    if (!its.length) return !complete && hidden;
    return its.every(({ code }) => code === NO_ANSWER);
  };
  const overUdp = servers.filter(({ udp }) => udp);
  const blocked = overUdp.length > 0 && overUdp.every(isSilent);
  const refused = errors.find(({ code }) => code === 401 || code === 403);
  const relays = servers.some(({ relay }) => relay) && driver.kinds.has('relayed');
  const unmapped = !types.has('srflx') && !types.has('relay');
  if (unmapped && blocked)
    yield {
      code: 'UDP_BLOCKED',
      text: 'No STUN or TURN server answered: the network seems to let no UDP through.',
      next: 'Let UDP to the relay through, or offer a relay over TLS on port 443.',
    };
  if (relays && !types.has('relay') && refused)
    yield {
      code: 'TURN_UNAUTHORIZED',
      text: `The relay refused the credentials (${refused.code}).`,
      next: 'Compare the secrets of server and relay, and their clocks.',
    };
  else if (relays && !types.has('relay') && !(unmapped && blocked))
    yield {
      code: 'TURN_UNREACHABLE',
      text: 'No relay gave an address, though the server names some.',
      next: 'Run `peerline doctor` against the relay; open its port and its range of relay ports.',
    };
  if (symmetric)
    yield {
      code: 'NAT_SYMMETRIC',
      text: 'The NAT shows each server another port: peers behind such a one need a relay.',
      next: 'A TURN relay that both can reach.',
    };
}

/** A URL of RFC 7064 or RFC 7065, written out: browsers add the port and the transport that were left out. @param {string} url */
function parse(url) {
  const [, scheme = '', host, port, transport] =
    /^(stuns?|turns?):(\[[^\]]*\]|[^:?]*)(?::(\d+))?(?:\?transport=(\w+))?/i.exec(url) ?? [];
  const secure = scheme.endsWith('s');
  const over = transport ?? (secure ? 'tcp' : 'udp');
  return {
    text: `${scheme}:${host}:${port ?? (secure ? 5349 : 3478)}?${over}`,
    udp: over === 'udp',
    relay: scheme.startsWith('turn'),
  };
}

/** Why the session is on what it is on. @param {import('./driver.js').Driver} driver @returns {Generator<Finding>} */
function* findCarriers({ uplink, kinds }) {
  if (!('records' in uplink) || !uplink.path) return;
  const websocket = uplink.records.get('websocket');
  if (/sse|poll/.test(uplink.path) && websocket) {
    const { tries, proven, opened } = websocket;
    if (!kinds.has('websocket'))
      yield { code: 'PATHS_CHOSEN', text: 'WebSockets are not among the allowed paths.' };
    else if (tries && !proven)
      yield {
        code: 'PROXY_INTERCEPTS_WS',
        text: `No WebSocket came through (${tries} tried, ${opened} opened), while ${uplink.path} does.`,
        next: 'Serve over TLS; let the proxy pass `Upgrade: websocket` on /v1/link.',
      };
  }
  const stream = uplink.records.get('sse');
  if (/poll/.test(uplink.path) && stream?.tries && !stream.proven && !stream.code) {
    const text = `No event of a stream came through (${stream.tries} tried), while ${uplink.path} does.`;
    yield { code: 'PROXY_BUFFERS_STREAM', text, next: NEXT.PROXY_BUFFERS_STREAM };
  }
  for (const [rung, { code, text }] of uplink.records) {
    const mended = rung === 'data-channel' && uplink.path === rung;
    if (code && !mended) yield { code, text: `${rung}: ${text}.`, next: NEXT[code] };
  }
}

/** W3C webrtc-pc §4.8.2: the server could not be reached. */
const NO_ANSWER = 701;

/** @type {Record<string, string>} */
const NEXT = {
  UDP_BLOCKED: 'Let UDP through to the port of --push-peer; until then the WebSocket does.',
  PROXY_BUFFERS_STREAM: 'Turn response buffering off on /v1/link (nginx: proxy_buffering off).',
  PROXY_CUTS_RESPONSES: 'Raise the read timeout of the proxy above 30 s.',
  PROXY_ANSWERS: 'Something else answers for the server: a portal to log in to, or a proxy.',
};
