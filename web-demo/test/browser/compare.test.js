import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launchBrowser } from '../support/browser.js';
import { startCountingProxy } from '../support/counting-proxy.js';
import { DemoPage, watch } from '../support/demo-page.js';
import { freePort } from '../support/free-port.js';
import { LAUNCHER, startServer } from '../support/server.js';

/** A page on a busy machine; what is waited for comes long before. */
const PATIENCE_MS = 60_000;
const SCREENSHOTS = fileURLToPath(new URL('../../target/screenshots/', import.meta.url));
const READERS = ['poll', 'long-poll', 'sse', 'websocket', 'grpc'];
const LIVE = [...READERS, 'webrtc'];

/**
 * @typedef {{ kind: string, state: string, received: number, highest: number, lost: number, doubled: number, requests: number,
 *   bytes: number, up: number, gaps: number, cuts: number, latencies: number[] }} Figures
 */

/** @type {import('../support/server.js').Server} */
let server;
/** @type {import('playwright-core').Browser} */
let browser;
/** @type {string} */
let folder;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'peerline-compare-'));
  [server, browser] = await Promise.all([
    startServer({ options: ['--grpc-port', '0'] }),
    launchBrowser(),
  ]);
});

after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
  assert.equal(await server?.stop(), 0);
});

/**
 * @param {string} url
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
async function open(url, options) {
  const context = await browser.newContext(options);
  await watch(context);
  const demo = new DemoPage(await context.newPage());
  demo.page.setDefaultTimeout(PATIENCE_MS);
  await demo.page.goto(url);
  return demo;
}

/** @param {DemoPage} demo */
async function ready(demo) {
  await demo.page.waitForFunction(() => 'peerlineCompare' in window);
  return demo;
}

/** @param {DemoPage} demo @returns {Promise<Figures[]>} */
function figures(demo) {
  return demo.page.evaluate(() =>
    /** @type {any} */ (window).peerlineCompare.lanes.map((/** @type {any} */ lane) => {
      const { received, highest, lost, doubled, requests, bytes, up, gaps, samples } = lane.tally;
      const latencies = samples.map((/** @type {any} */ sample) => sample.ms);
      const cuts = lane.cuts.length;
      const { kind, state } = lane;
      return {
        kind,
        state,
        received,
        highest,
        lost,
        doubled,
        requests,
        bytes,
        up,
        gaps,
        cuts,
        latencies,
      };
    }),
  );
}

/**
 * Waits until the lanes are so.
 *
 * @param {DemoPage} demo
 * @param {(lanes: Figures[], published: number) => boolean} so
 */
async function until(demo, so) {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const lanes = await figures(demo);
    const published = await demo.page.evaluate(
      () => /** @type {any} */ (window).peerlineCompare.publisher.published,
    );
    if (so(lanes, published)) return { lanes, published };
    if (performance.now() > end)
      throw new Error(`Waited in vain for ${so}: ${published} ${JSON.stringify(lanes)}`);
    await demo.page.waitForTimeout(50);
  }
}

/**
 * @param {Figures[]} lanes
 * @param {string} kind
 */
function lane(lanes, kind) {
  return /** @type {Figures} */ (lanes.find((one) => one.kind === kind));
}

/** All lanes have all that was published; the publisher is silent. @param {DemoPage} demo */
async function settle(demo) {
  await demo.page.click('#pause');
  const busy = () => /** @type {any} */ (window).peerlineCompare.publisher;
  const before = await demo.page.evaluate(busy);
  assert.ok(before);
  return until(demo, (lanes, published) =>
    LIVE.every((kind) => lane(lanes, kind).highest >= published),
  );
}

