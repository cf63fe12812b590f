import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { faults } from '../../src/faults.js';
import { join } from '../../src/peerline.js';
import { run, serve, whyNoServer } from '../support/server.js';

/** @typedef {import('../../src/room.js').Room} Room */
/** @typedef {import('../../src/topic.js').Topic} Topic */
/** @typedef {import('../../src/types.js').PathKind} PathKind */

const missing = await whyNoServer();
const skip = missing ? `no server: ${missing}` : false;
/** @type {PathKind[]} */
const KINDS = ['websocket', 'sse', 'long-poll', 'poll'];

/** @type {Awaited<ReturnType<typeof serve>>} */
let server;
/** @type {string} */
let folder;
/** @type {Set<Room>} */
const open = new Set();
let names = 0;

before(async () => {
  folder = await mkdtemp(path(tmpdir(), 'peerline-topics-'));
  if (!skip) server = await serve();
});

after(async () => {
  await Promise.all([...open].map((room) => room.leave()));
  await server?.stop();
  await rm(folder, { recursive: true });
});

/** @param {string} url @param {import('../../src/types.js').JoinOptions} [options] */
async function enter(url, options) {
  const room = await join(url, { WebSocket: /** @type {any} */ (WebSocket), ...options });
  open.add(room);
  return room;
}

const newRoom = (base = server.url) => `${base}/topics-${++names}`;
const newTopic = () => `news-${++names}`;

/** What a topic brings, gaps and errors among it. @param {Topic} topic */
function heard(topic) {
  /** @type {any[]} */
  const got = [];
  topic.addEventListener('message', (event) => got.push(/** @type {any} */ (event).data));
  topic.addEventListener('gap', (event) => got.push({ gap: /** @type {any} */ (event).detail }));
  topic.addEventListener('error', (event) =>
    got.push({ error: /** @type {any} */ (event).detail }),
  );
  return got;
}

/** Waits for what a message may bring. @param {Topic} topic @param {() => unknown} holds @param {string} type */
async function until(topic, holds, type = 'message') {
  while (!holds()) await once(topic, type);
}

/** By plain HTTP. @param {string} topic @param {BodyInit} body @param {string} [type] */
async function post(topic, body, type = 'text/plain', base = server.url) {
  const headers = { 'Content-Type': type };
  const answer = await fetch(`${base}/v1/topics/${topic}`, { method: 'POST', headers, body });
  assert.equal(answer.status, 201);
  return /** @type {{id: string}} */ (await answer.json()).id;
}

const numbers = (/** @type {number} */ count) => Array.from({ length: count }, (_, i) => `${i}`);

for (const kind of KINDS) {
  test(`a topic over ${kind}: history, what comes, patterns, all kinds of data, cursors`, {
    skip,
  }, async () => {
    const name = newTopic();
    const room = await enter(newRoom(), { paths: [kind] });
    const first = await post(`${name}.a`, 'before');
    await post(`${name}.b.c`, 'elsewhere');
    const topic = room.topic(`${name}.a`, { after: 'oldest' });
    const got = heard(topic);
    const { id } = await topic.publish('Grüße 🎉');
    await topic.publish({ rate: 1.07 });
    await topic.publish(Uint8Array.of(0, 255, 1));
    await topic.publish('<b>', { type: 'text/html' });
    await until(topic, () => got.length === 5);
    const bytes = Uint8Array.of(0, 255, 1);
    assert.deepEqual(got, ['before', 'Grüße 🎉', { rate: 1.07 }, bytes, '<b>']);
    const last = topic.cursor;

    const every = heardOf(room.topic(`${name}.>`, { after: first }));
    await until(every.topic, () => every.got.length === 5);
    assert.deepEqual(every.got[0], 'elsewhere');
    assert.equal(every.topic.cursor, last);
    const rest = heardOf(room.topic(`${name}.a`, { after: id }));
    await until(rest.topic, () => rest.got.length === 3);
    assert.deepEqual(rest.got, got.slice(2));
    await topic.close();
    await room.topic(`${name}.a`).publish('later');
    await until(rest.topic, () => rest.got.length === 4);
    assert.equal(got.length, 5, 'what is closed brings no more');
    await room.leave();
  });
}

