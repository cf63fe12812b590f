import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchBrowser } from '../support/browser.js';
import { DemoPage } from '../support/demo-page.js';
import { startServer } from '../support/server.js';

const PATIENCE_MS = 60_000;
/** A page that said goodbye is gone after 10 s; for one that did not the server waits two minutes. */
const GONE_MS = 40_000;
/** Chromium ends a page that is left after half a second, said or not: on a busy machine a goodbye may be lost, but not each. */
const TRIES = 4;
const KINDS = ['websocket', 'sse', 'long-poll', 'poll'];

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
 * A page that is in two rooms: one on a WebSocket, and another, which counts here, on that kind of carrier. So Chromium does not keep it, and
 * ends its requests before it tells it that it is left.
 *
 * @param {string} room
 * @param {string} kind
 */
async function inTwoRooms(room, kind) {
  const page = await DemoPage.open(browser, `${server.url}/${room}-too?paths=websocket`);
  await page.page.evaluate(
    async ([url, path]) => {
      const sdk = '/sdk/peerline.js';
      const { join } = await import(sdk);
      await join(url, { paths: [path] });
    },
    [`${server.url}/${room}`, kind],
  );
  return page;
}

/** @param {string} kind @param {number} attempt @returns {Promise<number>} for how long it was away before it was gone, in ms; NaN: it said no goodbye */
async function leavesOnce(kind, attempt) {
  const room = `leaving-${kind}-${attempt}`;
  const bob = await DemoPage.open(browser, `${server.url}/${room}?paths=websocket`);
  const ada = await inTwoRooms(room, kind);
  await bob.onPath(kind, 1, PATIENCE_MS);
  await bob.page.evaluate(() => {
    const { dispatchEvent } = EventTarget.prototype;
    /** @type {{kind: string, at: number}[]} */
    const changes = [];
    Object.assign(window, { changes });
    EventTarget.prototype.dispatchEvent = function (/** @type {any} */ event) {
      if (event.type === 'peer' && 'peers' in this)
        changes.push({ kind: event.detail.kind, at: performance.now() });
      return dispatchEvent.call(this, event);
    };
  });
  await ada.page.goto('about:blank');
  const gone = await bob
    .until(({ peers }) => !peers.length, GONE_MS)
    .then(
      () => true,
      () => false,
    );
  const changes = await bob.page.evaluate(() => /** @type {any} */ (window).changes);
  const kinds = changes.map((/** @type {{kind: string}} */ change) => change.kind);
  assert.deepEqual(kinds, gone ? ['away', 'left'] : ['away'], kind);
  await bob.assertCalm();
  await Promise.all([bob.close(), ada.close()]);
  return gone ? changes[1].at - changes[0].at : Number.NaN;
}

/** @param {string} kind */
async function leaves(kind) {
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const awayMs = await leavesOnce(kind, attempt);
    if (awayMs >= 0) return { kind, awayMs, attempt };
  }
  assert.fail(`${TRIES} pages on ${kind} were left without a goodbye`);
}

test('a page that is left says so, and does not come back meanwhile, on every carrier', async (context) => {
  for (const { kind, awayMs, attempt } of await Promise.all(KINDS.map(leaves)))
    context.diagnostic(`${kind}: gone ${Math.round(awayMs)} ms after it was away (try ${attempt})`);
});
