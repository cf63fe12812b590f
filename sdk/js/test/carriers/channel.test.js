import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { openDataChannel } from '../../src/carriers/data-channel.js';
import { openLater } from '../../src/carriers/later.js';

const ANSWER = 'v=0\r\na=answer\r\n';
const PACKET = 'application/vnd.peerline.packet';

/** One end of a connection whose other end is the test. */
class FakeConnection {
  /** @type {FakeConnection[]} */
  static all = [];
  connectionState = 'new';
  /** @type {{sdp: string} | null} */
  localDescription = null;
  /** @type {{sdp: string} | null} */
  remoteDescription = null;
  closed = false;
  /** @type {() => void} */
  onconnectionstatechange = () => {};
  channel = {
    readyState: 'connecting',
    bufferedAmount: 7,
    binaryType: '',
    sent: /** @type {Uint8Array[]} */ ([]),
    onopen: () => {},
    onclose: () => {},
    onmessage: (/** @type {{data: unknown}} */ _) => {},
    send(/** @type {Uint8Array} */ packet) {
      this.sent.push(packet);
    },
    close() {
      this.readyState = 'closed';
    },
  };

  constructor() {
    FakeConnection.all.push(this);
  }

  /** @param {string} label @param {RTCDataChannelInit} init */
  createDataChannel(label, init) {
    assert.deepEqual(
      [label, init],
      ['peerline', { negotiated: true, id: 0, protocol: 'peerline.1' }],
    );
    return this.channel;
  }

  async setLocalDescription() {
    this.localDescription = { sdp: 'v=0\r\na=offer\r\n' };
  }

  /** @param {{sdp: string}} answer */
  async setRemoteDescription(answer) {
    this.remoteDescription = answer;
  }

  close() {
    this.closed = true;
  }

  /** @param {string} state */
  become(state) {
    this.connectionState = state;
    this.onconnectionstatechange();
  }

  open() {
    this.channel.readyState = 'open';
    this.channel.onopen();
  }
}

const { RTCPeerConnection } = globalThis;

beforeEach(() => {
  FakeConnection.all = [];
  Object.assign(globalThis, { RTCPeerConnection: FakeConnection });
  mock.timers.enable({ apis: ['setTimeout'] });
});

afterEach(() => {
  Object.assign(globalThis, { RTCPeerConnection });
  mock.timers.reset();
});

/** @param {() => Promise<Response>} respond */
function rig(respond) {
  /** @type {any[]} */
  const log = [];
  /** @type {any[]} */
  const requests = [];
  /** @type {Record<string, boolean>} */
  const faults = {};
  const fetch = (/** @type {string} */ url, /** @type {any} */ init) => {
    requests.push({ url, ...init });
    return respond();
  };
  const carrier = openDataChannel(
    { url: 'http://host/v1/link', fetch: /** @type {any} */ (fetch), faults },
    {
      greet: () => Uint8Array.of(1, 0),
      opened: () => log.push('opened'),
      packet: (packet) => log.push([...packet]),
      closed: (code, _, how) => log.push(`closed ${code}${how ? ` ${how}` : ''}`),
      refused: (packet) => log.push(`refused ${[...packet]}`),
      seen: (code) => log.push(`seen ${code}`),
      doubted: () => log.push('doubted'),
    },
  );
  return { carrier, log, requests, faults, connection: FakeConnection.all[0] };
}

const answered = async () =>
  new Response(ANSWER, { headers: { 'Content-Type': 'application/sdp' } });