/** @param {Topic} topic */
const heardOf = (topic) => ({ topic, got: heard(topic) });

test('moved from carrier to carrier at 200 messages a second: all, once, in order, no gap', {
  skip,
}, async (t) => {
  const name = newTopic();
  const room = await enter(newRoom());
  const source = await enter(newRoom());
  const topic = room.topic(name, { after: 'oldest' });
  const from = source.topic(name);
  const got = heard(topic);
  const cut = faults(room);
  /** @type {Promise<{id: string}>[]} */
  const sent = [];
  const timer = setInterval(() => sent.push(from.publish(`${sent.length}`)), 5);
  const reaches = (/** @type {PathKind} */ kind) =>
    until(topic, () => room.driver.uplink.path === kind);
  await until(topic, () => got.length > 50);
  for (const [group, kind] of /** @type {const} */ ([
    ['websocket', 'sse'],
    ['sse', 'long-poll'],
    ['longPoll', 'poll'],
  ])) {
    cut[group](true);
    await reaches(kind);
    const count = got.length;
    await until(topic, () => got.length > count + 50);
    t.diagnostic(`${got.length} messages when it came by ${kind}`);
  }
  for (const group of /** @type {const} */ (['longPoll', 'sse', 'websocket'])) cut[group](false);
  await reaches('websocket');
  clearInterval(timer);
  const ids = await Promise.all(sent);
  await until(topic, () => got.length >= sent.length);
  t.diagnostic(`${sent.length} messages`);
  assert.deepEqual(got, numbers(sent.length));
  assert.equal(topic.cursor, ids.at(-1)?.id);
  assert.equal(new Set(ids.map(({ id }) => id)).size, sent.length);
});

test('a restart with data: no gap, and what was published meanwhile', { skip }, async () => {
  const options = ['--data', path(folder, 'data')];
  const mine = await serve(0, ...options);
  const room = await enter(newRoom(mine.url));
  const topic = room.topic('news', { after: 'oldest' });
  const got = heard(topic);
  await topic.publish('one');
  await until(topic, () => got.length === 1);
  await mine.stop('SIGKILL');
  const pending = topic.publish('two', { key: 'k' });
  const again = await serve(mine.port, ...options);
  await post('news', 'three', 'text/plain', again.url);
  await pending;
  await until(topic, () => got.length === 3);
  assert.deepEqual([got[0], ...got.slice(1).sort()], ['one', 'three', 'two']);
  await room.leave();
  await again.stop();
});

test('a restart without data: one gap, exactly where it is, then what is new', {
  skip,
}, async () => {
  const mine = await serve();
  const room = await enter(newRoom(mine.url));
  const [topic, other] = ['news.a', 'news.b'].map((name) => room.topic(name, { after: 'oldest' }));
  const [got, others] = [heard(topic), heard(other)];
  const { id } = await topic.publish('one');
  await until(topic, () => got.length === 1);
  await mine.stop('SIGKILL');
  const again = await serve(mine.port);
  const second = await post('news.a', 'two', 'text/plain', again.url);
  await until(topic, () => got.length === 3);
  assert.deepEqual(got, ['one', { gap: { after: id, oldest: second, reason: 'restart' } }, 'two']);
  await until(other, () => others.length === 1, 'gap');
  assert.equal(others[0].gap.reason, 'restart');
  await room.leave();
  await again.stop();
});

