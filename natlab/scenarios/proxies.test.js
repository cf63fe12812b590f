import { join } from 'peerline';
import { scenario } from './scenario.js';

/** This SDK's reason not to have a kind of path yet, or null. @param {string} kind */
async function missing(kind) {
  const options = { paths: [kind], WebSocket: class {}, signal: AbortSignal.abort() };
  const { code, message } = await join('http://localhost/x', /** @type {any} */ (options)).catch(
    (error) => error,
  );
  return code === 'UNSUPPORTED' && message.includes(kind) ? `no ${kind} path yet` : null;
}

const unless = (await missing('sse')) || (await missing('long-poll')) || (await missing('poll'));
/** Alice has nothing but her company's proxy; the proxy has nothing but TCP. @param {string} modes */
function behind(modes) {
  return {
    topology: [`alice=port,proxy${modes && `=${modes}`}`, 'bob=port'],
    proxied: /** @type {'alice'[]} */ (['alice']),
    unless,
  };
}

scenario('through a proxy that strips upgrades, every message comes by SSE', {
  ...behind(''),
  first: ['sse'],
});

scenario('through a proxy that buffers streams, every message comes by polling', {
  ...behind('buffer'),
  first: ['long-poll', 'poll'],
});

scenario('through a proxy that cuts responses after 3 s, every message comes', {
  ...behind('maxlife:3'),
  first: ['sse', 'long-poll', 'poll'],
  slow: true,
});

scenario('through a proxy without CONNECT, every message comes', {
  ...behind('noconnect'),
  first: ['sse', 'long-poll'],
  slow: true,
});

scenario('through a proxy that does all of it, every message comes', {
  ...behind('noconnect+buffer+maxlife:3'),
  first: ['long-poll', 'poll'],
  slow: true,
});
