import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { WebSocket as WsClient } from 'ws';
import { launchBrowser } from '../support/browser.js';
import { LAUNCHER, startServer } from '../support/server.js';

/** A restart of the server on a busy machine is among what is waited for. */
const PATIENCE_MS = 120_000;
const TOPIC = '/v1/topics/prices.eur';

/** @typedef {{ id: string, time: number, type: string, data: string }} Message */

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {string} */
let folder;
/** @type {string} */
let secret;

before(async () => {
  browser = await launchBrowser();
  folder = mkdtempSync(join(tmpdir(), 'peerline-topics-'));
  secret = join(folder, 'secret');
  writeFileSync(secret, randomBytes(48).toString('base64'), { mode: 0o600 });
});

after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

/** @param {string[]} options */
function run(...options) {
  return execFileSync(LAUNCHER, options, { encoding: 'utf8' }).trim();
}

function token() {
  const scopes = ['--subscribe', 'prices.>', '--publish', 'prices.>'];
  return run('token', '--secret-file', secret, ...scopes);
}

/**
 * @param {string} url
 * @param {string} bearer
 * @param {string} text
 */
async function publish(url, bearer, text) {
  const answer = await fetch(url + TOPIC, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}` },
    body: text,
  });
  assert.equal(answer.status, 201);
  return /** @type {{ id: string }} */ (await answer.json()).id;
}

/**
 * @param {string} url
 * @param {string} bearer
 */
async function ticket(url, bearer) {
  const answer = await fetch(`${url}/v1/tickets`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify({ resource: TOPIC }),
  });
  assert.equal(answer.status, 201);
  return /** @type {{ ticket: string }} */ (await answer.json()).ticket;
}

test('a page reads a topic with a ticket, and EventSource goes on by itself after a restart', async () => {
  const options = ['--secret-file', secret, '--data', join(folder, 'data')];
  let server = await startServer({ options });
  const bearer = token();
  const page = await browser.newPage();
  try {
    await page.goto(`${server.url}/lobby`);
    const address = `${TOPIC}?after=0&ticket=${await ticket(server.url, bearer)}`;
    await page.evaluate((path) => {
      const state = { events: /** @type {string[]} */ ([]), frames: /** @type {string[]} */ ([]) };
      Object.assign(window, { state });
      const stream = new EventSource(path);
      stream.onmessage = ({ data, lastEventId }) => {
        const message = JSON.parse(data);
        if (message.id !== lastEventId) throw new Error(lastEventId);
        state.events.push(message.data);
      };
      stream.addEventListener('gap', ({ data }) => state.events.push(`gap ${data}`));
      const socket = new WebSocket(path.replace('/v1', `ws://${location.host}/v1`));
      socket.onmessage = ({ data }) => state.frames.push(JSON.parse(data).data);
      socket.onclose = ({ code }) => state.frames.push(`closed ${code}`);
    }, address);
    const expected = ['m0 Grüße 🎉', 'm1', 'm2', 'm3', 'm4', 'm5'];
    for (const text of expected.slice(0, 3)) await publish(server.url, bearer, text);
    await seen(page, 'events', expected.slice(0, 3));
    await seen(page, 'frames', expected.slice(0, 3));

    assert.equal(await server.stop(), 0);
    await seen(page, 'frames', [...expected.slice(0, 3), 'closed 1001']);
    server = await startServer({ port: server.port, options });
    for (const text of expected.slice(3)) await publish(server.url, bearer, text);
    await seen(page, 'events', expected);
  } finally {
    await page.close();
    await server.stop();
  }
});

/**
 * @param {import('playwright-core').Page} page
 * @param {'events' | 'frames'} what
 * @param {string[]} expected
 */
async function seen(page, what, expected) {
  await page.waitForFunction(
    ([list, count]) => {
      const { state } = /** @type {any} */ (window);
      return state[/** @type {string} */ (list)].length >= /** @type {number} */ (count);
    },
    /** @type {const} */ ([what, expected.length]),
    { timeout: PATIENCE_MS },
  );
  const all = await page.evaluate((list) => /** @type {any} */ (window).state[list], what);
  assert.deepEqual(all, expected);
}

test("Node's fetch and the ws package read the same messages with the same cursors", async () => {
  const server = await startServer();
  try {
    const first = run('push', 'prices.eur', 'one', '--server', server.url);
    run('push', 'prices.eur', 'two', '--server', server.url);
    const answer = await fetch(`${server.url}${TOPIC}?after=${first}&wait=25`);
    const { messages, next } = /** @type {{ messages: Message[], next: string }} */ (
      await answer.json()
    );
    assert.deepEqual(
      messages.map(({ data }) => data),
      ['two'],
    );
    assert.equal(messages[0]?.id, next);
    const socket = new WsClient(`${server.url.replace('http', 'ws')}${TOPIC}?after=${first}`);
    const [frame, binary] = await once(socket, 'message');
    assert.equal(binary, false);
    assert.deepEqual(JSON.parse(String(frame)), messages[0]);
    const pong = once(socket, 'pong');
    socket.ping('hello');
    assert.equal(String((await pong)[0]), 'hello');
    const closed = once(socket, 'close');
    socket.close(1000);
    assert.equal((await closed)[0], 1000);
  } finally {
    assert.equal(await server.stop(), 0);
  }
});

test('a page needs one connection for its room and its topics', async () => {
  const server = await startServer();
  const page = await browser.newPage();
  try {
    await page.goto(`${server.url}/lobby?paths=websocket`);
    /** @type {Set<string>} */
    const paths = new Set();
    /** @type {Set<import('playwright-core').WebSocket>} */
    const sockets = new Set();
    page.on('websocket', (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    page.on('request', (request) => {
      const { pathname } = new URL(request.url());
      if (pathname.startsWith('/v1/')) paths.add(pathname);
    });
    const got = await page.evaluate(async () => {
      const sdk = '/sdk/peerline.js';
      const { join } = await import(sdk);
      const options = { paths: ['websocket'] };
      const ada = await join('one-connection', options);
      const bob = await join('another-room', options);
      const pattern = ada.topic('prices.>', { after: 'oldest' });
      const topic = ada.topic('prices.eur');
      /** @type {unknown[]} */
      const heard = [];
      const all = new Promise((resolve) => {
        pattern.addEventListener('message', (/** @type {any} */ { topic: name, data }) => {
          heard.push(`${name} ${JSON.stringify(data)}`);
          if (heard.length === 3) resolve(0);
        });
      });
      await topic.publish({ rate: 1.07 });
      await bob.topic('prices.usd').publish('Grüße 🎉');
      await topic.publish('last');
      await all;
      Object.assign(window, { ada, bob });
      return heard;
    });
    assert.deepEqual(got, [
      'prices.eur {"rate":1.07}',
      'prices.usd "Grüße 🎉"',
      'prices.eur "last"',
    ]);
    // One may be dialled beside a silent one, where the machine is busy, but none for a topic.
    const links = [...sockets].map((socket) => new URL(socket.url()).pathname);
    assert.ok(links.length >= 2 && links.every((path) => path === '/v1/link'), `${links}`);
    const beside = [...paths].filter((path) => /topics|tickets/.test(path));
    assert.deepEqual(beside, []);
    await page.evaluate(() => {
      const { ada, bob } = /** @type {any} */ (window);
      return Promise.all([ada.leave(), bob.leave()]);
    });
  } finally {
    await page.close();
    await server.stop();
  }
});
