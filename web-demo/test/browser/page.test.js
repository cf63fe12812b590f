import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import jsqr from 'jsqr';
import { launchBrowser } from '../support/browser.js';
import { DemoPage, watch } from '../support/demo-page.js';
import { nodePeer } from '../support/node-peer.js';
import { startServer } from '../support/server.js';

const decode = /** @type {typeof jsqr.default} */ (/** @type {unknown} */ (jsqr));

/** What they look like, for people: see the folder after a run. */
const SCREENSHOTS = fileURLToPath(new URL('../../target/screenshots/', import.meta.url));
const MAX_PICTURES = 20;
const PHONE = { width: 390, height: 844 };
const LAPTOP = { width: 1280, height: 800 };

/** @type {import('../support/server.js').Server} */
let server;
/** @type {import('playwright-core').Browser} */
let browser;

before(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true });
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
});

after(async () => {
  await browser?.close();
  assert.equal(await server?.stop(), 0);
});

test('the front door makes a room, and says how to come in', async () => {
  const page = await DemoPage.open(browser, server.url);
  assert.match(new URL(page.url).pathname, /^\/[a-z]+-[a-z]+-[a-z0-9]{6}$/);
  assert.equal(await page.page.inputValue('#link'), page.url);
  assert.equal(await page.page.getAttribute('#second', 'href'), page.url);
  assert.match((await page.page.getAttribute('#second', 'rel')) ?? '', /noopener/);
  assert.equal(await readQr(page), page.url);
  const opening = page.page.context().waitForEvent('page');
  await page.page.click('#second');
  const second = await new DemoPage(await opening).ready();
  await Promise.all([page.onPath('direct'), second.onPath('direct')]);
  assert.equal(await second.page.evaluate(() => window.opener), null);
  await page.assertCalm();
  await second.assertCalm();
  await page.close();
});

test('copies the link, in a secure context and without', async () => {
  const page = await DemoPage.open(browser, server.url);
  await page.page.click('#copy');
  await page.page.locator('#copied', { hasText: 'Copied' }).waitFor();
  await page.page.evaluate(() =>
    Object.defineProperty(navigator, 'clipboard', { value: undefined }),
  );
  await page.page.fill('#text', '');
  await page.page.click('#copy');
  await page.page.focus('#text');
  await page.page.keyboard.press('Control+V');
  assert.equal(await page.page.inputValue('#text'), page.url);
  await page.assertCalm();
  await page.close();
});

test('the policy allows nothing but this server, and no inline code', async () => {
  const page = await browser.newPage();
  const response = await page.goto(server.url);
  const policy = response?.headers()['content-security-policy'] ?? '';
  assert.match(policy, /script-src 'self'(;|$)/);
  assert.match(policy, /style-src 'self'(;|$)/);
  assert.doesNotMatch(policy, /unsafe|\*|https?:/);
  await page.close();
});

test('what others write stays text: no markup, no turned-around lines', async (context) => {
  const ada = await DemoPage.open(browser, server.url);
  const evil = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
  const mallory = await nodePeer(context, ada.url, `${evil.slice(0, 24)}\u202Egpj`);
  await ada.until(({ peers }) => peers.length === 1);
  // Past the page's own cleaning: straight over the SDK.
  const send = (/** @type {object} */ said) => mallory.outbox.send(said, []);
  await send({ kind: 'chat', text: evil });
  await send({ kind: 'chat', text: 'abc\u202Edef\u2066\u0007ghi' });
  await send({ kind: 'name', name: `\u202E${evil}` });
  await send({ kind: 'chat', text: 'last' });
  await ada.hears('last');
  await ada.hears(evil);
  await ada.hears('abcdefghi');
  const found = await ada.page.evaluate(() => ({
    hacked: 'hacked' in window,
    images: document.querySelectorAll('img, #chat script').length,
    hidden: /[\u202a-\u202e\u2066-\u2069]/.test(document.body.textContent ?? ''),
  }));
  assert.deepEqual(found, { hacked: false, images: 0, hidden: false });
  const [peer] = (await ada.stats()).peers;
  assert.ok([...peer.name].length <= 32, peer.name);
  await mallory.room.leave();
  await ada.assertCalm();
  await ada.close();
});

