import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launchBrowser } from '../support/browser.js';
import { DemoPage } from '../support/demo-page.js';
import { above, assertAllCame, move } from '../support/moves.js';
import { startServer } from '../support/server.js';

/** A set-up takes handshakes on both sides, and a busy machine takes its time for them. */
const PATIENCE_MS = 60_000;
const ALL = Boolean(process.env.PEERLINE_CHECK_ALL);
const TOPIC = '/v1/topics/prices.eur';
const CHANNEL = 'data-channel';
const BELOW = ['websocket', 'sse', 'long-poll', 'poll'];

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {string} */
let folder;

before(async () => {
  browser = await launchBrowser();
  folder = mkdtempSync(join(tmpdir(), 'peerline-push-peer-'));
});

after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

test('sessions move to the data channel of the server and from it in mid-stream, 200 messages a second each way, and nothing is lost, doubled or disordered', async (context) => {
  const server = await startServer({ options: ['--push-peer'] });
  try {
    const url = `${server.url}/?paths=${[CHANNEL, ...BELOW].join()}`;
    const ada = await DemoPage.open(browser, url);
    const bob = await DemoPage.open(browser, ada.url);
    const pages = [ada, bob];
    await Promise.all(pages.map((page) => page.onPath(CHANNEL, 1, PATIENCE_MS)));
    await ada.shows('#peers .path-word', /^data channel$/);
    await ada.shows('#why', 'data channel');
    await Promise.all(pages.map((page) => page.stream(200)));
    for (const to of ALL ? BELOW : ['websocket', 'sse']) {
      const down = await move(pages, { from: CHANNEL, to, blocked: above(to) });
      context.diagnostic(down.says);
      // All that is better heals; the best of it is taken.
      const up = await move(pages, { from: to, to: CHANNEL, blocked: [] });
      context.diagnostic(up.says);
    }
    const sent = await assertAllCame(pages);
    context.diagnostic(`sent and received ${sent.join(' and ')}`);
    await Promise.all(pages.map((page) => page.close()));
  } finally {
    assert.equal(await server.stop(), 0);
  }
});

/**
 * A page that reads a topic, by a data channel where it can be had, and keeps all that comes.
 * @param {string} url
 */
async function reader(url) {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(`${url}/lobby?paths=websocket`);
  await page.evaluate(async () => {
    const [sdk, faulty] = ['/sdk/peerline.js', '/sdk/faults.js'];
    const { join } = await import(sdk);
    const { faults } = await import(faulty);
    const room = await join('readers', { paths: ['data-channel', 'websocket'] });
    /** @type {string[]} */
    const heard = [];
    const topic = room.topic('prices.eur', { after: 'oldest' });
    topic.addEventListener('message', (/** @type {any} */ { data }) => heard.push(data));
    topic.addEventListener('gap', (/** @type {any} */ { detail }) =>
      heard.push(`gap ${detail.reason}`),
    );
    const path = () => room.driver.uplink.path;
    Object.assign(window, { room, heard, path, cut: faults(room).dataChannel });
  });
  return page;
}

/** @param {import('playwright-core').Page} page @param {string} kind */
function onPath(page, kind) {
  return page.waitForFunction(
    (wanted) => {
      const { room, path } = /** @type {any} */ (window);
      return path() === wanted && room.state === 'open';
    },
    kind,
    { timeout: PATIENCE_MS },
  );
}

/** Publishes numbers, one after the other, until it is ended. @param {string} url */
function publishing(url) {
  let ended = false;
  let n = 0;
  const run = (async () => {
    while (!ended) {
      const answer = await fetch(url + TOPIC, {
        method: 'POST',
        headers: { 'Content-Type': 'text/plain', 'Idempotency-Key': `n${n}` },
        body: String(n),
      }).catch(() => null);
      if (answer?.status === 201) n++;
      else await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  return {
    async end() {
      ended = true;
      await run;
      return n;
    },
  };
}

/** @param {import('playwright-core').Page} page @param {number} count */
async function assertHeard(page, count) {
  await page.waitForFunction((all) => /** @type {any} */ (window).heard.length >= all, count, {
    timeout: PATIENCE_MS,
  });
  const heard = await page.evaluate(() => /** @type {any} */ (window).heard);
  assert.deepEqual(
    heard,
    Array.from({ length: count }, (_, n) => String(n)),
  );
}

test('a topic goes on by its cursor where UDP is cut, and when it is back', async () => {
  const server = await startServer({ options: ['--push-peer', '--no-relay'] });
  try {
    const page = await reader(server.url);
    const publisher = publishing(server.url);
    await onPath(page, CHANNEL);
    await page.evaluate(() => /** @type {any} */ (window).cut(true));
    await onPath(page, 'websocket');
    await page.evaluate(() => /** @type {any} */ (window).cut(false));
    await onPath(page, CHANNEL);
    await assertHeard(page, await publisher.end());
    await page.close();
  } finally {
    assert.equal(await server.stop(), 0);
  }
});

test('it goes on when the server is told to stop, and another takes its place', async () => {
  const options = ['--push-peer', '--no-relay', '--data', join(folder, 'data')];
  let server = await startServer({ options });
  try {
    const page = await reader(server.url);
    await onPath(page, CHANNEL);
    const publisher = publishing(server.url);
    await page.waitForFunction(() => /** @type {any} */ (window).heard.length > 20);
    const { port } = server;
    assert.equal(await server.stop(), 0);
    server = await startServer({ port, options });
    await page.waitForFunction(
      (before) => /** @type {any} */ (window).heard.length > before + 50,
      await page.evaluate(() => /** @type {any} */ (window).heard.length),
    );
    await onPath(page, CHANNEL);
    await assertHeard(page, await publisher.end());
    await page.close();
  } finally {
    await server.stop();
  }
});

test('where it is the only path that is allowed, there is no other connection', async () => {
  const server = await startServer({ options: ['--push-peer', '--no-relay'] });
  const page = await browser.newPage();
  try {
    await page.goto(`${server.url}/lobby?paths=websocket`);
    /** @type {string[]} */
    const sockets = [];
    page.on('websocket', (socket) => sockets.push(socket.url()));
    const receipt = await page.evaluate(async () => {
      const sdk = '/sdk/peerline.js';
      const { join } = await import(sdk);
      const options = () => ({
        paths: ['data-channel'],
        identity: crypto.getRandomValues(new Uint8Array(32)),
      });
      const ada = await join('alone', options());
      const bob = await join('alone', options());
      const heard = new Promise((resolve) => {
        ada.addEventListener('message', (/** @type {any} */ { data }) => resolve(data));
      });
      const told = await bob.send('Grüße');
      return { ...told, heard: await heard };
    });
    assert.deepEqual([receipt.path, receipt.heard], [CHANNEL, 'Grüße']);
    // The demo page under it has one of its own.
    assert.ok(sockets.length <= 1, `${sockets}`);
  } finally {
    await page.close();
    assert.equal(await server.stop(), 0);
  }
});
