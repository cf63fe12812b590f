import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchBrowser } from '../support/browser.js';
import { DemoPage } from '../support/demo-page.js';
import { startServer } from '../support/server.js';

const PATIENCE_MS = 60_000;
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

/** @param {string} kind @returns {Promise<number>} for how long it was away before it was gone, in ms */
async function leaves(kind) {
  const room = `leaving-${kind}`;
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
  // Without a word the server would wait for it for two minutes.
  await bob.until(({ peers }) => peers.length === 0, PATIENCE_MS);
  const changes = await bob.page.evaluate(() => /** @type {any} */ (window).changes);
  assert.deepEqual(
    changes.map((/** @type {{kind: string}} */ change) => change.kind),
    ['away', 'left'],
    kind,
  );
  await bob.assertCalm();
  await Promise.all([bob.close(), ada.close()]);
  return changes[1].at - changes[0].at;
}

test('a page that is left is away at once, then gone, and does not come back meanwhile, on every carrier', async (context) => {
  const awayMs = await Promise.all(KINDS.map(leaves));
  for (const [i, kind] of KINDS.entries())
    context.diagnostic(`${kind}: gone ${Math.round(awayMs[i])} ms after it was away`);
});
