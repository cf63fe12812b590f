import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launchBrowser } from '../support/browser.js';
import { DemoPage, watch } from '../support/demo-page.js';
import { freePort } from '../support/free-port.js';
import { startServer } from '../support/server.js';

const PATIENCE_MS = 60_000;

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
 * @param {string} wanted a part of the URLs of TURN servers that are used
 */
async function relayed(url, wanted, where = browser) {
  const context = await where.newContext({ ignoreHTTPSErrors: true });
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
      /** @override @param {RTCConfiguration} config */
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

/**
 * Both have the other by a relay. Gathering and connecting take seconds on a busy machine.
 *
 * @param {DemoPage[]} pages
 */
async function onRelay(...pages) {
  for (const page of pages) {
    await page.until(
      ({ peers }) => peers.length === 1 && peers[0].path === 'relayed' && peers[0].state === 'here',
      PATIENCE_MS,
    );
  }
}

for (const transport of ['udp', 'tcp']) {
  test(`two browsers that may only be relayed talk through our relay over ${transport}`, async () => {
    const ada = await relayed(server.url, `transport=${transport}`);
    const bob = await relayed(ada.url, `transport=${transport}`);
    await onRelay(ada, bob);
    await ada.say('Through the relay');
    await bob.hears('Through the relay');
    await bob.say('And back');
    await ada.hears('And back');
    await ada.assertCalm();
    await bob.assertCalm();
    await Promise.all([ada.close(), bob.close()]);
  });
}

test('two browsers that may only be relayed talk through TURN over TLS on the HTTPS port', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'peerline-relay-'));
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-days', '2', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-keyout', key, '-out', cert],
  ]);
  if (made.error) return context.skip('openssl is needed');
  assert.equal(made.status, 0, String(made.stderr));
  const port = await freePort();
  const options = ['--tls-port', `${port}`, '--tls-cert', cert, '--tls-key', key];
  const secure = await startServer({ options });
  // Chromium asks nobody else for the certificates of TURN servers.
  const trusting = await launchBrowser('--ignore-certificate-errors');
  try {
    const base = `https://127.0.0.1:${port}/`;
    const ada = await relayed(base, 'turns:', trusting);
    const bob = await relayed(ada.url, 'turns:', trusting);
    await onRelay(ada, bob);
    await ada.say('Through TLS');
    await bob.hears('Through TLS');
    await ada.assertCalm();
    await bob.assertCalm();
  } finally {
    await trusting.close();
    await secure.stop();
    rmSync(folder, { recursive: true });
  }
});

test('a browser that may only be relayed reaches one that need not be', async () => {
  const ada = await relayed(server.url, 'transport=udp');
  const bob = await DemoPage.open(browser, ada.url);
  await onRelay(ada, bob);
  await bob.say('Half way through the relay');
  await ada.hears('Half way through the relay');
  await ada.assertCalm();
  await bob.assertCalm();
  await Promise.all([ada.close(), bob.close()]);
});
