import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { launchBrowser } from '../support/browser.js';
import { DemoPage, watch } from '../support/demo-page.js';
import { startServer } from '../support/server.js';

/** A browser gives a server that does not answer up after 10 s; a page tries its peer for 20 s, then again. */
const PATIENCE_MS = 120_000;
const LOOK_MS = 200;

/** @typedef {import('../support/server.js').Server} Server */
/** With a relay of its own. @type {Server} */
let whole;
/** @type {import('playwright-core').Browser} */
let browser;

before(async () => {
  [whole, browser] = await Promise.all([startServer(), launchBrowser()]);
});

after(async () => {
  await browser?.close();
  assert.equal(await whole?.stop(), 0);
});

/** Where the relay of a server is. @param {Server} server */
async function relayOf({ url }) {
  const response = await fetch(`${url}/v1/ice-servers`);
  const { iceServers } = /** @type {{iceServers: {urls: string[]}[]}} */ (await response.json());
  const turn = iceServers.flatMap(({ urls }) => urls).find((it) => /^turn:.*udp$/.test(it)) ?? '';
  return turn.replace(/^turn:|\?.*$/g, '');
}

/** @returns {Promise<string>} where nobody listens, most likely */
async function nowhere() {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return `127.0.0.1:${port}`;
}

/** A window that hears of no candidate of the other's, as if networks let nothing through between them. @param {string} url */
async function apart(url) {
  const context = await browser.newContext();
  await watch(context);
  await context.addInitScript(() => {
    const { setRemoteDescription } = RTCPeerConnection.prototype;
    RTCPeerConnection.prototype.addIceCandidate = async () => {};
    /** @param {RTCSessionDescriptionInit} description */
    RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp = '' }) {
      const without = sdp.replace(/a=candidate:.*\r\n/g, '');
      return Reflect.apply(setRemoteDescription, this, [{ type, sdp: without }]);
    };
  });
  const demo = new DemoPage(await context.newPage());
  await demo.page.goto(url);
  return demo.ready();
}

/**
 * What a page is told first of why its peer is not reached directly, once it is that.
 *
 * @param {string[]} iceServers for `--ice-server`
 * @param {string} code
 */
async function told(iceServers, code) {
  const options = iceServers.flatMap((each) => ['--ice-server', each]);
  const server = await startServer({ options: ['--no-relay', ...options] });
  try {
    const ada = await apart(`${server.url}/reasons?paths=direct,relayed,websocket`);
    const bob = await apart(ada.url);
    await Promise.all([ada, bob].map((page) => page.onPath('websocket', 1, PATIENCE_MS)));
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const [{ findings }] = await ada.page.evaluate(() =>
        /** @type {any} */ (window).peerlineDemo.explain(),
      );
      if (findings[0]?.code === code) {
        for (const page of [ada, bob]) await page.assertCalm();
        await Promise.all([ada.close(), bob.close()]);
        return findings;
      }
      if (performance.now() > end) assert.fail(`not ${code}, but ${JSON.stringify(findings)}`);
      await ada.page.waitForTimeout(LOOK_MS);
    }
  } finally {
    assert.equal(await server.stop(), 0);
  }
}

test('a page says that its relay refuses it, is not there, or that no UDP passes, and what to do', async () => {
  const [relay, dead] = await Promise.all([relayOf(whole), nowhere()]);
  const user = '?transport=udp,user=ada,password=wrong';
  const [refused, unreachable, blocked] = await Promise.all([
    told([`turn:${relay}${user}`], 'TURN_UNAUTHORIZED'),
    told([`stun:${relay}`, `turn:${dead}${user}`], 'TURN_UNREACHABLE'),
    told([`turn:${dead}${user}`], 'UDP_BLOCKED'),
  ]);
  assert.match(refused[0].text, /The relay refused the credentials \(401\)/);
  assert.match(refused[0].next, /Compare the secrets of server and relay/);
  assert.match(unreachable[0].text, /No relay gave an address/);
  assert.match(unreachable[0].next, /peerline doctor/);
  assert.match(blocked[0].text, /the network seems to let no UDP through/);
  assert.match(blocked[0].next, /relay over TLS on port 443/);
});