/** All promises that are settled have run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('one offer, one answer, then packets both ways', async () => {
  const { carrier, log, requests, connection } = rig(answered);
  await settle();
  assert.equal(requests.length, 1);
  const { url, method, body, headers } = requests[0];
  assert.deepEqual(
    [url, method, body, headers['Content-Type'], headers['Peerline-Hello']],
    ['http://host/v1/link', 'POST', 'v=0\r\na=offer\r\n', 'application/sdp', 'AQA'],
  );
  assert.equal(connection.remoteDescription?.sdp, ANSWER);
  carrier.send(Uint8Array.of(9)); // too early: the session says it again
  connection.open();
  carrier.send(Uint8Array.of(5));
  connection.channel.onmessage({ data: Uint8Array.of(1, 2).buffer });
  assert.deepEqual(log, ['opened', [1, 2]]);
  assert.deepEqual(connection.channel.sent, [Uint8Array.of(5)]);
  assert.equal(carrier.bufferedAmount, 7);
});

test('what the server says before it closes the channel is why', async () => {
  const { log, connection } = rig(answered);
  await settle();
  connection.open();
  connection.channel.onmessage({ data: '4001' });
  connection.channel.onclose();
  connection.channel.onclose();
  assert.deepEqual(log, ['opened', 'closed 4001']);
  mock.timers.tick(1_000);
  assert.ok(connection.closed);
});

test('a refusal is handed on, and a proxy, or nobody, is told from it', async () => {
  const refusal = rig(
    async () =>
      new Response(Uint8Array.of(23), { status: 429, headers: { 'Content-Type': PACKET } }),
  );
  const portal = rig(async () => new Response('hi', { headers: { 'Content-Type': 'text/html' } }));
  const nobody = rig(() => Promise.reject(new TypeError('no network')));
  await settle();
  await settle();
  assert.deepEqual(refusal.log, ['refused 23', 'closed 1006']);
  assert.deepEqual(portal.log, ['seen PROXY_ANSWERS', 'closed 1006']);
  assert.deepEqual(nobody.log, ['closed 1006 unreachable']);
});

test('a path that is silent is doubted, one that failed is over', async () => {
  const { log, connection } = rig(answered);
  await settle();
  connection.open();
  connection.become('disconnected');
  connection.become('failed');
  assert.deepEqual(log, ['opened', 'doubted', 'closed 1006']);
});

test('after close nothing is told, and what is under way has a second to leave', async () => {
  const { carrier, log, connection } = rig(answered);
  await settle();
  connection.open();
  carrier.close();
  connection.channel.onmessage({ data: Uint8Array.of(1).buffer });
  connection.become('closed');
  assert.deepEqual(log, ['opened']);
  assert.equal(connection.closed, false);
  mock.timers.tick(1_000);
  assert.ok(connection.closed);
});

test('where it is cut nothing passes, and nothing is told, then and afterwards', async () => {
  const { carrier, log, faults, connection } = rig(answered);
  await settle();
  connection.open();
  faults['data-channel'] = true;
  carrier.send(Uint8Array.of(5));
  connection.channel.onmessage({ data: Uint8Array.of(1).buffer });
  faults['data-channel'] = false;
  connection.channel.onmessage({ data: Uint8Array.of(2).buffer });
  connection.channel.onclose();
  assert.deepEqual(log, ['opened']);
  assert.deepEqual(connection.channel.sent, []);
});

test('a module that comes late, or never, makes a carrier that is late, or over', async () => {
  /** @type {string[]} */
  const log = [];
  const closed = (/** @type {number} */ code, /** @type {string} */ _, /** @type {any} */ how) =>
    log.push(`${code} ${how}`);
  const real = {
    bufferedAmount: 3,
    send: () => log.push('sent'),
    close: () => log.push('closed'),
  };
  const late = openLater(
    Promise.resolve(() => real),
    { closed },
  );
  late.send(new Uint8Array());
  assert.equal(late.bufferedAmount, 0);
  const left = openLater(
    Promise.resolve(() => assert.fail()),
    { closed },
  );
  left.close();
  openLater(Promise.reject(new Error('gone')), { closed });
  await settle();
  late.send(new Uint8Array());
  assert.equal(late.bufferedAmount, 3);
  late.close();
  assert.deepEqual(log, ['1006 unreachable', 'sent', 'closed']);
});
