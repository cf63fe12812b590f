/**
 * A foreign peer for Java tests: JSON lines in and out. `node peer.js chromium`.
 *
 * Prints `{"ev":"missing","reason":…}` and exits when what it needs is not there.
 */

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const SOURCE = readFileSync(new URL('page.js', import.meta.url), 'utf8');
/** Plain addresses: who resolves the names that hide them is another test's matter. */
const FLAGS = [
  '--allow-loopback-in-peer-connection',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
];

/** @param {object} event */
const tell = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);

/** @type {Record<string, () => Promise<{ run(command: any): Promise<unknown>; close(): Promise<void> }>>} */
const KINDS = { chromium };

async function chromium() {
  const { launchBrowser } = await import('../../../../web-demo/test/support/browser.js');
  const browser = await launchBrowser(...FLAGS);
  const page = await browser.newPage();
  await page.exposeFunction('tell', tell);
  const renew = () =>
    page.evaluate(`${SOURCE}; globalThis.peer = makePeer(RTCPeerConnection, tell); 0`);
  await renew();
  return {
    run: (command) =>
      command.op === 'new' ? renew() : page.evaluate((one) => globalThis.peer(one), command),
    close: () => browser.close(),
  };
}

const kind = process.argv[2] ?? '';
try {
  const peer = await KINDS[kind]?.();
  tell({ ev: 'ready' });
  for await (const line of createInterface({ input: process.stdin })) {
    // One after another, but a command that waits must not hold up the candidates behind it.
    peer?.run(JSON.parse(line)).catch((problem) => tell({ ev: 'error', message: String(problem) }));
  }
  await peer?.close();
} catch (problem) {
  tell({ ev: 'missing', reason: String(problem).split('\n')[0] });
}
process.exit();
