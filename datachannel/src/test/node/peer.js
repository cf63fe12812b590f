/**
 * A foreign peer for Java tests: JSON lines in and out. `node peer.js KIND`: one of KINDS below.
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

/** @typedef {{ run(command: any): Promise<unknown>; close(): Promise<void> }} Peer */
/** @type {Record<string, () => Promise<Peer>>} */
const KINDS = { chromium, 'chromium-snap': chromiumWithSnap, firefox, libdatachannel, werift };

/** @param {string[]} flags */
async function chromium(...flags) {
  const { launchBrowser } = await import('../../../../web-demo/test/support/browser.js');
  return inPage(await launchBrowser(...FLAGS, ...flags));
}

/** Offers and answers `a=sctp-init`. */
function chromiumWithSnap() {
  return chromium('--force-fieldtrials=WebRTC-Sctp-Snap/Enabled/');
}

async function firefox() {
  const { launchFirefox } = await import('../../../../web-demo/test/support/firefox.js');
  return inPage(await launchFirefox());
}

/** @param {{ newPage(): Promise<any>, close(): Promise<void> }} browser @returns {Promise<Peer>} */
async function inPage(browser) {
  const page = await browser.newPage();
  await page.exposeFunction('tell', tell);
  const renew = () =>
    page.evaluate(`${SOURCE}; globalThis.peer = makePeer(RTCPeerConnection, tell); 0`);
  await renew();
  return {
    run: (command) =>
      command.op === 'new'
        ? renew()
        : page.evaluate(
            (/** @type {any} */ one) => /** @type {any} */ (globalThis).peer(one),
            command,
          ),
    close: () => browser.close(),
  };
}

async function libdatachannel() {
  const { makePeer } = await import('./libdatachannel.js');
  return here(() => makePeer(tell));
}

async function werift() {
  const { RTCPeerConnection } = await import('werift');
  const makePeer = new Function(`${SOURCE}; return makePeer`)();
  return here(() => makePeer(RTCPeerConnection, tell, { iceServers: [] }));
}

/** In this process. @param {() => (command: any) => Promise<void>} renew @returns {Peer} */
function here(renew) {
  let peer = renew();
  return {
    run: async (command) => {
      if (command.op === 'new') peer = renew();
      else await peer(command);
    },
    close: async () => {},
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
