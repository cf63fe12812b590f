import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * A network that eats WebSockets: a request to upgrade is taken and never answered; all else passes.
 *
 * @param {import('node:test').TestContext} context of the test that it ends with
 * @param {string} url of the server behind it
 */
export async function startSwallower(context, url) {
  const { hostname, port } = new URL(url);
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  let swallowed = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    upstream.pipe(client, { end: false });
    // A browser opens a connection of its own for each WebSocket.
    client.once('data', (head) => {
      if (/\r\nupgrade: *websocket\r\n/i.test(head.toString('latin1'))) {
        swallowed++;
        client.resume();
        return;
      }
      upstream.write(head);
      client.pipe(upstream, { end: false });
    });
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
    get swallowed() {
      return swallowed;
    },
  };
}
