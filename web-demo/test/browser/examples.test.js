import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launchBrowser } from '../support/browser.js';
import { LAUNCHER, startServer } from '../support/server.js';

const EXAMPLES = fileURLToPath(new URL('../../../examples/', import.meta.url));
/** A program in Java is compiled as it starts, beside a browser. */
const PATIENCE_MS = 90_000;

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {string} */
let folder;
/** The examples' pages, on an origin of their own. @type {import('node:http').Server} */
let pages;
/** @type {import('../support/server.js').Server} */
let server;
/** @type {string} */
let origin;

before(async () => {
  browser = await launchBrowser();
  folder = mkdtempSync(join(tmpdir(), 'peerline-examples-'));
  pages = createServer((request, response) => {
    const [path] = /** @type {string} */ (request.url).split('?');
    if (!path.endsWith('.html')) {
      response.writeHead(404).end(); // the browser asks for an icon
      return;
    }
    response.setHeader('Content-Type', 'text/html');
    response.end(readFileSync(join(EXAMPLES, 'web', path)));
  }).listen(0, '127.0.0.1');
  await once(pages, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (pages.address());
  origin = `http://127.0.0.1:${port}`;
  server = await startServer({ options: [`--allow-origin=${origin}`] });
});

after(async () => {
  await browser?.close();
  pages?.close();
  assert.equal(await server?.stop(), 0);
  rmSync(folder, { recursive: true });
});

/**
 * Runs an example, until the test is over.
 *
 * @param {import('node:test').TestContext} context
 * @param {string} name
 * @param {...string} args
 */
function run(context, name, ...args) {
  const child = spawn(LAUNCHER, ['java', join(EXAMPLES, 'java', `${name}.java`), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (text) => {
    said += text;
  });
  const exited = once(child, 'exit');
  context.after(() => child.kill());
  return {
    exited,
    said: () => said,
    /** @param {RegExp} pattern */
    async says(pattern) {
      while (!pattern.test(said)) {
        const [more] = await Promise.race([once(child.stdout, 'data'), exited]);
        assert.ok(more instanceof Buffer || pattern.test(said), `${name} ended: ${said}`);
      }
    },
  };
}

test('a file goes from a JVM to a browser and to another JVM, whole', {
  timeout: 3 * PATIENCE_MS,
}, async (context) => {
  const file = join(folder, 'photo.jpg');
  const bytes = randomBytes(10_000_000);
  writeFileSync(file, bytes);
  const room = `${server.url}/files`;
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(`${origin}/receive-file.html?room=${room}`);
  const sender = run(context, 'SendFile', room, file);
  const receiver = run(context, 'ReceiveFile', room, join(folder, 'downloads'));
  const link = page.locator('a[download="photo.jpg"]');
  await link.waitFor();
  await sender.says(/page: has it, over /);
  const arrived = await link.evaluate(async (anchor) => {
    const body = await fetch(/** @type {HTMLAnchorElement} */ (anchor).href);
    const digest = await crypto.subtle.digest('SHA-256', await body.arrayBuffer());
    return [...new Uint8Array(digest)];
  });
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  assert.deepEqual(arrived, [...new Uint8Array(digest)]);
  assert.deepEqual(await receiver.exited, [0, null]);
  assert.match(receiver.said(), /10000000 bytes, over /);
  assert.ok(readFileSync(join(folder, 'downloads', 'photo.jpg')).equals(bytes));
  await page.close();
});

test('prices go from a JVM to a browser, directly', {
  timeout: 3 * PATIENCE_MS,
}, async (context) => {
  const room = `${server.url}/prices`;
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(`${origin}/ticker.html?room=${room}`);
  const ticker = run(context, 'PriceTicker', room);
  await page.locator('#open', { hasText: '100.00' }).waitFor();
  await page.locator('#path', { hasText: 'direct' }).waitFor();
  await ticker.says(/page: websocket > direct/);
  const shown = await page.locator('#price').textContent();
  await page.waitForFunction(
    (before) => document.getElementById('price')?.textContent !== before,
    shown,
  );
  await page.close();
});
