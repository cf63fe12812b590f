import { once } from 'node:events';
import { createServer, request } from 'node:http';

/**
 * A network between pages and the server that knows tickets: it counts them, cuts what they opened, and lets one be over.
 *
 * @param {import('node:test').TestContext} context of the test that it ends with
 * @param {string} url of the server behind it
 */
export async function startTicketProxy(context, url) {
  const { hostname, port } = new URL(url);
  /** Those that a stream was asked for with. @type {string[]} */
  const used = [];
  /** Answers of streams that are open. @type {Set<import('node:http').ServerResponse>} */
  const streams = new Set();
  let sold = 0;
  let spoil = false;
  const server = createServer((client, answer) => {
    const path = client.url ?? '/';
    const ticket = new URL(path, url).searchParams.get('ticket');
    const over = ticket !== null && spoil;
    if (path === '/v1/tickets') sold++;
    if (ticket !== null) {
      used.push(ticket);
      streams.add(answer);
      answer.on('close', () => streams.delete(answer));
      spoil = false;
    }
    const { method, headers } = client;
    const asked = over ? '/v1/link?ticket=AAAA' : path;
    const upstream = request({ hostname, port, path: asked, method, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      answer.flushHeaders();
      response.pipe(answer);
    });
    const end = () => {
      answer.destroy();
      upstream.destroy();
    };
    client.pipe(upstream);
    upstream.on('error', end);
    answer.on('error', end).on('close', () => upstream.destroy());
  });
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: own } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${own}`,
    used,
    get sold() {
      return sold;
    },
    /** How many streams are open. */
    get open() {
      return streams.size;
    },
    /** Ends every stream that is open. */
    cut() {
      for (const stream of streams) stream.destroy();
    },
    /** The next ticket that is shown is taken for one that is over. */
    spoil() {
      spoil = true;
    },
  };
}