test('all lanes deliver one stream, are cut, come back and miss nothing', async () => {
  const demo = await ready(await open(`${server.url}/compare`));
  const { page } = demo;
  await page.check('input[name="rate"][value="20"]');
  await page.click('#stream');
  await until(demo, (lanes) =>
    lanes.filter(({ kind }) => LIVE.includes(kind)).every(({ received }) => received >= 20),
  );

  await page
    .locator('[data-lane="grpc"] .note', { hasText: /In the server.*p50 [\d.]+ ms/ })
    .waitFor();

  await page.click('#cut-all');
  await until(demo, (lanes) =>
    LIVE.every((kind) => lane(lanes, kind).cuts === 1 && lane(lanes, kind).state === 'open'),
  );
  const sse = page.locator('li[data-lane="sse"]');
  await sse.getByRole('button').click();
  await sse.locator('.state[data-state="cut"]').waitFor();
  assert.equal(lane(await figures(demo), 'websocket').cuts, 1, 'one lane alone was cut');
  await sse.locator('.note', { hasText: /Back: [\d,]+ messages.*0 lost, 0 doubled/ }).waitFor();

  const { lanes, published } = await settle(demo);
  for (const kind of READERS) {
    const { received, lost, doubled, gaps } = lane(lanes, kind);
    assert.deepEqual({ lost, doubled, gaps }, { lost: 0, doubled: 0, gaps: 0 }, kind);
    assert.ok(received >= published, `${kind}: ${received} of ${published}`);
  }
  const { lost, doubled } = lane(lanes, 'webrtc');
  assert.deepEqual({ lost, doubled }, { lost: 0, doubled: 0 }, 'webrtc');

  // A second pair of eyes: what is in the topic, read by Node.
  const topic = await page.textContent('#topic');
  const answer = await fetch(`${server.url}/v1/topics/${topic}?after=0&limit=1000`);
  const { messages } = /** @type {{ messages: { data: string }[] }} */ (await answer.json());
  const numbers = messages.map(({ data }) => JSON.parse(data).n);
  assert.deepEqual(
    numbers,
    numbers.map((_, i) => i + 1),
    'each once, and in order',
  );
  assert.equal(numbers.length, lane(lanes, 'sse').received);

  for (const kind of ['http2-push', 'queue']) assert.equal(lane(lanes, kind).state, 'off');
  assert.match((await page.textContent('[data-lane="queue"] .note')) ?? '', /not built/);
  await demo.assertCalm();
  await demo.close();
});

test('where the server is a peer itself, the lane of WebRTC reads the topic from it, by the same cursor', async () => {
  const peering = await startServer({ options: ['--push-peer', '--no-relay'] });
  try {
    const demo = await ready(await open(`${peering.url}/compare`));
    const { page } = demo;
    await page.check('input[name="rate"][value="20"]');
    await page.click('#stream');
    await until(demo, (lanes) => lane(lanes, 'webrtc').received >= 20);
    const card = page.locator('li[data-lane="webrtc"]');
    await card.locator('.state', { hasText: 'connected, data channel' }).waitFor();
    await card.locator('.note', { hasText: /data channel of the server/ }).waitFor();
    // They are looked up once a second.
    await until(demo, (lanes) => lane(lanes, 'webrtc').bytes > 0 && lane(lanes, 'webrtc').up > 0);
    await card.getByRole('button').click();
    await card.locator('.note', { hasText: /Back: [\d,]+ messages.*0 lost, 0 doubled/ }).waitFor();
    await page.click('#pause');
    const { lanes, published } = await until(
      demo,
      (all, sent) => lane(all, 'webrtc').highest >= sent && lane(all, 'sse').highest >= sent,
    );
    const { received, lost, doubled, gaps } = lane(lanes, 'webrtc');
    assert.deepEqual({ lost, doubled, gaps }, { lost: 0, doubled: 0, gaps: 0 });
    assert.ok(received >= published, `${received} of ${published}`);
    await demo.assertCalm();
    await demo.close();
  } finally {
    assert.equal(await peering.stop(), 0);
  }
});

