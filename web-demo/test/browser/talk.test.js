import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchBrowser } from '../support/browser.js';
import { DemoPage, tally } from '../support/demo-page.js';
import { overlap, share } from '../support/moves.js';
import { startServer } from '../support/server.js';

/** A path that falls silent is left, and messages come again, within this time or four round trips. */
const MAX_SILENCE_MS = 700;
const STREAM_MS = 20_000;

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

/** Two windows in a room of their own, connected directly. */
async function pair() {
  const ada = await DemoPage.open(browser, server.url);
  const bob = await DemoPage.open(browser, ada.url);
  await Promise.all([ada.onPath('direct'), bob.onPath('direct')]);
  return [ada, bob];
}

/** @param {DemoPage[]} pages */
async function part(...pages) {
  for (const page of pages) await page.assertCalm();
  await Promise.all(pages.map((page) => page.close()));
}

test('two browsers find each other, and the path between them is direct', async (context) => {
  const [ada, bob] = await pair();
  const [a, b] = await Promise.all([ada.stats(), bob.stats()]);
  assert.equal(a.peers[0].id, b.me.id);
  assert.equal(b.peers[0].id, a.me.id);
  assert.equal(b.peers[0].name, a.me.name);
  await ada.shows('#peers .path-word', 'direct');
  await ada.shows('#peers .rtt', /^\d+(\.\d)? ms$/);
  context.diagnostic(`joined in ${Math.round(a.joinMs ?? 0)} and ${Math.round(b.joinMs ?? 0)} ms`);
  context.diagnostic(`direct after ${Math.round(a.peers[0].directAfterMs ?? 0)} ms`);
  await part(ada, bob);
});

test('a message typed in one appears in the other, once', async (context) => {
  const ada = await DemoPage.open(browser, server.url);
  const bob = await DemoPage.open(browser, ada.url);
  await ada.until(({ peers }) => peers.length === 1);
  await ada.say('Good morning');
  await bob.hears('Good morning');
  await bob.say('And to you');
  await ada.hears('And to you');
  await ada.until(({ totals }) => totals.delivered === 1 && totals.received === 1);
  assert.equal(await bob.page.locator('#chat .theirs').count(), 1);
  await ada.shows('#chat .mine .fate', /^delivered/);
  const { firstReceiptMs } = await ada.stats();
  context.diagnostic(`the first message was confirmed after ${Math.round(firstReceiptMs ?? 0)} ms`);
  await part(ada, bob);
});

test('cut and healed under 100 messages a second each way, nothing is lost, doubled or disordered', async (context) => {
  const [ada, bob] = await pair();
  const startedAt = performance.now();
  await Promise.all([ada.stream(100), bob.stream(100)]);
  for (const cutter of [ada, bob]) {
    const other = cutter === ada ? bob : ada;
    await cutter.receives(200);
    await cutter.page.click('#block-udp');
    await Promise.all([cutter.onPath('websocket'), other.onPath('websocket')]);
    await cutter.receives(200);
    await cutter.page.click('#block-udp');
    await Promise.all([cutter.onPath('direct'), other.onPath('direct')]);
  }
  const rest = STREAM_MS - (performance.now() - startedAt);
  if (rest > 0) await ada.page.waitForTimeout(rest);
  await Promise.all([ada.settle(), bob.settle()]);
  const reports = await Promise.all([ada.stats(), bob.stats()]);
  const load = share();
  context.diagnostic(`${load.toFixed(1)} threads for each core`);
  const standstills = (await Promise.all([ada.standstills(), bob.standstills()])).flat();
  for (const [me, page] of [ada, bob].entries()) {
    const { totals, longestSilenceMs, peers } = reports[me];
    const sentByOther = reports[1 - me].totals.sent;
    const independent = tally(await page.seen());
    const silenceMs = independent.silence.to - independent.silence.from;
    // The SDK does not count the time that it slept, for a sleeper hears nothing.
    const sleptMs = Math.round(overlap(independent.silence, standstills));
    context.diagnostic(
      `received ${totals.received} of ${sentByOther}, longest silence ${Math.round(longestSilenceMs)} ms ` +
        `(seen by the test: ${Math.round(silenceMs)} ms; the pages stood still for ${sleptMs} ms of it), ` +
        `round trip ${Math.round(peers[0].rttMs)} ms, ${peers[0].moves} moves, ` +
        `the last stalled for ${Math.round(peers[0].lastMove?.stalledMs ?? 0)} ms`,
    );
    assert.ok(sentByOther >= (STREAM_MS / 1000) * 100 * 0.9, `only ${sentByOther} were sent`);
    const { received, lost, doubled, outOfOrder, missed } = totals;
    assert.deepEqual(
      { received, lost, doubled, outOfOrder, missed },
      { received: sentByOther, lost: 0, doubled: 0, outOfOrder: 0, missed: 0 },
    );
    assert.equal(independent.received, sentByOther);
    assert.deepEqual([independent.lost, independent.doubled, independent.disordered], [0, 0, 0]);
    const bound = Math.max(MAX_SILENCE_MS, 4 * peers[0].rttMs) * load + sleptMs;
    assert.ok(longestSilenceMs <= bound, `silent for ${longestSilenceMs} ms`);
    assert.ok(silenceMs <= bound, `silent for ${silenceMs} ms`);
  }
  await part(ada, bob);
});

test('what the page shows is what it reports', async () => {
  const [ada, bob] = await pair();
  await bob.stream(20);
  await ada.until(({ totals }) => totals.received > 20);
  await bob.settle();
  await ada.say('one');
  await ada.until(({ totals }) => totals.delivered === 1);
  const { totals, peers } = await ada.stats();
  await ada.page.click('#peer-numbers summary');
  // The page is drawn five times a second; the table's row comes with the next drawing.
  await ada.page.waitForFunction(() => {
    const row = document.querySelector('#peer-rows tr');
    return row && document.getElementById('count-sent')?.textContent === '1';
  });
  const names = /** @type {const} */ ([
    'sent',
    'delivered',
    'received',
    'lost',
    'doubled',
    'outOfOrder',
  ]);
  for (const name of names) {
    assert.equal(await ada.page.textContent(`#count-${name}`), String(totals[name]), name);
  }
  const row = ada.page.locator('#peer-rows tr');
  const cells = await row.locator('th, td').allTextContents();
  assert.deepEqual(cells.slice(0, 7), [
    peers[0].name,
    ...names.map((name) => String(peers[0][name])),
  ]);
  await part(ada, bob);
});
