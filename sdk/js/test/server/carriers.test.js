import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { faults } from '../../src/faults.js';
import { join } from '../../src/peerline.js';
import { startMeddler } from '../support/meddler.js';
import { serve, whyNoServer } from '../support/server.js';

/** @typedef {import('../../src/room.js').Room} Room */
/** @typedef {import('../../src/types.js').PathKind} PathKind */

const missing = await whyNoServer();
const skip = missing ? `no server: ${missing}` : false;
/** @type {PathKind[]} */
const KINDS = ['websocket', 'sse', 'long-poll', 'poll'];

/** @type {Awaited<ReturnType<typeof serve>>} */
let server;
/** @type {{stop: () => unknown}[]} */
const proxies = [];
/** @type {Room[]} */
const open = [];
let rooms = 0;

before(async () => {
  if (!skip) server = await serve();
});

after(async () => {
  await Promise.all(open.map((room) => room.leave()));
  for (const proxy of proxies) proxy.stop();
  await server?.stop();
});

/** @param {string} url @param {import('../../src/types.js').JoinOptions} [options] */
async function enter(url, options) {
  const room = await join(url, { WebSocket: /** @type {any} */ (WebSocket), ...options });
  open.push(room);
  return room;
}

/** @param {Parameters<typeof startMeddler>[1]} ways */
async function behind(ways) {
  const proxy = await startMeddler(server.url, ways);
  proxies.push(proxy);
  return proxy.url;
}

const newRoom = () => `/carriers-${++rooms}`;

/** Waits for what an event may bring. @param {EventTarget} target @param {string} type @param {() => unknown} holds */
async function until(target, type, holds) {
  while (!holds()) await once(target, type);
}

/** @param {Room} room @param {string} id */
async function met(room, id) {
  await until(room, 'peer', () => room.peers.has(id));
  return /** @type {import('../../src/peer.js').Peer} */ (room.peers.get(id));
}

/** What a room gets. @param {Room} room */
function heard(room) {
  /** @type {string[]} */
  const got = [];
  room.addEventListener('message', (event) => got.push(/** @type {any} */ (event).data));
  return got;
}

const numbers = (/** @type {number} */ count, first = 0) =>
  Array.from({ length: count }, (_, i) => `${i + first}`);

for (const kind of KINDS) {
  test(`two peers on ${kind} alone: both ways, large messages, a receipt that says so`, {
    skip,
  }, async (t) => {
    const url = server.url + newRoom();
    const startedAt = performance.now();
    const ada = await enter(url, { paths: [kind], name: 'Ada' });
    const bob = await enter(url, { paths: [kind], name: 'Bob' });
    const joinedAt = performance.now();
    const [atAda, atBob] = [heard(ada), heard(bob)];
    const peer = await met(ada, bob.me.id);
    await met(bob, ada.me.id);
    const { delivered, path, ms } = await ada.send('0');
    t.diagnostic(
      `two joined after ${Math.round(joinedAt - startedAt)} ms, confirmed in ${Math.round(ms)} ms`,
    );
    assert.deepEqual([delivered, path], [1, kind]);
    assert.equal(peer.path.kind, kind);
    const large = new Uint8Array(300_000).map((_, i) => i % 251);
    await bob.send(large);
    assert.deepEqual(Buffer.compare(/** @type {any} */ (atAda[0]), large), 0);
    const sends = [];
    for (let i = 1; i <= 100; i++) sends.push(ada.send(`${i}`), bob.send(`${i}`));
    await Promise.all(sends);
    assert.deepEqual(atBob, numbers(101));
    assert.deepEqual(atAda.slice(1), numbers(100, 1));
    await Promise.all([ada.leave(), bob.leave()]);
  });
}

test('a path is called by the lower of both ends, and both hear of a change', {
  skip,
}, async () => {
  const url = server.url + newRoom();
  const ada = await enter(url);
  const bob = await enter(url, { paths: ['long-poll'] });
  const [there, here] = [await met(ada, bob.me.id), await met(bob, ada.me.id)];
  assert.deepEqual([there.path.kind, here.path.kind], ['long-poll', 'long-poll']);
  const cyd = await enter(url, { paths: ['websocket', 'sse'] });
  const peer = await met(ada, cyd.me.id);
  assert.equal(peer.path.kind, 'websocket');
  const changed = once(peer, 'pathchange');
  faults(cyd).websocket(true);
  cyd.send('something that waits for an answer').catch(() => {});
  const { from, to } = (await changed)[0].detail;
  assert.deepEqual([from, to], ['websocket', 'sse']);
});