test('on a page with TLS the lane of HTTP/2 push delivers as the others do, is cut and comes back', async () => {
  const port = await freePort();
  const options = ['--tls-port', `${port}`, '--tls-self-signed', '--grpc-port', '0', '--no-relay'];
  const secure = await startServer({ options });
  try {
    const url = `https://127.0.0.1:${port}/compare`;
    const demo = await ready(await open(url, { ignoreHTTPSErrors: true }));
    const { page } = demo;
    const readers = [...READERS, 'http2-push'];
    await page.check('input[name="rate"][value="20"]');
    await page.click('#stream');
    await until(demo, (lanes) => readers.every((kind) => lane(lanes, kind).received >= 20));
    const protocols = await page.evaluate(() =>
      performance.getEntriesByType('resource').map((it) => /** @type {any} */ (it).nextHopProtocol),
    );
    assert.ok(protocols.includes('h2'), protocols.join());

    const push = page.locator('li[data-lane="http2-push"]');
    await push.locator('.note', { hasText: /In the server.*p50 [\d.]+ ms/ }).waitFor();
    await push.getByRole('button').click();
    await push.locator('.state[data-state="cut"]').waitFor();
    await push.locator('.note', { hasText: /Back: [\d,]+ messages.*0 lost, 0 doubled/ }).waitFor();
    await page.click('#pause');
    const { lanes, published } = await until(demo, (all, sent) =>
      readers.every((kind) => lane(all, kind).highest >= sent),
    );
    for (const kind of readers) {
      const { received, lost, doubled, gaps } = lane(lanes, kind);
      assert.deepEqual({ lost, doubled, gaps }, { lost: 0, doubled: 0, gaps: 0 }, kind);
      assert.ok(received >= published, `${kind}: ${received} of ${published}`);
    }
    assert.match((await push.textContent()) ?? '', /\d \+ –/, 'what goes up is not seen here');
    const { bytes, up } = lane(lanes, 'grpc');
    assert.ok(up > 0 && up < bytes, `${up} up, ${bytes} down`);
    await demo.assertCalm();
    await demo.close();
  } finally {
    assert.equal(await secure.stop(), 0);
  }
});

test('latencies are what a clock beside the page measures, and bytes what a wire counts', async (context) => {
  const proxy = await startCountingProxy(context, server.port);
  const demo = await open(`${proxy.url}/compare`);
  await ready(demo);
  const { page } = demo;
  await page.check('input[name="rate"][value="20"]');
  await page.click('#stream');
  await until(demo, (lanes) => LIVE.every((kind) => lane(lanes, kind).received >= 60));
  const { lanes } = await settle(demo);

  const reading = proxy.exchanges.filter(({ head }) => /^GET \/v1\/topics\/\S+after=/.test(head));
  for (const [kind, mine] of /** @type {[string, (head: string) => boolean][]} */ ([
    ['long-poll', (head) => head.includes('&wait=25 ')],
    ['sse', (head) => /\r\naccept: text\/event-stream/i.test(head)],
    ['websocket', (head) => /\r\nupgrade: websocket/i.test(head)],
    ['poll', (head) => !/&wait=|accept: text\/event-stream|upgrade: websocket/i.test(head)],
  ])) {
    const seen = reading.filter(({ head }) => mine(head));
    const down = seen.reduce((sum, exchange) => sum + exchange.down, 0);
    const upOnWire = seen.reduce((sum, exchange) => sum + exchange.up, 0);
    const { bytes, up, requests, received } = lane(lanes, kind);
    // What is under way, and the head of a WebSocket's handshake, which no page sees.
    const told = `${kind}: ${down} of ${seen.length} on the wire, ${bytes} of ${requests} on the page, for ${received}`;
    assert.ok(Math.abs(down - bytes) < 0.05 * bytes + 600, told);
    assert.ok(Math.abs(seen.length - requests) <= 2, told);
    // A WebSocket's handshake is the one request that no page sees. Two may be under way.
    const upTold = `${kind}: ${upOnWire} up on the wire, ${up} on the page, by ${requests} requests`;
    if (kind === 'websocket') assert.equal(up, 0);
    else assert.ok(Math.abs(upOnWire - up) < 0.05 * up + (2 * up) / requests, upTold);
  }

  // A clock of its own: by the server's, a message is in the log in between the call and its delivery.
  const topic = await page.textContent('#topic');
  const answer = await fetch(`${server.url}/v1/topics/${topic}?after=0&limit=1000`);
  const { messages } = /** @type {{ messages: { time: number, data: string }[] }} */ (
    await answer.json()
  );
  const sent = await page.evaluate(
    (numbers) =>
      numbers.map(
        (n) => performance.timeOrigin + /** @type {any} */ (window).peerlineCompare.publisher.at(n),
      ),
    messages.map(({ data }) => JSON.parse(data).n),
  );
  const slowest = Math.max(...lane(lanes, 'sse').latencies);
  messages.forEach(({ time }, i) => {
    const logged = time - /** @type {number} */ (sent[i]);
    assert.ok(logged > -250 && logged < slowest + 250, `in the log after ${logged} ms`);
  });
  await demo.assertCalm();
  await demo.close();
});

