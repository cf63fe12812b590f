import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roomOf, topicOf } from '../../src/main/web/compare/access.js';
import { Lane, Refused } from '../../src/main/web/compare/lane.js';
import { layOut, SPAN_MS } from '../../src/main/web/compare/plot.js';
import { Tally, WINDOW_MS } from '../../src/main/web/compare/tally.js';
import {
  chunkBytes,
  EventParser,
  frameBytes,
  headBytes,
  requestBytes,
} from '../../src/main/web/compare/wire.js';
import { payload } from '../../src/main/web/demo/token.js';

test('what is missing below the highest is lost, until it comes after all', () => {
  const tally = new Tally();
  for (const n of [1, 2, 5]) tally.message(n, 10, 0);
  assert.deepEqual([tally.lost, tally.highest, tally.received], [2, 5, 3]);
  tally.message(4, 10, 0);
  assert.deepEqual([tally.lost, tally.outOfOrder], [1, 1]);
});

test('a message that comes again is doubled, and counts once', () => {
  const tally = new Tally();
  tally.message(1, 10, 0);
  assert.equal(tally.message(1, 500, 0), false);
  assert.deepEqual([tally.doubled, tally.received, tally.samples.length], [1, 1, 1]);
});

test('what was never sent to a lane is not lost there', () => {
  const tally = new Tally();
  tally.skip(1);
  tally.skip(2);
  tally.message(3, 10, 0);
  assert.deepEqual([tally.lost, tally.received], [0, 1]);
});

test('quantiles are those of the last minute, by the nearest rank', () => {
  const tally = new Tally();
  tally.message(1, 9_999, 0);
  for (let n = 2; n <= 101; n++) tally.message(n, n - 1, WINDOW_MS + 1);
  assert.equal(tally.quantile(0.5, WINDOW_MS + 1), 50);
  assert.equal(tally.quantile(0.99, WINDOW_MS + 1), 99);
  assert.ok(Number.isNaN(new Tally().quantile(0.5, 0)));
});

test('samples stay bounded, whatever comes', () => {
  const tally = new Tally();
  for (let n = 1; n <= 5_000; n++) tally.message(n, 1, 0);
  assert.equal(tally.samples.length, 2_400);
  tally.message(50_000, 1, 0);
  assert.equal(tally.lost, 44_999);
});

test('requests and bytes are told a message, and not before there is one', () => {
  const tally = new Tally();
  tally.requests = 3;
  tally.bytes = 900;
  tally.up = 600;
  assert.ok(Number.isNaN(tally.bytesPerMessage) && Number.isNaN(tally.upPerMessage));
  tally.message(1, 1, 0);
  tally.message(2, 1, 0);
  assert.deepEqual(
    [tally.requestsPerMessage, tally.bytesPerMessage, tally.upPerMessage],
    [1.5, 450, 300],
  );
});

test('a head is as long as HTTP/1.1 writes it', () => {
  const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nx: y\r\n\r\n';
  /** @type {[string, string][]} */
  const headers = [
    ['content-type', 'text/plain'],
    ['x', 'y'],
  ];
  assert.equal(headBytes({ status: 200, statusText: 'OK', headers }), head.length);
});

test('a request is as long as HTTP/1.1 writes it, its Accept in the place of the browser’s', () => {
  const head = 'GET /v1/topics/a?after=0 HTTP/1.1\r\nAuthorization: Bearer x\r\n\r\n';
  const own = { Authorization: 'Bearer x', Accept: 'text/event-stream' };
  const more = 'text/event-stream'.length - '*/*'.length;
  assert.equal(requestBytes('http://host:1/v1/topics/a?after=0', own), head.length + more);
});

test('a frame has the header of its length (RFC 6455, section 5.2)', () => {
  assert.equal(frameBytes('x'.repeat(125)), 127);
  assert.equal(frameBytes('x'.repeat(126)), 130);
  assert.equal(frameBytes('x'.repeat(65_536)), 65_546);
  assert.equal(frameBytes('ü'), 4);
});

test('a chunk has its length in hexadecimal and two line ends (RFC 9112, section 7.1)', () => {
  assert.equal(chunkBytes(5), '5\r\nhello\r\n'.length);
  assert.equal(chunkBytes(16), '10\r\n0123456789abcdef\r\n'.length);
});

