import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchBrowser } from '../support/browser.js';
import { DemoPage, tally, watch } from '../support/demo-page.js';
import { eventually, nodePeer } from '../support/node-peer.js';
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

/** @param {number} count of windows in a room of their own, all connected directly */
async function together(count) {
  const first = await DemoPage.open(browser, server.url);
  const others = Array.from({ length: count - 1 }, () => DemoPage.open(browser, first.url));
  const pages = [first, ...(await Promise.all(others))];
  await Promise.all(pages.map((page) => page.onPath('direct', count - 1)));
  return pages;
}

/** @param {DemoPage[]} pages */
async function part(...pages) {
  for (const page of pages) await page.assertCalm();
  await Promise.all(pages.map((page) => page.close()));
}

test('a reloaded page is the same peer, no ghost stays, and nothing is lost on the way', async () => {
  const [ada, bob] = await together(2);
  const before = await bob.stats();
  await ada.stream(100);
  await bob.receives(100);
  await bob.page.evaluate(() => {
    addEventListener('pagehide', () => {
      sessionStorage.setItem('seen', JSON.stringify(/** @type {any} */ (window).seenByTest));
    });
  });
  await bob.page.reload();
  await bob.ready();
  await Promise.all([ada.onPath('direct'), bob.onPath('direct')]);
  await bob.receives(100);
  await ada.settle();
  const [a, b] = await Promise.all([ada.stats(), bob.stats()]);
  assert.equal(b.me.id, before.me.id);
  assert.deepEqual(
    a.peers.map(({ id }) => id),
    [b.me.id],
  );
  assert.deepEqual([a.totals.lost, a.totals.missed, a.totals.delivered], [0, 0, a.totals.sent]);
  assert.deepEqual([b.totals.lost, b.totals.doubled, b.totals.outOfOrder], [0, 0, 0]);
  /** @type {import('../support/demo-page.js').Seen[]} */
  const earlier = JSON.parse(await bob.page.evaluate(() => String(sessionStorage.getItem('seen'))));
  const later = await bob.seen();
  const { doubled, disordered } = tally(later);
  assert.deepEqual([doubled, disordered], [0, 0]);
  const all = new Set([...earlier, ...later].map(({ n }) => n));
  for (let n = 1; n <= a.totals.sent; n++)
    assert.ok(all.has(n), `number ${n} of ${a.totals.sent} reached neither page`);
  await part(ada, bob);
});

test('a duplicated tab is another peer, and disturbs nobody', async () => {
  const [ada, bob] = await together(2);
  await watch(bob.page.context());
  const opening = bob.page.context().waitForEvent('page');
  // Without noopener, as when a browser duplicates a tab: the new window has a copy of the session's storage.
  await bob.page.evaluate(() => void window.open(location.href));
  const twin = await new DemoPage(await opening).ready();
  await Promise.all([ada, bob, twin].map((page) => page.onPath('direct', 2)));
  const ids = (await Promise.all([ada, bob, twin].map((page) => page.stats()))).map(
    ({ me }) => me.id,
  );
  assert.equal(new Set(ids).size, 3);
  await twin.say('I am somebody else');
  await Promise.all([ada.hears('I am somebody else'), bob.hears('I am somebody else')]);
  assert.equal((await bob.stats()).state, 'open');
  await twin.page.close();
  // Gone it is only when it has not come back as a reloaded page would.
  await ada.until(({ peers }) =>
    peers.every(({ id, state }) => (id === ids[2]) === (state !== 'here')),
  );
  assert.equal((await bob.stats()).state, 'open');
  await part(ada, bob);
});

test('five in a room: each hears all the others, once and in order', async () => {
  const pages = await together(5);
  await Promise.all(pages.map((page) => page.stream(20)));
  await Promise.all(pages.map((page) => page.receives(4 * 40)));
  await Promise.all(pages.map((page) => page.settle()));
  const reports = await Promise.all(pages.map((page) => page.stats()));
  const sent = new Map(reports.map(({ me, totals }) => [me.id, totals.sent / 4]));
  for (const [i, page] of pages.entries()) {
    const { totals, peers } = reports[i];
    assert.deepEqual([totals.lost, totals.doubled, totals.outOfOrder, totals.missed], [0, 0, 0, 0]);
    const seen = await page.seen();
    for (const { id, received } of peers) {
      const independent = tally(seen.filter(({ from }) => from === id));
      assert.equal(received, sent.get(id));
      const { lost, doubled, disordered } = independent;
      assert.deepEqual([independent.received, lost, doubled, disordered], [sent.get(id), 0, 0, 0]);
    }
  }
  await pages[0].page.locator('#stage[data-size="few"] .peer').nth(3).waitFor();
  await part(...pages);
});

