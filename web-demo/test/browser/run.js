/**
 * Runs the browser tests, or says why not. Where this machine gives a browser no address to be reached at (no network,
 * or none with a route), it makes a network of its own for them: two browsers in a closed box must still find each other.
 */

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findChromium, launchBrowser } from '../support/browser.js';
import { LAUNCHER } from '../support/server.js';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
/** Chromium hides addresses behind names that mDNS resolves; where nothing does, they have to be plain. */
const PLAIN_ADDRESSES = '--disable-features=WebRtcHideLocalIpsWithMdns';
const BOX = `
  ip link set lo up && ip link add box0 type veth peer name box1 && ip address add 10.99.0.1/24 dev box0 &&
  ip link set box1 up && ip link set box0 up && ip route add default via 10.99.0.2 dev box0 && exec "$@"`;
/** Measures times, or fills the machine by itself: nothing else runs meanwhile. */
const ALONE = [
  'faults.test.js',
  'leaving.test.js',
  'moves.test.js',
  'rooms.test.js',
  'talk.test.js',
];
/** A file that takes longer is given up: a test that waits for ever must not keep the others' results. */
const LIMIT_MS = process.env.PEERLINE_CHECK_ALL ? 3_600_000 : 600_000;
const PROBE_MS = 5_000;
/** Exit code of a probe that found no way. */
const NO_WAY = 3;

process.exitCode = await main(process.argv.slice(2));

/** @param {string[]} options `--probe`, or options for `node --test` */
async function main(options) {
  if (options[0] === '--probe') return (await connects()) ? 0 : NO_WAY;
  if (!findChromium()) return skip('Chromium is needed, or PEERLINE_CHROMIUM with the path of one');
  // Builds, too, so that no test waits for it.
  const server = spawnSync(LAUNCHER, ['--version'], { encoding: 'utf8' });
  if (/JDK \d+ is needed/.test(server.stderr)) return skip(server.stderr.trim());
  if (server.status !== 0) {
    process.stderr.write(server.stderr);
    return 1;
  }
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.test.js'));
  return inNetwork([
    testing(
      1,
      options,
      files.filter((name) => ALONE.includes(name)),
    ),
    testing(
      2,
      options,
      files.filter((name) => !ALONE.includes(name)),
    ),
  ]);
}

/**
 * @param {number} concurrency
 * @param {string[]} options
 * @param {string[]} files
 */
function testing(concurrency, options, files) {
  const how = [
    '--test',
    '--test-reporter=spec',
    `--test-concurrency=${concurrency}`,
    `--test-timeout=${LIMIT_MS}`,
  ];
  return [process.execPath, ...how, ...options, ...files.map((name) => FOLDER + name)];
}

/** @param {string} reason */
function skip(reason) {
  console.log(`skipped: browser tests: ${reason}`);
  return 0;
}

/**
 * Runs commands one by one, until one fails, where two browsers can reach each other.
 *
 * @param {string[][]} commands
 */
function inNetwork(commands) {
  const self = [process.execPath, fileURLToPath(import.meta.url), '--probe'];
  const plain = { ...process.env, PEERLINE_CHROMIUM_FLAGS: PLAIN_ADDRESSES };
  const box = ['unshare', '--net', 'sh', '-c', BOX, 'sh'];
  const networks = [
    { name: 'this network', wrap: /** @type {string[]} */ ([]), env: process.env },
    { name: 'this network, with plain addresses', wrap: [], env: plain },
    { name: 'a network in a box', wrap: box, env: plain },
  ];
  for (const { name, wrap, env } of networks) {
    if (run([...wrap, ...self], env, 'ignore') !== 0) continue;
    console.log(`Two browsers reach each other in ${name}.`);
    return commands.reduce(
      (code, command) => code || run([...wrap, ...command], env, 'inherit'),
      0,
    );
  }
  console.error(
    'Two browsers do not reach each other here, and a network in a box takes root and iproute2.',
  );
  return 1;
}

/**
 * @param {string[]} command
 * @param {NodeJS.ProcessEnv} env
 * @param {'inherit' | 'ignore'} stdio
 */
function run([file = '', ...rest], env, stdio) {
  return spawnSync(file, rest, { env, stdio }).status ?? 1;
}

/** Whether two windows get a data channel open between them. */
async function connects() {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    return await page.evaluate(async (patience) => {
      const [one, other] = [new RTCPeerConnection(), new RTCPeerConnection()];
      one.onicecandidate = ({ candidate }) => candidate && other.addIceCandidate(candidate);
      other.onicecandidate = ({ candidate }) => candidate && one.addIceCandidate(candidate);
      const channel = one.createDataChannel('probe');
      const opened = new Promise((resolve) => {
        channel.onopen = () => resolve(true);
        setTimeout(resolve, patience, false);
      });
      await one.setLocalDescription();
      await other.setRemoteDescription(/** @type {RTCSessionDescription} */ (one.localDescription));
      await other.setLocalDescription();
      await one.setRemoteDescription(/** @type {RTCSessionDescription} */ (other.localDescription));
      return opened;
    }, PROBE_MS);
  } finally {
    await browser.close();
  }
}
