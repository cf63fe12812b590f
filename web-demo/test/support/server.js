import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const LAUNCHER = fileURLToPath(new URL('../../../peerline', import.meta.url));

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
// A file of tests that is given up leaves no server behind, which the runner would wait for.
process.once('SIGTERM', () => process.exit(1));
process.on('exit', () => {
  for (const child of running) child.kill();
});

/**
 * Runs `peerline serve`.
 *
 * @param {{ port?: number, options?: string[] }} [start] by default on a free port; more options for `serve`
 * @returns {Promise<Server>}
 *
 * @typedef {object} Server
 * @property {string} url
 * @property {number} port
 * @property {() => Promise<number | null>} stop resolves with the exit code
 */
export async function startServer({ port = 0, options = [] } = {}) {
  const turn = options.includes('--no-relay') ? [] : ['--turn-port', '0'];
  const grpc = options.includes('--grpc-port') ? [] : ['--no-grpc'];
  const child = spawn(LAUNCHER, ['serve', '--port', String(port), ...turn, ...grpc, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  const exited = once(child, 'exit').then(([code]) => {
    running.delete(child);
    return /** @type {number | null} */ (code);
  });
  const url = await Promise.race([
    readyUrl(child.stdout),
    exited.then((code) =>
      Promise.reject(new Error(`serve exited with ${code} before it was ready`)),
    ),
  ]);
  return {
    url,
    port: Number(new URL(url).port),
    stop() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

/** @param {import('node:stream').Readable} stdout */
async function readyUrl(stdout) {
  // on() rather than the iterator, which would close the pipe when it is left
  const lines = createInterface({ input: stdout });
  return await new Promise((/** @type {(url: string) => void} */ resolve) => {
    lines.on('line', (line) => {
      if (line.startsWith('ready ')) resolve(line.slice('ready '.length));
    });
  });
}
