import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * A TCP proxy before a server that can cut what passes: at once, after a number of bytes, or silently.
 * @param {string} url of the server
 */
export async function startProxy(url) {
  const { hostname, port } = new URL(url);
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  /** Bytes until the connection is cut, by the number of the connection. @type {() => number} */
  let budget = () => Infinity;
  let silent = false;
  /** @type {(() => void)[]} */
  let silencers = [];
  let cuts = 0;

  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let left = budget();
    let dead = silent;
    silencers.push(() => {
      dead = true;
    });
    const both = [client, upstream];
    const end = () => {
      for (const socket of both) socket.destroy();
    };
    for (const [from, to] of [both, [upstream, client]]) {
      sockets.add(from);
      from.on('data', (bytes) => {
        if (dead) return; // taken, and lost: nobody hears of it
        to.write(bytes.subarray(0, left));
        left -= bytes.length;
        if (left > 0) return;
        cuts++;
        to.end(end); // what fits is delivered, in the middle of a frame
      });
      from.on('error', end);
      from.on('close', () => {
        sockets.delete(from);
        end();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: own } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${own}`,
    get cuts() {
      return cuts;
    },
    /** From now on each new connection is cut after so many bytes. @param {() => number} bytes */
    cutAfter(bytes) {
      budget = bytes;
    },
    /** Ends all connections. */
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    /**
     * Those that are open now, or are opened until this ends, are never heard of again: all is swallowed, nothing closed.
     * @param {boolean} on
     */
    silence(on) {
      silent = on;
      for (const silence of silencers) silence();
      silencers = [];
    },
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
