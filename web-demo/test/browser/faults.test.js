import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchBrowser } from '../support/browser.js';
import { noCoturn, startCoturn } from '../support/coturn.js';
import { DemoPage } from '../support/demo-page.js';
import { assertAllCame, move, share } from '../support/moves.js';
import { startServer } from '../support/server.js';
import { startSwallower } from '../support/swallower.js';

/** Where WebSockets are eaten, the room is open and a first message is confirmed within this time, by an idle machine. */
const FIRST_MS = 2_500;
const OUTAGE_MS = 5_000;
/** How soon after an outage messages come again. */
const HEALED_MS = 4_000;

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

/** @param {DemoPage[]} pages */
async function part(...pages) {
  // A request that a newer carrier has overtaken is refused, and the browser itself says so on the console.
  for (const page of pages) page.troubles = page.troubles.filter((each) => !/\b409\b/.test(each));
  for (const page of pages) await page.assertCalm();
  await Promise.all(pages.map((page) => page.close()));
}

test('where WebSockets are eaten, the first message goes by another path, soon', async (context) => {
  const network = await startSwallower(context, server.url);
  const ada = await DemoPage.open(browser, `${network.url}/?paths=websocket,sse,long-poll,poll`);
  const bob = await DemoPage.open(browser, ada.url.replace(network.url, server.url));
  await ada.until(({ peers }) => peers.length === 1);
  await ada.say('Through the gap');
  await bob.hears('Through the gap');
  await ada.until(({ firstReceiptMs }) => firstReceiptMs !== null);
  await ada.onPath('sse');
  const { joinMs, firstReceiptMs } = await ada.stats();
  const took = (joinMs ?? Infinity) + (firstReceiptMs ?? Infinity);
  context.diagnostic(
    `joined in ${Math.round(joinMs ?? 0)} ms, the first message was confirmed in ${Math.round(firstReceiptMs ?? 0)} ms`,
  );
  assert.ok(network.swallowed > 0);
  assert.ok(took <= FIRST_MS * share(), `${took} ms`);
  await part(ada, bob);
});

test('the buttons do what they say: one path after the other goes, and all come back', async () => {
  const ada = await DemoPage.open(browser, server.url);
  const bob = await DemoPage.open(browser, ada.url);
  await Promise.all([ada.onPath('direct'), bob.onPath('direct')]);
  for (const [button, word, kind] of [
    ['block-udp', 'WebSocket', 'websocket'],
    ['block-websocket', 'SSE', 'sse'],
    ['block-streams', 'poll', 'poll'],
  ]) {
    await ada.page.click(`#${button}`);
    for (const page of [ada, bob]) {
      await page.onPath(kind, 1, 60_000);
      await page.shows('#peers .path-word', new RegExp(`^${word}$`));
      await page.shows('#why', word);
    }
    assert.equal(await ada.page.getAttribute(`#${button}`, 'aria-pressed'), 'true');
  }
  await ada.shows('#why', 'Why not direct?');
  await ada.shows('#cut-mark', 'SSE, long poll');
  await ada.say('Still here');
  await bob.hears('Still here');
  for (const button of ['block-streams', 'block-websocket', 'block-udp'])
    await ada.page.click(`#${button}`);
  await Promise.all([ada.onPath('direct', 1, 60_000), bob.onPath('direct', 1, 60_000)]);
  await ada.page.locator('#cut-mark').waitFor({ state: 'hidden' });
  const { totals } = await bob.stats();
  assert.deepEqual([totals.lost, totals.doubled, totals.outOfOrder], [0, 0, 0]);
  await part(ada, bob);
});

test('everything blocked for five seconds in mid-stream: it heals by itself, and nothing is lost', async (context) => {
  const ada = await DemoPage.open(browser, server.url);
  const bob = await DemoPage.open(browser, ada.url);
  await Promise.all([ada.onPath('direct'), bob.onPath('direct')]);
  await Promise.all([ada.stream(200), bob.stream(200)]);
  await Promise.all([ada.receives(100), bob.receives(100)]);
  await ada.page.click('#block-all');
  await ada.until(({ blocked }) => blocked.length === 6);
  await ada.shows('#block-all', /Nothing passes for \d s/);
  await ada.until(({ blocked }) => blocked.length === 0);
  await Promise.all([ada, bob].map((page) => page.receives(200, 60_000)));
  const reports = await Promise.all([ada.stats(), bob.stats()]);
  const silences = reports.map(({ longestSilenceMs }) => longestSilenceMs);
  const sent = await assertAllCame([ada, bob]);
  context.diagnostic(
    `silent for ${silences.map(Math.round).join(' and ')} ms; sent and received ${sent.join(' and ')}`,
  );
  for (const silence of silences) {
    assert.ok(silence >= OUTAGE_MS - 1_000, `something passed: silent for ${silence} ms`);
    assert.ok(silence <= OUTAGE_MS + HEALED_MS * share(), `silent for ${silence} ms`);
  }
  await part(ada, bob);
});

const missing = noCoturn();
test('through a relay, and from it to the server and back', {
  skip: missing || false,
}, async (context) => {
  const coturn = await startCoturn();
  const relaying = await startServer({ options: ['--ice-server', coturn.option] });
  try {
    const ada = await DemoPage.open(browser, `${relaying.url}/?paths=relayed,websocket,sse`);
    const bob = await DemoPage.open(browser, ada.url);
    const pages = [ada, bob];
    await Promise.all(pages.map((page) => page.onPath('relayed', 1, 60_000)));
    await Promise.all(pages.map((page) => page.stream(200)));
    context.diagnostic(
      (await move(pages, { from: 'relayed', to: 'websocket', blocked: ['direct'] })).says,
    );
    context.diagnostic((await move(pages, { from: 'websocket', to: 'relayed', blocked: [] })).says);
    await ada.shows('#why', 'relay');
    await assertAllCame(pages);
    await part(...pages);
  } finally {
    assert.equal(await relaying.stop(), 0);
    await coturn.stop();
  }
});
