import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchBrowser } from '../support/browser.js';
import { DemoPage, watch } from '../support/demo-page.js';
import { eventually } from '../support/node-peer.js';
import { startServer } from '../support/server.js';
import { startTicketProxy } from '../support/ticket-proxy.js';

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

/** A window whose browser cannot read an answer as it comes, and which may use streams alone. @param {string} url */
async function withoutStreaming(url) {
  const context = await browser.newContext();
  await watch(context);
  await context.addInitScript(() => {
    delete (/** @type {any} */ (Response.prototype).body);
  });
  const demo = new DemoPage(await context.newPage());
  await demo.page.goto(url);
  return demo.ready();
}

test('where fetch cannot stream, an EventSource with tickets carries the session, whatever ends it', async (context) => {
  const proxy = await startTicketProxy(context, server.url);
  const ada = await withoutStreaming(`${proxy.url}/tickets?paths=sse`);
  const bob = await DemoPage.open(browser, `${server.url}/tickets?paths=websocket`);
  await Promise.all([ada.onPath('sse', 1, PATIENCE_MS), bob.onPath('sse', 1, PATIENCE_MS)]);
  assert.equal(await ada.page.evaluate(() => 'body' in Response.prototype), false);
  await eventually(() => proxy.used.length === proxy.sold, 'a stream for each ticket');
  await Promise.all([ada.stream(20), bob.stream(20)]);
  await Promise.all([ada.receives(20, PATIENCE_MS), bob.receives(20, PATIENCE_MS)]);

  // On a busy machine another is dialled beside one that is silent, until either carries.
  await eventually(() => proxy.open === 1, 'one stream is open');
  const before = proxy.used.length;
  proxy.cut();
  await eventually(() => proxy.used.length > before, 'another ticket');
  await Promise.all([ada.receives(20, PATIENCE_MS), bob.receives(20, PATIENCE_MS)]);

  await eventually(() => proxy.open === 1, 'one stream is open again');
  const then = proxy.used.length;
  proxy.spoil();
  proxy.cut();
  await eventually(() => proxy.used.length > then + 1, 'the one that is over, and a newer');
  await Promise.all([ada.receives(20, PATIENCE_MS), bob.receives(20, PATIENCE_MS)]);
  assert.equal(new Set(proxy.used).size, proxy.used.length, 'no ticket was shown twice');

  await Promise.all([ada.settle(PATIENCE_MS), bob.settle(PATIENCE_MS)]);
  const reports = await Promise.all([ada.stats(), bob.stats()]);
  for (const [i, { totals, peers }] of reports.entries()) {
    assert.equal(totals.received, reports[1 - i].totals.sent);
    assert.deepEqual([totals.lost, totals.doubled, totals.outOfOrder], [0, 0, 0]);
    assert.equal(peers[0].path, 'sse');
  }
  context.diagnostic(`${proxy.sold} tickets, ${reports[0].totals.received} messages received`);
  // The browser says on the console that a stream broke off, and that a ticket was refused.
  ada.troubles = ada.troubles.filter((trouble) => !/Failed to load resource/.test(trouble));
  for (const page of [ada, bob]) {
    await page.assertCalm();
    await page.close();
  }
});
