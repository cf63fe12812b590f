import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchBrowser } from '../support/browser.js';
import { DemoPage, watch } from '../support/demo-page.js';
import { startServer } from '../support/server.js';

/** @type {import('../support/server.js').Server} */
let server;
/** @type {import('playwright-core').Browser} */
let browser;

before(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
});

after(async () => {
  await browser?.close();
  assert.equal(await server?.stop(), 0);
});

/**
 * A window whose connections go through a relay alone, and reach that by one transport.
 *
 * @param {string} url
 * @param {string} wanted how the URLs of TURN servers must begin or end
 */
async function relayed(url, wanted) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  await watch(context);
  await context.addInitScript((part) => {
    const Plain = window.RTCPeerConnection;
    /** @param {RTCIceServer} server */
    const only = (server) => ({
      ...server,
      urls: [server.urls].flat().filter((it) => it.startsWith('turn') && it.includes(part)),
    });
    window.RTCPeerConnection = class extends Plain {
      /** @param {RTCConfiguration} config */
      constructor(config = {}) {
        const iceServers = (config.iceServers ?? []).map(only).filter(({ urls }) => urls.length);
        super({ ...config, iceServers, iceTransportPolicy: 'relay' });
      }
      /** @param {RTCConfiguration} config */
      setConfiguration(config = {}) {
        const iceServers = (config.iceServers ?? []).map(only).filter(({ urls }) => urls.length);
        super.setConfiguration({ ...config, iceServers, iceTransportPolicy: 'relay' });
      }
    };
  }, wanted);
  const demo = new DemoPage(await context.newPage());
  await demo.page.goto(url);
  return demo.ready();
}

for (const transport of ['udp', 'tcp']) {
  test(`two browsers that may only be relayed talk through our relay over ${transport}`, async () => {
    const ada = await relayed(server.url, `transport=${transport}`);
    const bob = await relayed(ada.url, `transport=${transport}`);
    await Promise.all([ada.onPath('relayed'), bob.onPath('relayed')]);
    await ada.say('Through the relay');
    await bob.hears('Through the relay');
    await bob.say('And back');
    await ada.hears('And back');
    await ada.assertCalm();
    await bob.assertCalm();
    await Promise.all([ada.close(), bob.close()]);
  });
}

test('a browser that may only be relayed reaches one that need not be', async () => {
  const ada = await relayed(server.url, 'transport=udp');
  const bob = await DemoPage.open(browser, ada.url);
  await Promise.all([ada.onPath('relayed'), bob.onPath('relayed')]);
  await bob.say('Half way through the relay');
  await ada.hears('Half way through the relay');
  await ada.assertCalm();
  await bob.assertCalm();
  await Promise.all([ada.close(), bob.close()]);
});
