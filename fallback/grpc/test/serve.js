import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const LAUNCHER = fileURLToPath(new URL('../../../peerline', import.meta.url));

/** `peerline serve` on free ports. @param {string[]} options */
export async function serve(...options) {
  const free = ['--port', '0', '--grpc-port', '0', '--no-relay'];
  const child = spawn(LAUNCHER, ['serve', ...free, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  let said = '';
  /** @type {Promise<number>} */
  const grpc = new Promise((resolve, reject) => {
    // It goes on to be read, so that the server never waits for it.
    createInterface({ input: child.stderr }).on('line', (line) => {
      said += `${line}\n`;
      const port = / grpc=127\.0\.0\.1:(\d+)/.exec(line)?.[1];
      if (port) resolve(Number(port));
    });
    exited.then(([code]) => reject(new Error(`serve exited with ${code}: ${said}`)));
  });
  /** @type {Promise<string>} */
  const url = new Promise((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('ready ')) resolve(line.slice('ready '.length));
    });
  });
  return {
    grpc: await grpc,
    url: await url,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
