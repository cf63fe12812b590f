/**
 * Two plain RTCPeerConnections, each in a page, whose signals go through the test: nothing of ours is between them.
 *
 * @typedef {import('playwright-core').Page} Page
 *
 * @typedef {object} End what one side sees
 * @property {string} state of its connection
 * @property {number | null} firstMs until the first message came
 * @property {string} local its selected candidate: `host`, `srflx`, `prflx`, or `relay-` and the protocol to the relay
 */

/**
 * @param {Page[]} pages the first one offers
 * @param {import('./rig.js').IceServer[]} iceServers
 */
export async function connect(pages, iceServers) {
  const [offerer, answerer] = pages;
  for (const [page, other] of [
    [offerer, answerer],
    [answerer, offerer],
  ]) {
    await page.exposeFunction('signal', (/** @type {string} */ signal) =>
      other.evaluate((text) => /** @type {any} */ (window).take(text), signal).catch(() => {}),
    );
  }
  await answerer.evaluate(inPage, { iceServers, offers: false });
  await offerer.evaluate(inPage, { iceServers, offers: true });
}

/** @param {Page} page @returns {Promise<End>} */
export function look(page) {
  return page.evaluate(() => /** @type {any} */ (window).look());
}

/** @param {{ iceServers: RTCIceServer[], offers: boolean }} how */
async function inPage({ iceServers, offers }) {
  const pc = new RTCPeerConnection({ iceServers });
  const channel = pc.createDataChannel('truth', { negotiated: true, id: 0 });
  const begunAt = performance.now();
  /** @type {number | null} */
  let firstMs = null;
  channel.onopen = () => channel.send('hello');
  channel.onmessage = () => {
    firstMs ??= Math.round(performance.now() - begunAt);
  };
  const signal = (/** @type {object} */ what) =>
    /** @type {any} */ (window).signal(JSON.stringify(what));
  pc.onicecandidate = ({ candidate }) => candidate && signal({ candidate });
  const describe = async () => {
    await pc.setLocalDescription();
    signal({ description: pc.localDescription });
  };
  /** Signals are taken one after the other. @type {Promise<unknown>} */
  let taken = Promise.resolve();
  const take = async (/** @type {string} */ text) => {
    const { description, candidate } = JSON.parse(text);
    if (candidate) return pc.addIceCandidate(candidate);
    await pc.setRemoteDescription(description);
    if (description.type === 'offer') await describe();
  };
  const look = async () => {
    const stats = [...(await pc.getStats()).values()];
    const transport = stats.find(({ type }) => type === 'transport');
    const pair = stats.find(({ id }) => id === transport?.selectedCandidatePairId);
    const local = stats.find(({ id }) => id === pair?.localCandidateId);
    const { candidateType = '', relayProtocol } = local ?? {};
    const kind = candidateType + (candidateType === 'relay' ? `-${relayProtocol}` : '');
    return { state: pc.connectionState, firstMs, local: kind };
  };
  Object.assign(window, {
    look,
    take: (/** @type {string} */ text) => {
      taken = taken.then(() => take(text)).catch(() => {});
    },
  });
  if (offers) await describe();
}
