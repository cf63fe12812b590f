import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * A wire between a page and the server that counts what went up and came down for each request. A connection has one after the
 * other.
 *
 * @typedef {{ head: string, up: number, down: number }} Exchange `head`: of the request; `up`: bytes of it, and of what followed;
 *   `down`: bytes of its answer, head and all
 *
 * @param {import('node:test').TestContext} context of the test that it ends with
 * @param {number} port of the server behind it
 */
export async function startCountingProxy(context, port) {
  /** @type {Exchange[]} */
  const exchanges = [];
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    /** @type {Exchange | undefined} */
    let exchange;
    client.on('data', (bytes) => {
      const head = bytes.toString('latin1');
      if (/^(GET|POST) \S+ HTTP\/1\.1\r\n/.test(head)) {
        exchange = { head, up: 0, down: 0 };
        exchanges.push(exchange);
      }
      if (exchange) exchange.up += bytes.length;
    });
    upstream.on('data', (bytes) => {
      if (exchange) exchange.down += bytes.length;
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
  context.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: own } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${own}`,
    exchanges,
  };
}
