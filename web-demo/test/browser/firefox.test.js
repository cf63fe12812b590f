import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { findFirefox, launchFirefox } from '../support/firefox.js';
import { startServer } from '../support/server.js';

const TRANSPORTS = { UDP: 'transport=udp', TCP: 'transport=tcp', TLS: 'turns:' };

const PATIENCE = { timeout: 300_000 };

test(
  'Firefox that may only be relayed reaches itself through our relay',
  PATIENCE,
  async (context) => {
    const reason = findFirefox() ? whyNoCertificate() : 'Firefox is needed, or PEERLINE_FIREFOX';
    if (reason) {
      console.log(`skipped: ${reason}`);
      return context.skip(reason);
    }
    const folder = mkdtempSync(join(tmpdir(), 'peerline-firefox-tls-'));
    const { options, base } = await certified(folder);
    const [server, firefox] = await Promise.all([startServer({ options }), launchFirefox()]);
    try {
      const page = await firefox.newPage();
      await page.goto(base);
      for (const [name, part] of Object.entries(TRANSPORTS)) {
        await context.test(`over ${name}`, async () => {
          const seen = await page.evaluate(throughTheRelay, part);
          assert.deepEqual(seen, { kinds: ['relay', 'relay'], heard: ['And back', 'Through'] });
        });
      }
    } finally {
      await firefox.close();
      assert.equal(await server.stop(), 0);
      rmSync(folder, { recursive: true });
    }
  },
);

/** Runs in the page: two peer connections that may only be relayed, and a message each way. */
async function throughTheRelay(/** @type {string} */ part) {
  const { iceServers } = await (await fetch('/v1/ice-servers')).json();
  const only = iceServers
    .map((/** @type {RTCIceServer} */ it) => ({
      ...it,
      urls: [it.urls].flat().filter((url) => url.startsWith('turn') && url.includes(part)),
    }))
    .filter((/** @type {{ urls: string[] }} */ { urls }) => urls.length);
  if (only.length === 0) throw new Error(`no ${part} in ${JSON.stringify(iceServers)}`);
  /** @type {RTCConfiguration} */
  const config = { iceServers: only, iceTransportPolicy: 'relay' };
  const [one, other] = [new RTCPeerConnection(config), new RTCPeerConnection(config)];
  one.onicecandidate = ({ candidate }) => candidate && other.addIceCandidate(candidate);
  other.onicecandidate = ({ candidate }) => candidate && one.addIceCandidate(candidate);
  const channel = one.createDataChannel('probe');
  const echoed = new Promise((resolve) => {
    channel.onmessage = ({ data }) => resolve(data);
    channel.onopen = () => channel.send('Through');
  });
  const arrived = new Promise((resolve) => {
    other.ondatachannel = ({ channel: theirs }) => {
      theirs.onmessage = ({ data }) => {
        resolve(data);
        theirs.send('And back');
      };
    };
  });
  await one.setLocalDescription();
  await other.setRemoteDescription(/** @type {RTCSessionDescription} */ (one.localDescription));
  await other.setLocalDescription();
  await one.setRemoteDescription(/** @type {RTCSessionDescription} */ (other.localDescription));
  const heard = [await echoed, await arrived];
  const stats = [...(await one.getStats()).values()];
  const pair = stats.find((it) => it.type === 'candidate-pair' && it.selected);
  const kind = (/** @type {string} */ id) => stats.find((it) => it.id === id)?.candidateType;
  const kinds = [kind(pair?.localCandidateId), kind(pair?.remoteCandidateId)];
  one.close();
  other.close();
  return { kinds, heard };
}

function whyNoCertificate() {
  return spawnSync('openssl', ['version']).error ? 'openssl is needed' : undefined;
}

/**
 * Options for a server with HTTPS, and TURN over TLS on the same port.
 *
 * @param {string} folder for the certificate
 */
async function certified(folder) {
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
    ...['-keyout', key, '-out', cert],
  ]);
  assert.equal(made.status, 0, String(made.stderr));
  const port = await freePort();
  // Firefox leaves out TURN over TLS whose server has no name.
  const options = ['--hostname', 'localhost', '--tls-port', `${port}`];
  options.push('--tls-cert', cert, '--tls-key', key);
  return { options, base: `https://localhost:${port}/` };
}

/** @returns {Promise<number>} a port that was free a moment ago */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}