test('fifty in a room: everybody hears everybody', async (context) => {
  const [ada, bob] = await together(2);
  const url = ada.url;
  const startedAt = performance.now();
  const names = Array.from({ length: 48 }, (_, i) => `Peer ${i + 1}`);
  const others = await Promise.all(names.map((name) => nodePeer(context, url, name)));
  await Promise.all([ada, bob].map((page) => page.until(({ peers }) => peers.length === 49)));
  await eventually(() => others.every(({ companions }) => companions.size === 49), 'all know all');
  context.diagnostic(`48 more came in within ${Math.round(performance.now() - startedAt)} ms`);
  for (const other of others) for (const text of ['one', 'two', 'three']) other.chat(text);
  for (const page of [ada, bob]) for (const text of ['eins', 'zwei', 'drei']) await page.say(text);
  await eventually(
    () => others.every((other) => other.totals().received === 49 * 3),
    'all hear all',
  );
  for (const page of [ada, bob]) {
    await page.until(({ totals, inFlight }) => totals.received === 49 * 3 && inFlight === 0);
    const { totals, peers } = await page.stats();
    assert.deepEqual([totals.sent, totals.delivered], [49 * 3, 49 * 3]);
    assert.deepEqual([totals.lost, totals.doubled, totals.outOfOrder], [0, 0, 0]);
    assert.equal(peers.filter(({ path }) => path === 'direct').length, 1);
    await page.page.locator('#stage[data-size="crowd"]').waitFor();
  }
  for (const other of others) {
    const { lost, doubled, outOfOrder } = other.totals();
    assert.deepEqual([lost, doubled, outOfOrder], [0, 0, 0]);
  }
  await Promise.all(others.map(({ room }) => room.leave()));
  await Promise.all([ada, bob].map((page) => page.until(({ peers }) => peers.length === 1)));
  await part(ada, bob);
});

test('a restart of the server: the direct path carries on, and both come back by themselves', async (context) => {
  const ada = await DemoPage.open(browser, server.url);
  const bob = await DemoPage.open(browser, ada.url);
  await Promise.all([ada.onPath('direct'), bob.onPath('direct')]);
  const ids = (await Promise.all([ada.stats(), bob.stats()])).map(({ me }) => me.id);
  await Promise.all([ada.stream(20), bob.stream(20)]);
  assert.equal(await server.stop(), 0);
  await Promise.all([ada, bob].map((page) => page.until(({ state }) => state === 'recovering')));
  await ada.shows('#state', /trying again/);
  await Promise.all([ada.receives(20), bob.receives(20)]);
  const { port } = server;
  server = await startServer({ port });
  const backAt = performance.now();
  await Promise.all([ada, bob].map((page) => page.until(({ state }) => state === 'open')));
  context.diagnostic(`back ${Math.round(performance.now() - backAt)} ms after the server`);
  await Promise.all([ada.onPath('direct'), bob.onPath('direct')]);
  await Promise.all([ada.receives(20), bob.receives(20)]);
  await ada.page.locator('#chat .note', { hasText: 'nothing was lost' }).waitFor();
  await Promise.all([ada.settle(), bob.settle()]);
  const reports = await Promise.all([ada.stats(), bob.stats()]);
  assert.deepEqual(
    reports.map(({ me }) => me.id),
    ids,
  );
  reports.forEach(({ totals }, i) => {
    assert.equal(totals.received, reports[1 - i].totals.sent);
    assert.deepEqual([totals.lost, totals.doubled, totals.outOfOrder], [0, 0, 0]);
  });
  // While there is no server, the browser itself says on the console that it found none.
  for (const page of [ada, bob]) {
    page.troubles = page.troubles.filter(
      (trouble) => !/WebSocket connection to .* failed|ERR_CONNECTION_REFUSED/.test(trouble),
    );
  }
  await part(ada, bob);
});