for (const [what, ways, expected, code] of /** @type {[string, any, PathKind, string][]} */ ([
  ['does not know upgrades', { noUpgrades: true }, 'sse', 'PROXY_INTERCEPTS_WS'],
  [
    'does not know upgrades, and keeps answers until they are whole',
    { buffers: true },
    'long-poll',
    'PROXY_BUFFERS_STREAM',
  ],
])) {
  test(`behind a proxy that ${what}: ${expected}`, { skip }, async (t) => {
    const room = newRoom();
    const startedAt = performance.now();
    const ada = await enter((await behind(ways)) + room);
    const ms = Math.round(performance.now() - startedAt);
    const bob = await enter(server.url + room);
    const got = heard(bob);
    await met(ada, bob.me.id);
    await ada.send('1');
    t.diagnostic(`joined after ${ms} ms`);
    assert.deepEqual(got, ['1']);
    const back = await met(bob, ada.me.id);
    await until(back, 'pathchange', () => back.path.kind === expected);
    const peer = await met(ada, bob.me.id);
    const { kind, findings } = await peer.explain();
    assert.equal(kind, expected);
    const codes = findings.map((finding) => finding.code);
    assert.ok(codes.includes(code), `${codes}`);
    const report = await ada.diagnose();
    assert.ok(report.findings.some((finding) => finding.code === code));
  });
}

test('behind a proxy that cuts answers after a second, nothing is lost', { skip }, async () => {
  const room = newRoom();
  const url = await behind({ cutsAfterMs: 1_000 });
  const ada = await enter(url + room, { paths: ['sse', 'long-poll'] });
  const bob = await enter(server.url + room);
  const got = heard(ada);
  await met(bob, ada.me.id);
  for (let i = 0; i < 60; i++) {
    bob.send(`${i}`).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await until(ada, 'message', () => got.length === 60);
  const { findings } = await ada.diagnose();
  assert.ok(findings.some((finding) => finding.code === 'PROXY_CUTS_RESPONSES'));
  assert.deepEqual(got, numbers(60));
});

test('a portal that answers in the place of the server is no server', { skip }, async () => {
  const aborter = new AbortController();
  const joining = enter((await behind({ portal: true })) + newRoom(), { signal: aborter.signal });
  const failed = assert.rejects(joining, { code: 'ABORTED' });
  await new Promise((resolve) => setTimeout(resolve, 700));
  aborter.abort();
  await failed;
});

test('moved from carrier to carrier at 200 messages a second: all, once, in order', {
  skip,
}, async (t) => {
  const url = server.url + newRoom();
  const [ada, bob] = [await enter(url), await enter(url)];
  const peers = [await met(ada, bob.me.id), await met(bob, ada.me.id)];
  const [atAda, atBob] = [heard(ada), heard(bob)];
  /** @type {string[]} */
  const moves = [];
  for (const peer of peers) {
    peer.addEventListener('pathchange', (event) => {
      const { from, to, reason, stalledMs } = /** @type {any} */ (event).detail;
      moves.push(`${from} > ${to} ${reason} ${Math.round(stalledMs)}`);
    });
  }
  let longest = 0;
  let last = performance.now();
  bob.addEventListener('message', () => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  });
  let sent = 0;
  let failed = 0;
  const timer = setInterval(() => {
    for (const room of [ada, bob]) room.send(`${sent}`).catch(() => failed++);
    sent++;
  }, 5);
  /** @param {PathKind} kind */
  const reaches = (kind) => until(peers[1], 'pathchange', () => peers[1].path.kind === kind);
  const cut = faults(ada);
  for (const [name, kind] of /** @type {const} */ ([
    ['websocket', 'sse'],
    ['sse', 'long-poll'],
    ['longPoll', 'poll'],
  ])) {
    longest = 0;
    cut[name](true);
    await reaches(kind);
    await until(bob, 'message', () => performance.now() - last < 20);
    t.diagnostic(`${name} cut: longest silence ${Math.round(longest)} ms`);
  }
  for (const name of /** @type {const} */ (['longPoll', 'sse', 'websocket'])) cut[name](false);
  longest = 0;
  await reaches('websocket');
  t.diagnostic(`back on the WebSocket: longest silence ${Math.round(longest)} ms`);
  clearInterval(timer);
  await until(ada, 'message', () => atAda.length >= sent);
  await until(bob, 'message', () => atBob.length >= sent);
  t.diagnostic(`${sent} messages each way; ${moves.join(', ')}`);
  const expected = numbers(sent);
  assert.deepEqual(atAda, expected);
  assert.deepEqual(atBob, expected);
  assert.equal(failed, 0);
});
