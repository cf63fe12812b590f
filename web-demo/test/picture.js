/**
 * Takes the README's picture from the running thing: `node web-demo/test/picture.js`, from the project's folder. Needs
 * pngquant, for a picture is small.
 */

import { execFileSync } from 'node:child_process';
import { launchBrowser } from './support/browser.js';
import { DemoPage } from './support/demo-page.js';
import { startServer } from './support/server.js';

const FILE = 'docs/images/demo.png';
const FRAME = { x: 16, y: 0, width: 1248, height: 1096 };

const [server, browser] = await Promise.all([startServer({ port: 8080 }), launchBrowser()]);
try {
  const ada = await DemoPage.open(browser, `${server.url}/lobby`, {
    viewport: { width: 1280, height: 1110 },
  });
  const grace = await DemoPage.open(browser, ada.url);
  for (const [page, name] of /** @type {const} */ ([
    [ada, 'Ada'],
    [grace, 'Grace'],
  ])) {
    await page.page.fill('#name', name);
    await page.page.press('#name', 'Enter');
  }
  await ada.onPath('direct');
  await grace.say('Is this really going from my browser to yours?');
  await ada.hears('Is this really going from my browser to yours?');
  await ada.say('It is. Now I cut that path…');
  await Promise.all([ada.stream(20), grace.stream(20)]);
  await ada.receives(200);
  await ada.page.click('#block-udp');
  await ada.onPath('websocket');
  await ada.receives(60);
  await grace.say('…and you are still here.');
  await ada.hears('…and you are still here.');
  await ada.receives(100);
  await ada.page.click('#block-udp');
  await ada.onPath('direct');
  await ada.receives(80);
  await ada.say('Nothing lost, nothing twice.');
  await grace.hears('Nothing lost, nothing twice.');
  await ada.receives(20);
  await ada.page.focus('#block-udp');
  await ada.page.mouse.click(2, 400);
  await ada.page.screenshot({ path: FILE, clip: FRAME });
  execFileSync('pngquant', ['--force', '--skip-if-larger', '--output', FILE, '--', FILE]);
} finally {
  await browser.close();
  await server.stop();
}
