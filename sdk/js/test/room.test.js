import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { Writer } from '../src/link/wire.js';
import { join } from '../src/peerline.js';
import { startModelServer } from './support/model-server.js';

/** @type {Awaited<ReturnType<typeof startModelServer>>} */
let server;
let rooms = 0;
/** @type {import('../src/room.js').Room[]} */
const open = [];

before(async () => {
  server = await startModelServer();
});

after(async () => {
  await Promise.all(open.map((room) => room.leave()));
  server.stop();
});

/** @param {string} name @param {import('../src/types.js').JoinOptions} [options] */
async function enter(name, options) {
  const room = await join(`${server.url}/room-${rooms}`, {
    name,
    WebSocket: /** @type {any} */ (WebSocket),
    ...options,
  });
  open.push(room);
  return room;
}

/** Ada and Bob, alone in the model's one room. */
async function two() {
  rooms++;
  await Promise.all(open.splice(0).map((room) => room.leave()));
  const ada = await enter('Ada');
  const bob = await enter('Bob');
  if (!ada.peers.size) await once(ada, 'peer');
  return { ada, bob, bobAtAda: /** @type {any} */ (ada.peers.get(bob.me.id)) };
}

/** @param {EventTarget} target @param {number} count */
function messages(target, count) {
  return new Promise((/** @type {(events: any[]) => void} */ resolve) => {
    /** @type {any[]} */
    const events = [];
    target.addEventListener('message', (event) => {
      if (events.push(event) === count) resolve(events);
    });
  });
}

const code = (/** @type {string} */ expected) => ({ name: 'PeerlineError', code: expected });

test('a room has an id, this peer, the others, and is open', async () => {
  const { ada, bob } = await two();
  assert.equal(ada.id, `room-${rooms}`);
  assert.equal(ada.me.name, 'Ada');
  assert.deepEqual([...ada.peers.keys()], [bob.me.id]);
  assert.equal(ada.state, 'open');
  assert.equal(ada.reason, null);
  assert.equal([...ada.peers.values()][0].state, 'here');
});

test('a message reaches the room and the peer it is from, and the receipt says how', async () => {
  const { ada, bob } = await two();
  const inRoom = messages(bob, 1);
  const fromAda = messages(/** @type {any} */ (bob.peers.get(ada.me.id)), 1);
  const receipt = await ada.send({ text: 'hi' });
  assert.equal(receipt.delivered, 1);
  assert.deepEqual(receipt.missed, []);
  assert.equal(receipt.path, 'websocket');
  assert.ok(receipt.ms > 0 && receipt.ms < 5_000);
  const [event] = await inRoom;
  assert.equal(event.from, bob.peers.get(ada.me.id));
  assert.deepEqual(event.data, { text: 'hi' });
  assert.equal(event.channel, '');
  assert.equal(event.direct, false);
  assert.deepEqual((await fromAda)[0].data, { text: 'hi' });
});

test('onmessage is a listener that can be changed and taken away', async () => {
  const { ada, bob } = await two();
  /** @type {string[]} */
  const heard = [];
  bob.onmessage = () => heard.push('old');
  bob.onmessage = ({ data }) => heard.push(data);
  await ada.send('one');
  bob.onmessage = null;
  await ada.send('two');
  assert.deepEqual(heard, ['one']);
});

test('a message to a peer is direct', async () => {
  const { bob, bobAtAda } = await two();
  const received = messages(bob, 1);
  await bobAtAda.send('psst');
  const [event] = await received;
  assert.equal(event.direct, true);
});

test('the order of the calls is the order of arrival, Blobs among them', async () => {
  const { ada, bob } = await two();
  const received = messages(bob, 5);
  ada.send('1');
  ada.send(new Blob(['2']));
  ada.send('3');
  ada.send(new Blob(['4']));
  ada.send('5');
  const all = (await received).map(({ data }) =>
    typeof data === 'string' ? data : new TextDecoder().decode(data),
  );
  assert.deepEqual(all, ['1', '2', '3', '4', '5']);
});

test('a channel has its own messages, in the room and to a peer', async () => {
  const { ada, bob } = await two();
  const files = ada.channel('files');
  assert.equal(ada.channel('files'), files);
  const inChannel = messages(bob.channel('files'), 1);
  const fromAda = messages(bob.channel('files', { to: ada.me.id }), 1);
  await ada.send('elsewhere');
  await files.send('to all');
  await ada.channel('files', { to: bob.me }).send('to Bob');
  assert.deepEqual(
    (await inChannel).map(({ data, channel, direct }) => [data, channel, direct]),
    [['to all', 'files', false]],
  );
  assert.deepEqual(
    (await fromAda).map(({ data, direct }) => [data, direct]),
    [['to Bob', true]],
  );
  assert.throws(() => ada.channel(''), code('BAD_ARGUMENT'));
});

test('an unreliable message arrives once, and its receipt promises nothing', async () => {
  const { ada, bob } = await two();
  const received = messages(bob, 1);
  const receipt = await ada.send('maybe', { reliability: 'unreliable' });
  assert.equal(receipt.delivered, 0);
  assert.equal((await received)[0].data, 'maybe');
});

