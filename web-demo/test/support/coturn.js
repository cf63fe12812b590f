import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';

const USER = 'ada';
const PASSWORD = 'correct-horse';
const RELAY_PORTS = { first: 61_000, last: 61_200 };
const PATIENCE_MS = 10_000;

/** @returns {string} why there can be none here; '' if there can */
export function noCoturn() {
  if (spawnSync('turnserver', ['--version']).error) return 'turnserver (coturn) is not installed';
  return address()
    ? ''
    : 'this machine has no address but loopback, which coturn does not relay to';
}

/** @returns {string | undefined} the first that is not loopback */
function address() {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
}

/** Runs Debian's TURN server on a free port, with one user. */
export async function startCoturn() {
  const ip = /** @type {string} */ (address());
  const port = await freePort(ip);
  const folder = mkdtempSync(join(tmpdir(), 'peerline-coturn-'));
  const child = spawn(
    'turnserver',
    [
      ...['-n', '--no-cli', '--no-tls', '--no-dtls', '--no-tcp', '--lt-cred-mech', '--fingerprint'],
      ...['--listening-ip', ip, '--relay-ip', ip, '--listening-port', String(port)],
      ...['--min-port', String(RELAY_PORTS.first), '--max-port', String(RELAY_PORTS.last)],
      ...['--realm', 'test', '--user', `${USER}:${PASSWORD}`, '--log-file', 'stdout'],
      ...['--pidfile', join(folder, 'pid'), '--userdb', join(folder, 'users')],
    ],
    { stdio: 'ignore', cwd: folder },
  );
  const exited = once(child, 'exit');
  await answers(ip, port);
  return {
    /** For `serve --ice-server`. */
    option: `turn:${ip}:${port}?transport=udp,user=${USER},password=${PASSWORD}`,
    async stop() {
      child.kill('SIGTERM');
      await exited;
      rmSync(folder, { recursive: true });
    },
  };
}

/** @param {string} ip */
async function freePort(ip) {
  const socket = createSocket('udp4');
  socket.bind(0, ip);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

/** Waits until it answers a STUN Binding request (RFC 8489 §5). @param {string} ip @param {number} port */
async function answers(ip, port) {
  const socket = createSocket('udp4');
  const request = Buffer.alloc(20);
  request.writeUInt16BE(1, 0);
  request.writeUInt32BE(0x2112a442, 4);
  const asking = setInterval(() => socket.send(request, port, ip), 100);
  try {
    await once(socket, 'message', { signal: AbortSignal.timeout(PATIENCE_MS) });
  } finally {
    clearInterval(asking);
    socket.close();
  }
}
