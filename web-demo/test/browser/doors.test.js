import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launchBrowser } from '../support/browser.js';
import { DemoPage, watch } from '../support/demo-page.js';
import { LAUNCHER, startServer } from '../support/server.js';

const NAME = 'peerline.test';

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {string} */
let folder;
/** @type {string} */
let secret;

before(async () => {
  // A name instead of loopback: what browsers take for no secure context, as an address in the local network.
  browser = await launchBrowser(`--host-resolver-rules=MAP ${NAME} 127.0.0.1`);
  folder = mkdtempSync(join(tmpdir(), 'peerline-doors-'));
  secret = join(folder, 'secret');
  writeFileSync(secret, randomBytes(48).toString('base64'), { mode: 0o600 });
});

after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

/**
 * @param {string[]} options
 * @param {(server: import('../support/server.js').Server) => Promise<void>} use
 */
async function serving(options, use) {
  const server = await startServer({ options });
  try {
    await use(server);
  } finally {
    assert.equal(await server.stop(), 0);
  }
}

/**
 * @param {string} base
 * @param {string[]} options
 * @returns {string} an invite link
 */
function invite(base, ...options) {
  const all = ['token', '--secret-file', secret, '--room', 'lobby', '--invite', base, ...options];
  const lines = execFileSync(LAUNCHER, all, { encoding: 'utf8' }).trim().split('\n');
  return lines.at(-1) ?? '';
}

/** A window that stands before a closed door, sooner or later. @param {string} url */
async function refused(url) {
  const context = await browser.newContext();
  await watch(context);
  const demo = new DemoPage(await context.newPage());
  await demo.page.goto(url);
  await demo.page.locator('#gate').waitFor();
  return demo;
}

test('where invites are needed, the page says so, and lets in who has one', async () => {
  await serving(['--secret-file', secret], async ({ url }) => {
    const stranger = await refused(`${url}/lobby`);
    await stranger.shows('#gate', /You need an invite link/);
    await stranger.shows('#gate-command', /peerline token --room lobby/);
    assert.equal(await stranger.page.locator('#gate-action').isVisible(), false);
    await stranger.assertCalm();
    await stranger.close();

    const forger = await refused(`${url}/lobby#token=not.a.token`);
    await forger.shows('#gate', /You need an invite link/);
    await forger.close();

    const ada = await DemoPage.open(browser, invite(url, '--name', 'Ada'));
    assert.equal(ada.url, `${url}/lobby`, 'the token is not to be read in the address bar');
    assert.equal((await ada.stats()).me.name, 'Ada');
    assert.equal(await ada.page.getAttribute('#name', 'readonly'), '');
    assert.equal(
      await ada.page.inputValue('#link'),
      `${url}/lobby`,
      'an invite with a name is for one person',
    );
    const bob = await DemoPage.open(browser, invite(url));
    assert.match(await bob.page.inputValue('#link'), /\/lobby#token=.+/);
    await Promise.all([ada.onPath('direct'), bob.onPath('direct')]);
    await bob.page.reload();
    await bob.ready();
    await bob.until(({ peers }) => peers[0]?.name === 'Ada');
    await Promise.all([ada, bob].map((page) => page.assertCalm()));
    await Promise.all([ada, bob].map((page) => page.close()));
  });
});

test('an invite that runs out closes the room, and says what to do', async () => {
  await serving(['--secret-file', secret], async ({ url }) => {
    const ada = await refused(invite(url, '--ttl', '6s'));
    await ada.shows('#gate', /has run out/);
    await ada.shows('#state-word', 'closed');
    assert.equal(await ada.page.locator('main').isVisible(), false);
    await ada.close();
  });
});

test('an open demo gives everyone a room, and its link lets others in', async () => {
  const options = [
    '--public',
    '--open-demo',
    '--external-ip',
    '127.0.0.1',
    '--secret-file',
    secret,
  ];
  await serving(options, async ({ url }) => {
    const ada = await DemoPage.open(browser, url);
    const bob = await DemoPage.open(browser, await ada.page.inputValue('#link'));
    assert.equal(bob.url, ada.url);
    await Promise.all([ada.onPath('direct'), bob.onPath('direct')]);
    const stranger = await refused(ada.url);
    await stranger.page.click('#gate-action');
    await stranger.ready();
    assert.notEqual(stranger.url, ada.url);
    for (const page of [ada, bob, stranger]) {
      await page.assertCalm();
      await page.close();
    }
  });
});

test('works on a plain address, which is no secure context', async () => {
  await serving(['--hostname', NAME], async ({ port }) => {
    const ada = await DemoPage.open(browser, `http://${NAME}:${port}/`);
    assert.equal(await ada.page.evaluate(() => isSecureContext), false);
    const bob = await DemoPage.open(browser, ada.url);
    await Promise.all([ada.onPath('direct'), bob.onPath('direct')]);
    await ada.say('No secrets needed');
    await bob.hears('No secrets needed');
    await ada.page.click('#copy');
    await ada.page.locator('#copied', { hasText: 'Copied' }).waitFor();
    await bob.page.reload();
    await bob.ready();
    await ada.onPath('direct');
    assert.equal((await ada.stats()).peers.length, 1);
    for (const page of [ada, bob]) {
      await page.assertCalm();
      await page.close();
    }
  });
});