test('a send in an empty room is delivered to nobody', async () => {
  rooms++;
  await Promise.all(open.splice(0).map((room) => room.leave()));
  const ada = await enter('Ada');
  const { delivered, missed } = await ada.send('hello?');
  assert.deepEqual([delivered, missed], [0, []]);
});

test('what is not delivered in its time counts as missed, and an aborted send rejects', async () => {
  const { ada, bob } = await two();
  ada.driver.faults.websocket = true;
  const received = messages(bob, 2);
  // More than may be under way to one peer, so that the rest has not left yet.
  const large = ada.send(new Uint8Array(300_000));
  const aborter = new AbortController();
  const aborted = ada.send('never', { signal: aborter.signal });
  const late = ada.send('too late', { ttl: 20 });
  const kept = ada.send('kept');
  aborter.abort(new Error('changed my mind'));
  await assert.rejects(aborted, (error) => {
    const { code, cause } = /** @type {any} */ (error);
    assert.equal(code, 'ABORTED');
    assert.equal(cause.message, 'changed my mind');
    return true;
  });
  assert.deepEqual((await late).missed, [bob.me.id]);
  const gaps = once(bob, 'gap');
  ada.driver.faults.websocket = false;
  ada.driver.wake();
  assert.equal((await large).delivered, 1);
  assert.equal((await kept).delivered, 1);
  assert.equal((await received)[1].data, 'kept');
  const [{ detail }] = /** @type {any} */ (await gaps);
  assert.equal(detail.peer, bob.peers.get(ada.me.id));
  await assert.rejects(ada.send('x', { signal: AbortSignal.abort() }), code('ABORTED'));
});

test('too large a message is refused at once, as text and as Blob', async () => {
  const { ada } = await two();
  await assert.rejects(ada.send('x'.repeat((1 << 20) + 1)), code('MESSAGE_TOO_LARGE'));
  await assert.rejects(
    ada.send(new Blob([new Uint8Array((1 << 20) + 1)])),
    code('MESSAGE_TOO_LARGE'),
  );
});

