import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { after, before, test } from 'node:test';
import { topics } from '../../src/topics.js';
import { startMeddler } from '../support/meddler.js';
import { run, serve, whyNoServer } from '../support/server.js';

/** @typedef {import('../../src/topic.js').Topic} Topic */

const missing = await whyNoServer();
const skip = missing ? `no server: ${missing}` : false;

/** @type {Awaited<ReturnType<typeof serve>>} */
let server;
/** @type {string} */
let folder;
/** @type {{stop: () => unknown}[]} */
const proxies = [];

before(async () => {
  folder = await mkdtemp(path(tmpdir(), 'peerline-topics-alone-'));
  if (!skip) server = await serve();
});

after(async () => {
  for (const proxy of proxies) proxy.stop();
  await server?.stop();
  await rm(folder, { recursive: true });
});

/** @param {Topic} topic */
function heard(topic) {
  /** @type {any[]} */
  const got = [];
  topic.addEventListener('message', (event) => got.push(/** @type {any} */ (event).data));
  topic.addEventListener('gap', (event) => got.push({ gap: /** @type {any} */ (event).detail }));
  return got;
}

/** @param {Topic} topic @param {() => unknown} holds @param {string} type */
async function until(topic, holds, type = 'message') {
  while (!holds()) await once(topic, type);
}

/** Requests of a client, by what they accept. */
function counted() {
  /** @type {string[]} */
  const asked = [];
  /** @type {typeof globalThis.fetch} */
  const counting = (url, init) => {
    const { search } = new URL(String(url));
    const stream = new Headers(init?.headers).get('accept') === 'text/event-stream';
    if (init?.method !== 'POST')
      asked.push(stream ? 'stream' : search.replace(/after=[^&]*&?/, ''));
    return fetch(url, init);
  };
  return { asked, fetch: counting };
}

test('without a room: history, patterns, all kinds of data, one stream', { skip }, async () => {
  const { asked, fetch } = counted();
  const client = topics(server.url, { fetch });
  await client.publish('alone.a', 'before');
  const topic = client.topic('alone.*', { after: 'oldest' });
  const got = heard(topic);
  await client.publish('alone.b', { rate: 1.07 });
  await client.publish('alone.c', Uint8Array.of(0, 255));
  const { id } = await client.publish('alone.d', 'Grüße 🎉', { key: 'k' });
  assert.deepEqual(await client.publish('alone.d', 'again', { key: 'k' }), { id });
  await until(topic, () => got.length === 4);
  assert.deepEqual(got, ['before', { rate: 1.07 }, Uint8Array.of(0, 255), 'Grüße 🎉']);
  assert.equal(topic.cursor, id);
  assert.deepEqual(asked, ['stream']);
  const single = client.topic('alone.d', { after: 'oldest' });
  for await (const message of single) {
    assert.deepEqual([message.id, message.topic, message.data], [id, 'alone.d', 'Grüße 🎉']);
    break;
  }
  assert.throws(() => client.topic('no topic'), { code: 'BAD_ARGUMENT' });
  await assert.rejects(client.publish('alone.*', 'x'), { code: 'BAD_ARGUMENT' });
  await assert.rejects(client.publish('alone.a', 'x'.repeat(70_000)), {
    code: 'MESSAGE_TOO_LARGE',
  });
  client.close();
});

test('a proxy that keeps streams to itself: long polls bring the same', { skip }, async () => {
  const proxy = await startMeddler(server.url, { buffers: true });
  proxies.push(proxy);
  const { asked, fetch } = counted();
  const client = topics(proxy.url, { fetch });
  const topic = client.topic('buffered', { after: 'oldest' });
  const got = heard(topic);
  await topics(server.url).publish('buffered', 'one');
  await until(topic, () => got.length === 1);
  await topics(server.url).publish('buffered', 'two');
  await until(topic, () => got.length === 2);
  assert.deepEqual(got, ['one', 'two']);
  assert.ok(asked.includes('?wait=25'), `${asked}`);
  client.close();
});

test('through a restart: with data no gap, without one that says where', { skip }, async () => {
  const options = ['--data', path(folder, 'data')];
  let mine = await serve(0, ...options);
  const client = topics(mine.url);
  const topic = client.topic('news', { after: 'oldest' });
  const got = heard(topic);
  const first = await client.publish('news', 'one');
  await until(topic, () => got.length === 1);
  await mine.stop('SIGKILL');
  const pending = client.publish('news', 'two', { key: 'two' });
  mine = await serve(mine.port, ...options);
  const { id } = await pending;
  await until(topic, () => got.length === 2);
  assert.deepEqual(got, ['one', 'two']);
  await mine.stop('SIGKILL');
  mine = await serve(mine.port);
  const third = await client.publish('news', 'three', { key: 'three' });
  await until(topic, () => got.length === 4);
  assert.deepEqual(got.slice(2), [
    { gap: { after: id, oldest: third.id, reason: 'restart' } },
    'three',
  ]);
  assert.notEqual(first.id, third.id);
  client.close();
  await mine.stop();
});

test('a token that ends is asked for again, and one without the scope is final', {
  skip,
}, async () => {
  const secret = path(folder, 'secret');
  await writeFile(secret, 'a secret of more than thirty-two bytes');
  const mint = (/** @type {string[]} */ ...options) =>
    run('token', '--secret-file', secret, ...options);
  const guarded = await serve(0, '--secret-file', secret);
  const boss = topics(guarded.url, { token: await mint('--publish', 'prices.>') });
  const short = await mint('--subscribe', 'prices.>', '--ttl', '3s');
  const long = await mint('--subscribe', 'prices.>', '--ttl', '10m');
  const given = [short, long];
  let renewed = () => {};
  const second = new Promise((resolve) => (renewed = () => resolve(0)));
  const token = () => {
    if (given.length === 1) renewed();
    return /** @type {string} */ (given.shift());
  };
  const reader = topics(guarded.url, { token });
  const topic = reader.topic('prices.eur', { after: 'oldest' });
  const got = heard(topic);
  await boss.publish('prices.eur', 'one');
  await until(topic, () => got.length === 1);
  await second; // the server ends the stream with the token
  await boss.publish('prices.eur', 'two');
  await until(topic, () => got.length === 2);
  assert.deepEqual(got, ['one', 'two']);
  const [{ detail }] = await once(boss.topic('prices.eur', { after: 'oldest' }), 'error');
  assert.equal(detail.code, 'FORBIDDEN_SCOPE');
  reader.close();
  boss.close();
  await guarded.stop();
});