test('what strangers send in strange shapes and sizes breaks nothing, and the chat stays bounded', async (context) => {
  const ada = await DemoPage.open(browser, server.url);
  const stranger = await nodePeer(context, ada.url, 'x'.repeat(64));
  await ada.until(({ peers }) => peers.length === 1);
  for (const odd of [
    'text',
    { kind: 'chat' },
    { kind: 'tick', n: -1 },
    [1],
    { n: 1e300 },
    new Uint8Array(9),
  ]) {
    await stranger.room.send(/** @type {object} */ (odd));
  }
  await Promise.all(
    Array.from({ length: 300 }, (_, i) => stranger.chat(`${i} ${'y'.repeat(3000)}`)),
  );
  await stranger.chat('done');
  await ada.hears('done');
  const { chatLines, totals } = await ada.stats();
  assert.ok(chatLines <= 200, `${chatLines} lines`);
  assert.deepEqual([totals.received, totals.lost, totals.doubled], [301, 0, 0]);
  const width = await ada.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(width <= 0, `${width} pixels too wide`);
  await stranger.room.leave();
  await ada.assertCalm();
  await ada.close();
});

test('a name can be changed, is told to the others, and outlives a reload', async () => {
  const ada = await DemoPage.open(browser, server.url);
  const bob = await DemoPage.open(browser, ada.url);
  await ada.until(({ peers }) => peers.length === 1);
  await ada.page.fill('#name', 'Ada Lovelace');
  await ada.page.press('#name', 'Enter');
  await bob.until(({ peers }) => peers[0]?.name === 'Ada Lovelace');
  await ada.page.reload();
  await ada.ready();
  assert.equal(await ada.page.inputValue('#name'), 'Ada Lovelace');
  await bob.until(({ peers }) => peers.length === 1 && peers[0]?.name === 'Ada Lovelace');
  await ada.page.fill('#name', '   ');
  await ada.page.press('#name', 'Enter');
  assert.equal(await ada.page.inputValue('#name'), 'Ada Lovelace');
  await Promise.all([ada, bob].map((page) => page.assertCalm()));
  await Promise.all([ada, bob].map((page) => page.close()));
});

test('everything can be reached and done by keyboard, and where one is can be seen', async () => {
  const ada = await DemoPage.open(browser, server.url);
  const bob = await DemoPage.open(browser, ada.url);
  await Promise.all([ada.onPath('direct'), bob.onPath('direct')]);
  /** @type {string[]} */
  const reached = [];
  for (let i = 0; i < 40; i++) {
    await ada.page.keyboard.press('Tab');
    const focus = await ada.page.evaluate(() => {
      const element = document.activeElement ?? document.body;
      const marked = [element, element.nextElementSibling ?? element].some(
        (each) => getComputedStyle(each).outlineStyle !== 'none',
      );
      const name = element.id || element.getAttribute('class') || element.localName;
      return { name, marked, body: element === document.body };
    });
    if (focus.body || reached.includes(focus.name)) break;
    assert.ok(focus.marked, `no focus to be seen on ${focus.name}`);
    reached.push(focus.name);
  }
  for (const id of [
    'name',
    'pick',
    'link',
    'copy',
    'show-qr',
    'second',
    'stream',
    'block-udp',
    'block-websocket',
    'block-streams',
    'block-all',
    'chat',
    'text',
  ]) {
    assert.ok(reached.includes(id), `${id} is not among ${reached}`);
  }
  await ada.page.focus('#block-udp');
  await ada.page.keyboard.press('Enter');
  await ada.onPath('websocket');
  assert.equal(await ada.page.evaluate(() => document.activeElement?.id), 'block-udp');
  await ada.page.keyboard.press('Space');
  await ada.onPath('direct');
  await ada.page.focus('#text');
  await ada.page.keyboard.type('By hand');
  await ada.page.keyboard.press('Enter');
  await bob.hears('By hand');
  await Promise.all([ada, bob].map((page) => page.assertCalm()));
  await Promise.all([ada, bob].map((page) => page.close()));
});