test('what stands still asks for nothing: stopped by hand, or when nobody looks', async () => {
  const demo = await ready(await open(`${server.url}/compare`));
  const { page } = demo;
  assert.ok((await figures(demo)).every(({ requests }) => requests === 0));
  await page.click('#stream');
  await until(demo, (lanes) => LIVE.every((kind) => lane(lanes, kind).received >= 3));
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await page.locator('#says', { hasText: 'nobody looked' }).waitFor();
  const { lanes } = await until(demo, (all) =>
    all.every(({ state }) => state === 'idle' || state === 'off'),
  );
  await page.evaluate(() =>
    Object.defineProperty(document, 'hidden', { value: false, configurable: true }),
  );
  await page.click('#stream');
  await until(demo, (all) =>
    READERS.every((kind) => lane(all, kind).received > lane(lanes, kind).received),
  );
  for (const { kind, lost, doubled } of await figures(demo))
    assert.deepEqual([lost, doubled], [0, 0], kind);
  await demo.assertCalm();
  await demo.close();
});

test('with a secret the page asks for a token, and is content with one that has the scopes', async () => {
  const secret = join(folder, 'secret');
  writeFileSync(secret, randomBytes(48).toString('base64'), { mode: 0o600 });
  const own = [
    '--secret-file',
    secret,
    '--grpc-port',
    '0',
    '--open-demo',
    '--hostname',
    'localhost',
  ];
  const guarded = await startServer({ options: own });
  const mint = (/** @type {string[]} */ ...options) =>
    execFileSync(LAUNCHER, ['token', '--secret-file', secret, ...options], {
      encoding: 'utf8',
    }).trim();
  try {
    const useless = mint('--room', 'lobby');
    const stranger = await open(`${guarded.url}/compare#token=${useless}`);
    await stranger.shows('#gate', /names no topic/);
    assert.equal(await stranger.page.locator('main').isVisible(), false);
    await stranger.close();

    const scopes = ['--publish', 'compare.*', '--subscribe', 'compare.*'];
    for (const address of [`/compare#token=${mint('--room', '*', ...scopes)}`, '/compare']) {
      const demo = await ready(await open(guarded.url + address));
      assert.equal(new URL(demo.url).hash, '', 'the token is not to be read in the address bar');
      await demo.page.click('#stream');
      await until(demo, (lanes) => LIVE.every((kind) => lane(lanes, kind).received >= 3));
      await demo.assertCalm();
      await demo.close();
    }
  } finally {
    assert.equal(await guarded.stop(), 0);
  }
});

for (const [name, viewport] of /** @type {const} */ ([
  ['phone', { width: 390, height: 844 }],
  ['laptop', { width: 1280, height: 800 }],
])) {
  test(`fits a ${name}, is told by roles and names, and nothing jumps`, async () => {
    const demo = await open(`${server.url}/compare`, { viewport });
    await ready(demo);
    const { page } = demo;
    await page.evaluate(() => {
      const shifts = { total: 0 };
      Object.assign(window, { shifts });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) shifts.total += /** @type {any} */ (entry).value;
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await page.focus('#stream');
    await page.keyboard.press('Enter');
    await until(demo, (lanes) => LIVE.every((kind) => lane(lanes, kind).received >= 5));
    assert.equal(await page.getAttribute('#stream', 'aria-pressed'), 'true');
    const wide = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    assert.equal(wide, 0, 'nothing hangs out at the side');
    const shifted = await page.evaluate(() => /** @type {any} */ (window).shifts.total);
    assert.ok(shifted < 0.05, `shifted by ${shifted}`);
    assert.equal(await page.getByRole('listitem', { name: 'WebSocket' }).count(), 1);
    await page.getByRole('img', { name: /^Latency by gRPC in the last 60 seconds: / }).waitFor();
    await page.getByRole('button', { name: 'Cut Long poll for 3 seconds' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('#announcer', { hasText: 'Long poll is cut' }).waitFor();
    const nameless = await page.$$eval(
      'button, input, svg[role="img"]',
      (all) =>
        all.filter((one) => !(one.getAttribute('aria-label') || one.textContent?.trim())).length,
    );
    assert.equal(nameless, 0);
    mkdirSync(SCREENSHOTS, { recursive: true });
    for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({
        path: `${SCREENSHOTS}compare-${name}-${colorScheme}.png`,
        fullPage: true,
      });
    }
    await demo.assertCalm();
    await demo.close();
  });
}
