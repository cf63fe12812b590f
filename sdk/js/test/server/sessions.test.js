import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { join } from '../../src/peerline.js';
import { random } from '../direct/pair.js';
import { startProxy } from '../support/proxy.js';
import { run, serve, whyNoServer } from '../support/server.js';

/** @typedef {import('../../src/room.js').Room} Room */

const missing = await whyNoServer();
const skip = missing ? `no server: ${missing}` : false;

/** @type {Awaited<ReturnType<typeof serve>>} */
let server;
/** @type {Set<{stop: () => unknown}>} */
const proxies = new Set();
/** @type {Set<Room>} */
const open = new Set();
let rooms = 0;

before(async () => {
  if (!skip) server = await serve();
});

after(async () => {
  await Promise.all([...open].map((room) => room.leave()));
  for (const proxy of proxies) proxy.stop();
  await server?.stop();
});

/** @param {string} url @param {import('../../src/types.js').JoinOptions} [options] */
async function enter(url, options) {
  const room = await join(url, { WebSocket: /** @type {any} */ (WebSocket), ...options });
  open.add(room);
  return room;
}

async function proxied(url = server.url) {
  const proxy = await startProxy(url);
  proxies.add(proxy);
  return proxy;
}

const newRoom = () => `/room-${++rooms}`;

/** Waits for what an event may bring. @param {EventTarget} target @param {string} type @param {() => boolean} holds */
async function until(target, type, holds) {
  while (!holds()) await once(target, type);
}

/** The peer of a room that has this id. @param {Room} room @param {string} id */
async function met(room, id) {
  await until(room, 'peer', () => room.peers.has(id));
  return /** @type {import('../../src/peer.js').Peer} */ (room.peers.get(id));
}

/** Collects what arrives. @param {Room} room */
function heard(room) {
  /** @type {any[]} */
  const all = [];
  room.addEventListener('message', (event) => {
    all.push(/** @type {any} */ (event).data);
  });
  return all;
}

const code = (/** @type {string} */ expected) => ({ name: 'PeerlineError', code: expected });

test('two peers join, and the first message arrives at once', { skip }, async (t) => {
  const url = server.url + newRoom();
  const startedAt = performance.now();
  const ada = await enter(url, { name: 'Ada' });
  const joinedMs = performance.now() - startedAt;
  const bob = await enter(url, { name: 'Bob' });
  assert.equal(bob.peers.get(ada.me.id)?.name, 'Ada');
  const got = once(ada, 'message');
  const receipt = await bob.send('hi');
  assert.equal(receipt.delivered, 1);
  assert.equal((await got)[0].data, 'hi');
  t.diagnostic(`join ${joinedMs.toFixed(1)} ms, first receipt ${receipt.ms.toFixed(1)} ms`);
});