test('a screen reader is told of what happens, in a few sentences', async () => {
  const ada = await DemoPage.open(browser, server.url);
  await ada.page.evaluate(() => {
    /** @type {string[]} */
    const said = [];
    Object.assign(window, { said });
    const region = document.getElementById('announcer');
    if (region) {
      const listen = () => region.textContent && said.push(region.textContent);
      new MutationObserver(listen).observe(region, {
        childList: true,
        characterData: true,
        subtree: true,
      });
    }
  });
  const bob = await DemoPage.open(browser, ada.url);
  await ada.onPath('direct');
  await bob.stream(100);
  await ada.receives(200);
  await ada.page.click('#block-udp');
  await ada.onPath('websocket');
  await ada.page.waitForFunction(() =>
    /** @type {any} */ (window).said.join(' ').includes('now WebSocket'),
  );
  const said = await ada.page.evaluate(() => /** @type {any} */ (window).said);
  assert.ok(said.length <= 4, `too much: ${said}`);
  assert.match(said.join(' '), /now direct/);
  const tree = await ada.page.locator('main').ariaSnapshot();
  for (const name of ['Who is here', 'Chat', 'Try to break it', 'Round trip and path'])
    assert.match(tree, new RegExp(name));
  await Promise.all([ada, bob].map((page) => page.assertCalm()));
  await Promise.all([ada, bob].map((page) => page.close()));
});

for (const [device, viewport] of /** @type {const} */ ([
  ['phone', PHONE],
  ['laptop', LAPTOP],
])) {
  test(`fits a ${device}, light and dark`, async () => {
    const options = { viewport, deviceScaleFactor: device === 'phone' ? 2 : 1 };
    const ada = await DemoPage.open(browser, server.url, options);
    const shoot = async (/** @type {string} */ name) => {
      await assertFits(ada);
      for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
        await ada.page.emulateMedia({ colorScheme });
        const path = `${SCREENSHOTS}${name}-${device}-${colorScheme}.png`;
        await ada.page.screenshot({ path, fullPage: true });
      }
    };
    await shoot('alone');
    const bob = await DemoPage.open(browser, ada.url);
    await Promise.all([ada.onPath('direct'), bob.onPath('direct')]);
    await ada.say('It arrived.');
    await bob.say('Straight from my browser to yours.');
    await ada.hears('Straight from my browser to yours.');
    await bob.stream(20);
    await ada.receives(20);
    await ada.page.click('#block-udp');
    await ada.onPath('websocket');
    await ada.receives(20);
    await shoot('cut');
    await ada.page.click('#block-udp');
    await ada.onPath('direct');
    await shoot('pair');
    await Promise.all([ada, bob].map((page) => page.assertCalm()));
    await Promise.all([ada, bob].map((page) => page.close()));
  });
}

test('with reduced motion nothing moves', async () => {
  const context = await browser.newContext({ reducedMotion: 'reduce' });
  await watch(context);
  const ada = new DemoPage(await context.newPage());
  await ada.page.goto(server.url);
  await ada.ready();
  const bob = await DemoPage.open(browser, ada.url);
  await ada.onPath('direct');
  await bob.stream(20);
  await ada.receives(20);
  assert.equal(await ada.page.evaluate(() => document.getAnimations().length), 0);
  await Promise.all([ada, bob].map((page) => page.close()));
});

/** @param {DemoPage} demo */
async function assertFits({ page }) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${wide} pixels too wide`);
  const counters = await page.locator('#counters').boundingBox();
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  const scrolled = await page.locator('#counters').boundingBox();
  assert.ok(
    counters && scrolled && scrolled.y >= 0 && scrolled.y < 100,
    'the counters stay in view',
  );
  await page.evaluate(() => scrollTo(0, 0));
}

/** A picture is taken of what the compositor has, which may be late: two in a row that are the same. @param {import('playwright-core').Locator} element */
async function stillPicture(element) {
  let before = await element.screenshot();
  for (let taken = 1; taken < MAX_PICTURES; taken++) {
    const next = await element.screenshot();
    if (next.equals(before)) return next;
    before = next;
  }
  return assert.fail(`${MAX_PICTURES} pictures, and no two in a row were the same`);
}

/** Reads the QR code as a phone does: from its picture. @param {DemoPage} demo */
async function readQr({ page }) {
  const picture = await stillPicture(page.locator('#qr'));
  writeFileSync(`${SCREENSHOTS}qr.png`, picture);
  const png = picture.toString('base64');
  const { data, width, height } = await page.evaluate(async (encoded) => {
    const image = new Image();
    image.src = `data:image/png;base64,${encoded}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = image.width;
    canvas.height = image.height;
    const drawing = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    drawing.drawImage(image, 0, 0);
    const pixels = drawing.getImageData(0, 0, image.width, image.height);
    return { data: [...pixels.data], width: image.width, height: image.height };
  }, png);
  return decode(Uint8ClampedArray.from(data), width, height)?.data;
}
