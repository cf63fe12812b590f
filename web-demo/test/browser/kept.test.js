import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchBrowserThatKeepsPages } from '../support/browser.js';
import { DemoPage, tally } from '../support/demo-page.js';
import { startServer } from '../support/server.js';

const PATIENCE_MS = 60_000;
const ALL = Boolean(process.env.PEERLINE_CHECK_ALL);
/** A page that is left is away for so long, and then gone. */
const GRACE_MS = 10_000;

/** @type {import('../support/server.js').Server} */
let server;
/** @type {import('playwright-core').Browser} */
let browser;

before(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowserThatKeepsPages()]);
});

after(async () => {
  await browser?.close();
  assert.equal(await server?.stop(), 0);
});

/** Ada streams, and Bob, on that kind of path, hears her. @param {string} room @param {string} kind */
async function streaming(room, kind) {
  const url = `${server.url}/${room}`;
  const ada = await DemoPage.open(browser, `${url}?paths=websocket`);
  const bob = await DemoPage.open(browser, `${url}?paths=${kind}`);
  await Promise.all([ada.onPath(kind), bob.onPath(kind)]);
  await ada.stream(100);
  await bob.receives(100);
  return { ada, bob };
}

/** @param {{ ada: DemoPage, bob: DemoPage }} pages */
async function assertAllCame({ ada, bob }) {
  await bob.receives(100, PATIENCE_MS);
  await ada.settle(PATIENCE_MS);
  const { totals } = await ada.stats();
  const { received, lost, doubled, disordered } = tally(await bob.seen());
  assert.deepEqual([lost, doubled, disordered, totals.missed], [0, 0, 0, 0]);
  assert.equal(received, totals.sent);
}

/** @param {{ ada: DemoPage, bob: DemoPage }} pages */
async function part({ ada, bob }) {
  await ada.assertCalm();
  await Promise.all([ada.close(), bob.close()]);
}

/** @typedef {{ count: number, channel: string, direct: boolean, reason: string }} Gap */

/** Bob goes to another page of the server, stays there, and goes back. @param {DemoPage} bob @param {() => Promise<unknown>} meanwhile */
async function away(bob, meanwhile) {
  await bob.page.evaluate(() => {
    addEventListener('pageshow', ({ persisted }) => Object.assign(window, { persisted }));
    const { dispatchEvent } = EventTarget.prototype;
    /** @type {Gap[]} */
    const gapsOfTest = [];
    Object.assign(window, { gapsOfTest });
    EventTarget.prototype.dispatchEvent = function (/** @type {any} */ event) {
      const { count, channel, direct, reason } = event.detail ?? {};
      if (event.type === 'gap') gapsOfTest.push({ count, channel, direct, reason });
      return dispatchEvent.call(this, event);
    };
  });
  await bob.page.goto(`${server.url}/healthz`);
  await meanwhile();
  // A page that was kept loads nothing, so there is no end of loading to wait for.
  await bob.page.evaluate(() => history.back()).catch(() => {});
  await bob.page.waitForFunction(() => 'persisted' in window);
}

for (const kind of ['sse', 'long-poll', 'poll']) {
  const skip = kind === 'sse' || ALL ? false : 'only in ./check --all';
  test(`a page on ${kind} that the browser kept goes on where it was when one comes back to it`, {
    skip,
  }, async () => {
    const pages = await streaming(`kept-${kind}`, kind);
    await away(pages.bob, () => pages.ada.until(({ peers }) => peers[0]?.state === 'away'));
    await assertAllCame(pages);
    await part(pages);
  });
}

test('a page that comes back after it was given up is told what it missed, and goes on', async () => {
  const pages = await streaming('kept-too-long', 'sse');
  const { ada, bob } = pages;
  await away(bob, () => ada.until(({ peers }) => !peers.length, GRACE_MS + PATIENCE_MS));
  await Promise.all([ada.onPath('sse', 1, PATIENCE_MS), bob.onPath('sse', 1, PATIENCE_MS)]);
  await bob.receives(100, PATIENCE_MS);
  await ada.settle(PATIENCE_MS);
  const { totals } = await ada.stats();
  const { lost, doubled, disordered } = tally(await bob.seen());
  assert.deepEqual([doubled, disordered], [0, 0]);
  const gaps = await bob.page.evaluate(() => /** @type {any} */ (window).gapsOfTest);
  // Each order is told for itself; the stream goes to the whole room.
  const told = gaps.filter((/** @type {Gap} */ { direct }) => !direct);
  const counts = told.map((/** @type {Gap} */ { count }) => count);
  assert.ok(lost > 0);
  assert.equal(
    counts.reduce((/** @type {number} */ sum, /** @type {number} */ count) => sum + count, 0),
    lost,
    JSON.stringify(gaps),
  );
  assert.ok(totals.missed <= lost);
  await part(pages);
});