for (const seed of [1, 2, 3]) {
  test(`sockets cut at random points lose, double and reorder nothing (seed ${seed})`, {
    skip,
  }, async (t) => {
    const next = random(seed);
    const room = newRoom();
    const proxy = await proxied();
    const ada = await enter(proxy.url + room);
    const bob = await enter(proxy.url + room);
    await met(ada, bob.me.id);
    const [atAda, atBob] = [heard(ada), heard(bob)];
    // A packet has 64 KiB at most: a connection has to live for one of them now and then.
    proxy.cutAfter(() => 500 + Math.floor(next() * 200_000));
    proxy.cut();
    const sends = [];
    const count = 400;
    for (let i = 0; i < count; i++) {
      const padding = 'x'.repeat(Math.floor(next() ** 4 * 4_000));
      sends.push(ada.send({ i, padding }), bob.send({ i, padding }));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const receipts = await Promise.all(sends);
    proxy.cutAfter(() => Infinity);
    for (const { delivered } of receipts) assert.equal(delivered, 1);
    for (const all of [atAda, atBob]) {
      assert.deepEqual(
        all.map(({ i }) => i),
        Array.from({ length: count }, (_, i) => i),
      );
    }
    assert.ok(proxy.cuts >= 10, `${proxy.cuts} cuts`);
    t.diagnostic(`${proxy.cuts} connections cut`);
  });
}

test('a socket that fell silent is replaced by another beside it', { skip }, async (t) => {
  const room = newRoom();
  const proxy = await proxied();
  const ada = await enter(proxy.url + room);
  const bob = await enter(server.url + room);
  await met(ada, bob.me.id);
  const got = once(bob, 'message');
  proxy.silence(true);
  const sentAt = performance.now();
  const receipt = ada.send('into the void');
  await until(ada, 'state', () => ada.state === 'recovering'); // by itself: nothing was closed
  proxy.silence(false);
  assert.equal((await receipt).delivered, 1);
  assert.equal((await got)[0].data, 'into the void');
  t.diagnostic(`delivered after ${Math.round(performance.now() - sentAt)} ms`);
});

test('a reload is the same peer, and gets what was not delivered to it', { skip }, async () => {
  const room = newRoom();
  const proxy = await proxied();
  const key = crypto.getRandomValues(new Uint8Array(32));
  const ada = await enter(server.url + room, { name: 'Ada' });
  const before = await enter(proxy.url + room, { name: 'Bob', identity: { key, incarnation: 1 } });
  const bob = await met(ada, before.me.id);
  proxy.silence(true);
  const receipts = [1, 2, 3].map((i) => ada.send(`${i}`));
  const after = await enter(server.url + room, { name: 'Bob', identity: { key, incarnation: 2 } });
  const got = heard(after);
  for (const { delivered } of await Promise.all(receipts)) assert.equal(delivered, 1);
  assert.equal(after.me.id, before.me.id);
  assert.deepEqual(got, ['1', '2', '3']);
  assert.equal(ada.peers.get(after.me.id), bob);
  proxy.silence(false);
  proxy.cut();
  await until(before, 'state', () => before.state === 'closed');
  assert.equal(before.reason?.code, 'REPLACED');
  await assert.rejects(
    enter(server.url + room, { identity: { key, incarnation: 1 } }),
    code('REPLACED'),
  );
});

test('presence: joined, away, back, left', { skip }, async () => {
  const room = newRoom();
  const proxy = await proxied();
  const ada = await enter(server.url + room);
  /** @type {string[]} */
  const told = [];
  ada.addEventListener('peer', (event) => {
    const { kind, peer } = /** @type {CustomEvent} */ (event).detail;
    told.push(`${kind} ${peer.name}`);
  });
  const bob = await enter(proxy.url + room, { name: 'Bob' });
  await met(ada, bob.me.id);
  proxy.silence(true);
  proxy.cut();
  await until(ada, 'peer', () => told.includes('away Bob'));
  const whileAway = ada.send('kept for you');
  const got = once(bob, 'message');
  proxy.silence(false);
  await until(ada, 'peer', () => told.includes('back Bob'));
  assert.equal((await got)[0].data, 'kept for you');
  assert.equal((await whileAway).delivered, 1);
  await bob.leave();
  await until(ada, 'peer', () => told.includes('left Bob'));
  assert.deepEqual(told, ['joined Bob', 'away Bob', 'back Bob', 'left Bob']);
});

test('who is away for too long has left, and its receipts settle as missed', { skip }, async () => {
  const impatient = await serve(0, '--away', '3s');
  proxies.add(impatient);
  const room = newRoom();
  const proxy = await proxied(impatient.url);
  const ada = await enter(impatient.url + room);
  const bob = await enter(proxy.url + room);
  await met(ada, bob.me.id);
  proxy.silence(true);
  proxy.cut();
  const { delivered, missed } = await ada.send('too late');
  assert.deepEqual([delivered, missed], [0, [bob.me.id]]);
  assert.equal(ada.peers.size, 0);
});

test('what a closed peer had sent still arrives', { skip }, async () => {
  const room = newRoom();
  const ada = await enter(server.url + room);
  const bob = await enter(server.url + room);
  const got = heard(ada);
  for (let i = 0; i < 100; i++) bob.send(`${i}`).catch(() => {});
  await bob.leave();
  await until(ada, 'message', () => got.length === 100);
  assert.deepEqual(
    got,
    Array.from({ length: 100 }, (_, i) => `${i}`),
  );
});

test('large messages and Blobs arrive whole, in the order of their channel', { skip }, async () => {
  const room = newRoom();
  const ada = await enter(server.url + room);
  const bob = await enter(server.url + room);
  await met(ada, bob.me.id);
  const got = heard(bob);
  const large = new Uint8Array(1 << 20).map((_, i) => (i * 7) % 251);
  await Promise.all([ada.send(large), ada.send(new Blob([large])), ada.send('end')]);
  assert.deepEqual(Buffer.compare(got[0], large), 0);
  assert.deepEqual(Buffer.compare(got[1], large), 0);
  assert.equal(got[2], 'end');
});

test('a room of 50: everybody hears everybody, once', { skip }, async (t) => {
  const url = server.url + newRoom();
  const startedAt = performance.now();
  const all = await Promise.all(Array.from({ length: 50 }, (_, i) => enter(url, { name: `${i}` })));
  await Promise.all(all.map((room) => until(room, 'peer', () => room.peers.size === 49)));
  t.diagnostic(`50 joined after ${Math.round(performance.now() - startedAt)} ms`);
  const got = all.map(heard);
  const receipts = await Promise.all(all.map((room, i) => room.send(`from ${i}`)));
  for (const { delivered, missed } of receipts) assert.deepEqual([delivered, missed], [49, []]);
  for (const [i, messages] of got.entries()) {
    const expected = all.map((_, from) => `from ${from}`).filter((_, from) => from !== i);
    assert.deepEqual(messages.sort(), expected.sort());
  }
  await Promise.all(all.map((room) => room.leave()));
});

test('a server that is restarted, or killed, loses nothing of those who stay', {
  skip,
}, async (t) => {
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGKILL'])) {
    const first = await serve();
    const room = newRoom();
    const ada = await enter(first.url + room);
    const bob = await enter(first.url + room);
    await met(ada, bob.me.id);
    const [atAda, atBob] = [heard(ada), heard(bob)];
    const [adaId, bobId] = [ada.me.id, bob.me.id];
    const sends = [];
    for (let i = 0; i < 50; i++) sends.push(ada.send(`${i}`), bob.send(`${i}`));
    await first.stop(signal);
    for (let i = 50; i < 100; i++) sends.push(ada.send(`${i}`), bob.send(`${i}`));
    const stoppedAt = performance.now();
    const second = await serve(first.port);
    for (const { delivered } of await Promise.all(sends)) assert.equal(delivered, 1);
    const ms = Math.round(performance.now() - stoppedAt);
    t.diagnostic(`${signal}: all delivered ${ms} ms after the end of the first server`);
    const expected = Array.from({ length: 100 }, (_, i) => `${i}`);
    assert.deepEqual(atAda, expected);
    assert.deepEqual(atBob, expected);
    assert.deepEqual([ada.me.id, bob.me.id], [adaId, bobId]);
    await Promise.all([ada.leave(), bob.leave()]);
    await second.stop();
  }
});