test('beyond 8 MiB send rejects, and ready waits for room', async () => {
  const { ada, bob } = await two();
  ada.driver.faults.websocket = true;
  const data = new Uint8Array(1_000_000);
  const sends = Array.from({ length: 8 }, () => ada.send(data));
  await assert.rejects(ada.send(data), { ...code('QUEUE_FULL'), retriable: true });
  let ready = false;
  const waiting = ada.ready.then(() => {
    ready = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(ready, false);
  assert.ok([...ada.peers.values()][0].path.queuedBytes > 7_000_000);
  const received = messages(bob, 8);
  ada.driver.faults.websocket = false;
  ada.driver.wake();
  await waiting;
  await Promise.all(sends);
  assert.equal((await received).length, 8);
  assert.equal([...ada.peers.values()][0].path.queuedBytes, 0);
});

test('a loop over the room gets what arrives, and ends with it', async () => {
  const { ada, bob } = await two();
  /** @type {string[]} */
  const heard = [];
  const loop = (async () => {
    for await (const { data } of bob) {
      heard.push(data);
      if (data === 'two') await bob.leave();
    }
  })();
  await ada.send('one');
  await ada.send('two');
  await loop;
  assert.deepEqual(heard, ['one', 'two']);
  for await (const _ of bob) assert.fail('a closed room has no messages');
});

test('cut sockets lose and double nothing', async () => {
  const { ada, bob } = await two();
  const count = 300;
  const received = Promise.all([messages(ada, count), messages(bob, count)]);
  const states = /** @type {string[]} */ ([]);
  ada.addEventListener('state', (event) => {
    states.push(/** @type {CustomEvent} */ (event).detail.state);
  });
  for (let i = 0; i < count; i++) {
    ada.send(`${i}`);
    bob.send(`${i}`);
    if (i % 60 === 59) {
      for (const socket of server.sockets) socket.terminate();
      if (ada.state === 'open') await once(ada, 'state');
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (const events of await received) {
    assert.deepEqual(
      events.map(({ data }) => data),
      Array.from({ length: count }, (_, i) => `${i}`),
    );
  }
  assert.ok(states.includes('recovering'));
  if (ada.state !== 'open') await once(ada, 'state');
  assert.equal(ada.reason, null);
});

test('a restarted server that knows nothing loses nothing either', async () => {
  const { ada, bob } = await two();
  const received = messages(bob, 3);
  await ada.send('before');
  server.model.restart();
  for (const socket of server.sockets) socket.terminate();
  const sent = [ada.send('while'), ada.send('after')];
  assert.deepEqual(
    (await received).map(({ data }) => data),
    ['before', 'while', 'after'],
  );
  assert.deepEqual(
    (await Promise.all(sent)).map(({ delivered }) => delivered),
    [1, 1],
  );
  assert.equal(ada.peers.get(bob.me.id)?.state, 'here');
});

test('presence is told: who comes, who returns as another incarnation, who leaves', async () => {
  const { ada } = await two();
  /** @type {string[]} */
  const told = [];
  ada.addEventListener('peer', (event) => {
    const { kind, peer } = /** @type {CustomEvent} */ (event).detail;
    told.push(`${kind} ${peer.name} ${peer.state}`);
  });
  const key = crypto.getRandomValues(new Uint8Array(32));
  const first = await enter('Eve', { identity: { key, incarnation: 1 } });
  const peer = ada.peers.get(first.me.id);
  const again = await enter('Eve', { identity: { key, incarnation: 2 } });
  await ada.send('to the new one');
  assert.equal(again.me.id, first.me.id);
  assert.equal(ada.peers.get(again.me.id), peer, 'the same Peer');
  await again.leave();
  if (told.length < 3) await once(ada, 'peer');
  assert.deepEqual(told, ['joined Eve here', 'back Eve here', 'left Eve gone']);
  assert.equal(peer?.state, 'gone');
  assert.deepEqual(await peer?.send('gone').then(({ missed }) => missed), [again.me.id]);
  first.driver.close(/** @type {any} */ (new Error('replaced')));
});

test('stats count, and diagnose tells', async () => {
  const { ada, bob, bobAtAda } = await two();
  await ada.send('12345');
  await bobAtAda.send('123');
  await bob.send('1');
  assert.deepEqual(
    { ...bobAtAda.stats },
    { messagesSent: 2, messagesReceived: 1, bytesSent: 8, bytesReceived: 1, moves: 0 },
  );
  const report = await ada.diagnose();
  assert.equal(report.state, 'open');
  assert.deepEqual(
    report.findings.map(({ code }) => code),
    ['OPEN', 'WEBRTC_UNSUPPORTED'],
  );
  assert.equal(report.peers[0].name, 'Bob');
});

test('leaving delivers what was sent, and closes', async () => {
  const { ada, bob } = await two();
  const received = messages(ada, 50);
  const left = once(ada, 'peer');
  const sends = Promise.all(Array.from({ length: 50 }, (_, i) => bob.send(`${i}`)));
  await bob.leave();
  await received;
  const [{ detail }] = /** @type {any} */ (await left);
  assert.equal(detail.kind, 'left');
  assert.equal(bob.state, 'closed');
  assert.equal(bob.reason?.code, 'CLOSED');
  await sends;
  await assert.rejects(bob.send('after'), code('CLOSED'));
  await assert.rejects(bob.ready, code('CLOSED'));
  await bob.leave();
});

test('joining is given up by its signal', async () => {
  const aborter = new AbortController();
  const joining = join('http://127.0.0.1:1/nobody', {
    WebSocket: /** @type {any} */ (WebSocket),
    signal: aborter.signal,
  });
  aborter.abort();
  await assert.rejects(joining, code('ABORTED'));
});

for (const [why, url, options, expected] of /** @type {[string, any, any, string][]} */ ([
  ['no room', 'http://host/', {}, 'BAD_ARGUMENT'],
  ['a room name with other characters', 'http://host/a.b', {}, 'BAD_ARGUMENT'],
  ['another scheme', 'ftp://host/room', {}, 'BAD_ARGUMENT'],
  ['a bare room outside a page', 'lobby', {}, 'BAD_ARGUMENT'],
  ['a path of no kind', 'http://host/room', { paths: ['pigeon'] }, 'UNSUPPORTED'],
  ['no path', 'http://host/room', { paths: [] }, 'UNSUPPORTED'],
  [
    'direct paths alone where there are none',
    'http://host/room',
    { paths: ['direct'] },
    'UNSUPPORTED',
  ],
  ['a short key', 'http://host/room', { identity: new Uint8Array(3) }, 'BAD_ARGUMENT'],
])) {
  test(`join refuses ${why}`, async () => {
    await assert.rejects(join(url, { WebSocket: WebSocket, ...options }), code(expected));
  });
}

test('a refusal of the server is final, with its words', async () => {
  const error = new Writer().fields([
    [1, 'ROOM_FULL'],
    [2, 'no place'],
    [3, 0],
    [5, 'take another room'],
  ]);
  server.greet = (socket) => socket.send(new Writer().frame(23, error).take());
  try {
    await assert.rejects(enter('Zoe'), { ...code('ROOM_FULL'), hint: 'take another room' });
  } finally {
    server.greet = null;
  }
});

test('a room that the server ends is closed, and stays so', async () => {
  const { ada } = await two();
  /** @type {string[]} */
  const states = [];
  const closed = new Promise((resolve) => {
    ada.addEventListener('state', (/** @type {any} */ { detail }) => {
      if (states.push(detail.state) && detail.state === 'closed') setImmediate(resolve);
    });
  });
  const error = new Writer().fields([
    [1, 'TOKEN_EXPIRED'],
    [2, 'the token has run out'],
    [3, 0],
  ]);
  const [socket] = server.sockets;
  socket.send(new Writer().frame(23, error).take());
  await closed;
  assert.deepEqual(states, ['closed']);
  assert.equal(ada.state, 'closed');
  assert.equal(ada.reason?.code, 'TOKEN_EXPIRED');
});
