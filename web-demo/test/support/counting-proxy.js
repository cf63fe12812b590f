import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * A wire between a page and the server that counts: what came down on each connection, and what was asked for on it.
 *
 * @typedef {{ asked: string[], down: number }} Wire `asked`: the first lines of its requests
 *
 * @param {number} port of the server behind it
 */
export async function startCountingProxy(port) {
  /** @type {Wire[]} */
  const wires = [];
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    /** @type {Wire} */
    const wire = { asked: [], down: 0 };
    wires.push(wire);
    client.on('data', (bytes) => {
      for (const [, line = ''] of bytes
        .toString('latin1')
        .matchAll(/^((?:GET|POST) \S+) HTTP\/1\.1\r$/gm))
        wire.asked.push(line);
    });
    upstream.on('data', (bytes) => {
      wire.down += bytes.length;
    });
    for (const [one, other] of /** @type {const} */ ([
      [client, upstream],
      [upstream, client],
    ])) {
      sockets.add(one);
      one.pipe(other);
      one
        .on('error', () => other.destroy())
        .on('close', () => {
          sockets.delete(one);
          other.destroy();
        });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: own } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${own}`,
    wires,
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