test('a server with a secret wants a token, and a fresh one in time', { skip }, async () => {
  const folder = await mkdtemp(path(tmpdir(), 'peerline-'));
  const secret = path(folder, 'secret');
  await writeFile(secret, 'a secret of more than thirty-two bytes');
  const mint = (/** @type {string} */ room, /** @type {string} */ ttl) =>
    run('token', '--secret-file', secret, '--room', room, '--name', 'Minted', '--ttl', ttl);
  const guarded = await serve(0, '--secret-file', secret);
  try {
    const url = `${guarded.url}/club`;
    await assert.rejects(enter(url), code('UNAUTHORIZED'));
    await assert.rejects(enter(url, { token: 'x.y.z' }), code('UNAUTHORIZED'));
    await assert.rejects(enter(url, { token: await mint('other', '1m') }), code('UNAUTHORIZED'));

    const long = await mint('club', '10m');
    const invited = await enter(`${url}#token=${long}`, { name: 'Mine' });
    assert.equal(invited.me.name, 'Minted');

    const short = await mint('club', '8s');
    /** @type {string[]} */
    const given = [];
    const ada = await enter(url, {
      token: async () => {
        const token = given.length ? long : short;
        given.push(token);
        return token;
      },
    });
    const bob = await enter(url, { token: short });
    assert.equal(given.length, 1);
    await until(bob, 'state', () => bob.state === 'closed');
    assert.equal(bob.reason?.code, 'TOKEN_EXPIRED');
    assert.equal(given.length, 2, 'it was asked again before the first had expired');
    assert.equal(ada.state, 'open');

    // One that had expired before it was used: refused, asked again, accepted.
    const stale = [short, long];
    const late = await enter(url, { token: () => /** @type {string} */ (stale.shift()) });
    assert.equal(late.state, 'open');
    await Promise.all([invited.leave(), ada.leave(), late.leave()]);
  } finally {
    await guarded.stop();
    await rm(folder, { recursive: true });
  }
});
