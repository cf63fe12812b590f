import { once } from 'node:events';
import { WebSocketServer } from 'ws';
import { ServerModel } from '../link/server-model.js';

/**
 * The model of the protocol's server half behind real WebSockets, on a free port of the loopback: for tests that need
 * no JDK, or faults that the real server does not have.
 */
export async function startModelServer() {
  const model = new ServerModel();
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  /** What is done with a new connection instead. @type {((socket: import('ws').WebSocket) => void) | null} */
  let greet = null;
  server.on('connection', (socket) => {
    if (greet) return greet(socket);
    const carrier = model.connect((packet) => socket.send(packet));
    socket.on('message', (data) => {
      carrier.receive(new Uint8Array(/** @type {Buffer} */ (data)));
    });
  });
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    model,
    sockets: server.clients,
    /** @param {typeof greet} other */
    set greet(other) {
      greet = other;
    },
    stop() {
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  };
}
