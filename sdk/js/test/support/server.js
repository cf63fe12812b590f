import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const LAUNCHER = fileURLToPath(new URL('../../../../peerline', import.meta.url));
/** The first use builds. */
const BUILD_MS = 600_000;

/** Why there is no server here, or null. @returns {Promise<string | null>} */
export async function whyNoServer() {
  try {
    await promisify(execFile)(LAUNCHER, ['--version'], { timeout: BUILD_MS });
    return null;
  } catch (error) {
    const { stderr = '', message } = /** @type {any} */ (error);
    return String(stderr).trim().split('\n').pop() || message;
  }
}

/** What a command prints. @param {string[]} args */
export async function run(...args) {
  const { stdout } = await promisify(execFile)(LAUNCHER, args);
  return stdout.trim();
}

/**
 * `peerline serve`, on a free port unless another is given.
 * @param {number} port
 * @param {string[]} options
 */
export async function serve(port = 0, ...options) {
  const args = ['serve', '--port', `${port}`, '--turn-port', '0', '--no-grpc', ...options];
  const child = spawn(LAUNCHER, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const url = await new Promise((/** @type {(url: string) => void} */ resolve, reject) => {
    lines.on('line', (line) => line.startsWith('ready ') && resolve(line.slice(6)));
    exited.then(([code]) => reject(new Error(`serve exited with ${code}`)));
  });
  return {
    url,
    port: Number(new URL(url).port),
    /** @param {NodeJS.Signals} [signal] */
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await exited;
    },
  };
}