test('tokens: what they do not allow is refused, patterns yield the rest, a fresh one mends', {
  skip,
}, async () => {
  const secret = path(folder, 'secret');
  await writeFile(secret, 'a secret of more than thirty-two bytes');
  const mint = (/** @type {string[]} */ ...scopes) =>
    run('token', '--secret-file', secret, '--room', 'lobby', ...scopes);
  const guarded = await serve(0, '--secret-file', secret, '--open-topics', 'open.>');
  const url = `${guarded.url}/lobby`;
  const boss = await enter(url, {
    token: await mint('--subscribe', 'prices.>', '--publish', 'other.>'),
  });
  const code = (/** @type {string} */ wanted) => ({ name: 'PeerlineError', code: wanted });
  await assert.rejects(boss.topic('prices.eur').publish('x'), code('FORBIDDEN_SCOPE'));
  await boss.leave();

  const writer = await enter(url, {
    token: await mint('--publish', 'prices.>', '--publish', 'open.>'),
  });
  const reader = await enter(url, { token: await mint('--subscribe', 'prices.eur') });
  await writer.topic('prices.usd').publish('hidden');
  await writer.topic('prices.eur').publish('shown');
  await writer.topic('open.news').publish('for all');
  const some = heardOf(reader.topic('prices.>', { after: 'oldest' }));
  await until(some.topic, () => some.got.length === 1);
  assert.deepEqual(some.got, ['shown']);
  const all = heardOf(reader.topic('open.news', { after: 'oldest' }));
  await until(all.topic, () => all.got.length === 1);
  const none = heardOf(reader.topic('prices.usd', { after: 'oldest' }));
  await until(none.topic, () => none.got.length === 1, 'error');
  assert.equal(none.got[0].error.code, 'FORBIDDEN_SCOPE');
  await assert.rejects(none.topic.publish('x'), code('FORBIDDEN_SCOPE'));
  const silent = heardOf(writer.topic('prices.eur', { after: 'oldest' }));
  await until(silent.topic, () => silent.got.length === 1, 'error');
  assert.equal(silent.got[0].error.code, 'FORBIDDEN_SCOPE');
  await Promise.all([writer.leave(), reader.leave()]);
  await guarded.stop();
});

test('a reader that is slow catches up from the log, in order', { skip }, async () => {
  const name = newTopic();
  const writer = await enter(newRoom());
  const room = await enter(newRoom(), { paths: ['poll'] });
  const topic = room.topic(name, { after: 'oldest' });
  const got = heard(topic);
  const large = 'x'.repeat(15_000);
  const into = writer.topic(name);
  const sends = [];
  for (let i = 0; i < 100; i++) sends.push(into.publish(`${i} ${large}`));
  await Promise.all(sends);
  await until(topic, () => got.length === 100);
  assert.deepEqual(
    got.map((text) => text.split(' ')[0]),
    numbers(100),
  );
  assert.ok(got.every((text) => text.endsWith(large)));
});

test('a loop over a topic, and its end', { skip }, async () => {
  const name = newTopic();
  const room = await enter(newRoom());
  const source = room.topic(name);
  for (let i = 0; i < 3; i++) await source.publish(`${i}`);
  const got = [];
  for await (const { data } of room.topic(name, { after: 'oldest' })) {
    got.push(data);
    if (got.length === 3) break;
  }
  assert.deepEqual(got, numbers(3));
  const topic = room.topic(name, { after: 'oldest' });
  let last = '';
  for await (const { data, id } of topic) {
    last = id;
    if (data === '2') await topic.close();
  }
  assert.equal(topic.cursor, last);
  await assert.rejects(topic.publish('x'), { code: 'CLOSED' });
});

test('the same key is the same message, and what is wrong is said', { skip }, async () => {
  const room = await enter(newRoom());
  const topic = room.topic(newTopic(), { after: 'oldest' });
  const got = heard(topic);
  const first = await topic.publish('a', { key: 'once' });
  const again = await topic.publish('b', { key: 'once' });
  assert.deepEqual(again, first);
  await topic.publish('c');
  await until(topic, () => got.length === 2);
  assert.deepEqual(got, ['a', 'c']);
  await assert.rejects(topic.publish('x'.repeat(70_000)), { code: 'MESSAGE_TOO_LARGE' });
  await assert.rejects(topic.publish('x'.repeat(200_000)), { code: 'MESSAGE_TOO_LARGE' });
  await assert.rejects(room.topic('news.*').publish('x'), { code: 'BAD_ARGUMENT' });
  const [wrong] = await once(room.topic('no topic'), 'error');
  assert.equal(wrong.detail.code, 'BAD_ARGUMENT');
  await room.leave();
  await assert.rejects(topic.publish('x'), { code: 'CLOSED' });
});