test('events are whole however their bytes are cut up, and heartbeats are none', () => {
  const stream = 'retry: 1000\n\n:\n\nid: 1-2\ndata: {"a":1}\n\nevent: gap\ndata: x\ndata: y\n\n';
  const expected = [
    { type: 'message', id: '1-2', data: '{"a":1}' },
    { type: 'gap', id: null, data: 'x\ny' },
  ];
  for (let size = 1; size <= stream.length; size++) {
    const parser = new EventParser();
    const events = [];
    for (let at = 0; at < stream.length; at += size)
      events.push(...parser.push(stream.slice(at, at + size)));
    assert.deepEqual(events, expected, `in pieces of ${size}`);
  }
});

test('a token leads to a topic that it may both publish to and read', () => {
  assert.equal(topicOf({ publish: ['a.b'], subscribe: ['a.b'] }, 'x'), 'a.b');
  assert.equal(topicOf({ publish: ['a.>'], subscribe: ['a.*'] }, 'x'), 'a.x');
  assert.equal(topicOf({ publish: ['b.c', 'a.*'], subscribe: ['a.>'] }, 'x'), 'a.x');
  assert.equal(topicOf({ publish: ['a.*.c'], subscribe: ['a.>'] }, 'x'), null);
  assert.equal(topicOf({ publish: ['a.b'], subscribe: ['a'] }, 'x'), null);
  assert.equal(topicOf({ publish: ['a.b'] }, 'x'), null);
  assert.equal(topicOf({}, 'x'), null);
});

test('a token leads to a room: its own, or any', () => {
  assert.equal(roomOf({ room: '*' }, 'x'), 'x');
  assert.equal(roomOf({ room: 'lobby' }, 'x'), 'lobby');
  assert.equal(roomOf({}, 'x'), null);
});

test('what is no token says nothing, and a token what stands in it', () => {
  for (const none of ['', 'no.token.at-all', 'x.bnVsbA.y']) assert.deepEqual(payload(none), {});
  const said = { room: '*', publish: ['a.b'], name: 'Zoë' };
  const middle = Buffer.from(JSON.stringify(said)).toString('base64url');
  assert.deepEqual(payload(`x.${middle}.y`), said);
});

test('the plot has now at its right edge, and one scale for all', () => {
  const frame = { width: 100, height: 110, left: 0, top: 0, bottom: 10 };
  const samples = [
    { at: 0, ms: 1 },
    { at: SPAN_MS / 2 + 1, ms: 10_000 },
    { at: SPAN_MS + 1, ms: 0.1 },
  ];
  const cuts = [{ from: SPAN_MS / 2 + 1, to: SPAN_MS * 2 }];
  const plot = layOut(samples, cuts, SPAN_MS + 1, frame);
  assert.equal(plot.dots, 'M50 0h0M100 100h0');
  assert.deepEqual(plot.cuts, [{ x: 50, width: 50 }]);
  assert.deepEqual(
    plot.ticks.map(({ label }) => label),
    ['1 ms', '10 ms', '100 ms', '1 s', '10 s'],
  );
});

/** A lane on a clock that stands, and what its carrier was asked for. */
function laneOn(/** @type {import('../../src/main/web/compare/lane.js').Carry} */ carry) {
  const now = { ms: 0 };
  const lane = new Lane('test', carry, { now: () => now.ms, publishedAt: () => now.ms });
  return { lane, now };
}

test('a lane that was cut goes on from the last message it had', async () => {
  /** @type {string[]} */
  const asked = [];
  const { lane } = laneOn(async (on, signal) => {
    asked.push(on.cursor);
    on.opened();
    on.message({ id: `e-${asked.length}`, data: `{"n":${asked.length}}` });
    if (asked.length === 1) queueMicrotask(() => on.cut(1));
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  });
  const back = new Promise((resolve) => lane.addEventListener('back', resolve));
  const ended = lane.start('e-0');
  await back;
  lane.stop();
  await ended;
  assert.deepEqual(asked, ['e-0', 'e-1']);
  assert.equal(lane.cursor, 'e-2');
  assert.equal(lane.state, 'idle');
  assert.deepEqual([lane.tally.received, lane.tally.lost, lane.tally.doubled], [2, 0, 0]);
});

test('a lane that is refused says so and does not try again', async () => {
  let tries = 0;
  const { lane } = laneOn(async () => {
    tries++;
    throw new Refused('not for you');
  });
  await lane.start('0');
  assert.deepEqual([tries, lane.state, lane.note], [1, 'off', 'not for you']);
});
