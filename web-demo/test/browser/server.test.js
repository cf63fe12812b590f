import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchBrowser } from '../support/browser.js';
import { startServer } from '../support/server.js';

/** @type {Awaited<ReturnType<typeof startServer>>} */
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

test('a browser reaches the server', async () => {
  const page = await browser.newPage();
  const response = await page.goto(`${server.url}/healthz`);
  assert.equal(response?.status(), 200);
  assert.equal(await page.locator('body').textContent(), 'ok');
});
