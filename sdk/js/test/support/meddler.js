import { once } from 'node:events';
import { createServer, request } from 'node:http';

/**
 * An HTTP proxy that does what some do: does not know upgrades, keeps an answer until it is whole, ends answers after their time, answers
 * itself.
 * @param {string} url of the server
 * @param {{noUpgrades?: boolean, buffers?: boolean, cutsAfterMs?: number, portal?: boolean}} ways
 */
export async function startMeddler(url, ways) {
  const { hostname, port } = new URL(url);
  const server = createServer((incoming, outgoing) => {
    if (ways.portal) {
      outgoing.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Please log in</h1>');
      return;
    }
    const headers = { ...incoming.headers, host: `${hostname}:${port}` };
    const { method, url: path } = incoming;
    const onward = request({ hostname, port, method, path, headers }, (answer) => {
      const { statusCode = 502, headers: fields } = answer;
      if (ways.buffers) {
        /** @type {Buffer[]} */
        const parts = [];
        answer.on('data', (part) => parts.push(part));
        answer.on('end', () => outgoing.writeHead(statusCode, fields).end(Buffer.concat(parts)));
      } else {
        outgoing.writeHead(statusCode, fields);
        outgoing.flushHeaders();
        answer.pipe(outgoing);
      }
      answer.on('error', () => outgoing.destroy());
    });
    if (ways.cutsAfterMs) {
      const timer = setTimeout(() => {
        outgoing.destroy();
        onward.destroy();
      }, ways.cutsAfterMs);
      outgoing.on('close', () => clearTimeout(timer));
    }
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  // Without a listener for upgrades they are ordinary requests, as for a proxy that does not know them.
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: own } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${own}`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
