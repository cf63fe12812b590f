import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History, WINDOW_MS } from '../../src/main/web/demo/history.js';
import { inWords, layOut } from '../../src/main/web/demo/plot.js';

const FRAME = { width: 660, height: 190, left: 60, top: 20, bottom: 40 };

/** A minute that began on WebSocket, went to direct, and fell back with a stall of 600 ms. */
function minute() {
  const history = new History();
  history.on(0, 'websocket');
  history.sample(10_000, 4, 'websocket');
  history.moved({
    at: 12_000,
    from: 'websocket',
    to: 'direct',
    reason: '',
    stalledMs: 0,
    moved: 0,
  });
  history.sample(13_000, 1, 'direct');
  history.sample(14_000, 1, 'direct');
  history.moved({
    at: 42_000,
    from: 'direct',
    to: 'websocket',
    reason: '',
    stalledMs: 600,
    moved: 9,
  });
  history.sample(42_000, 640, 'websocket');
  return history;
}

test('the right edge is now, the left edge a minute ago', () => {
  const { dots, spanMs } = layOut(minute(), WINDOW_MS, FRAME);
  assert.equal(spanMs, WINDOW_MS);
  assert.deepEqual(
    dots.map(({ x }) => x),
    [160, 190, 200, 480],
  );
});

test('a fresh room shows fifteen seconds, which grow to a minute', () => {
  const history = new History();
  history.on(1000, 'direct');
  assert.equal(layOut(history, 2000, FRAME).spanMs, 15_000);
  assert.equal(layOut(history, 31_000, FRAME).spanMs, 30_000);
  assert.equal(layOut(history, 99_000, FRAME).spanMs, WINDOW_MS);
});

test('the scale is logarithmic, and ends at the decade above the highest', () => {
  const { ticks, dots } = layOut(minute(), WINDOW_MS, FRAME);
  assert.deepEqual(
    ticks.map(({ label }) => label),
    ['1 ms', '10 ms', '100 ms', '1 s'],
  );
  const gaps = ticks.slice(1).map(({ y }, i) => Math.round((ticks[i]?.y ?? 0) - y));
  assert.equal(new Set(gaps).size, 1);
  assert.equal(ticks.at(-1)?.y, FRAME.top);
  assert.equal(dots[1]?.y, ticks[0]?.y);
});

test('no point lies outside of the frame, however quick or slow', () => {
  const history = new History();
  for (const ms of [0, 0.001, 59_000, 1_000_000]) history.sample(1000, ms, 'direct');
  for (const { x, y } of layOut(history, 1000, FRAME).dots) {
    assert.ok(
      x >= FRAME.left && x <= FRAME.width && y >= FRAME.top && y <= FRAME.height - FRAME.bottom,
      `${x} ${y}`,
    );
  }
});

test('a line is broken where nothing was measured, and takes another colour where the path did', () => {
  const { traces } = layOut(minute(), WINDOW_MS, FRAME);
  assert.deepEqual(
    traces.map(({ kind, d }) => [kind, d.split(/[ML]/).length - 1]),
    [
      ['websocket', 1],
      ['direct', 3],
      ['websocket', 1],
    ],
  );
});

test('bands tile the time that is known', () => {
  const { bands } = layOut(minute(), WINDOW_MS, FRAME);
  assert.deepEqual(
    bands.map(({ x, width, kind, word }) => [x, width, kind, word]),
    [
      [60, 120, 'websocket', 'WebSocket'],
      [180, 300, 'direct', 'direct'],
      [480, 180, 'websocket', 'WebSocket'],
    ],
  );
});

test('marks show where the path changed and how long it was silent; words do not run into each other', () => {
  const history = minute();
  history.moved({
    at: 43_000,
    from: 'websocket',
    to: 'direct',
    reason: '',
    stalledMs: 0,
    moved: 0,
  });
  const { marks } = layOut(history, WINDOW_MS, FRAME);
  assert.deepEqual(
    marks.map(({ x, stallWidth, label }) => [x, stallWidth, label]),
    [
      [180, 0, 'direct'],
      [480, 6, 'WebSocket, 600 ms silent'],
      [490, 0, ''],
    ],
  );
});

test('older than a minute is forgotten, but for the path that it was on', () => {
  const history = minute();
  history.sample(110_000, 3, 'websocket');
  assert.equal(history.samples.length, 1);
  assert.deepEqual(
    history.stretches.map(({ kind }) => kind),
    ['websocket'],
  );
  assert.equal(layOut(history, 110_000, FRAME).marks.length, 0);
});

test('history is bounded, whatever comes', () => {
  const history = new History();
  for (let i = 0; i < 10_000; i++) {
    history.sample(i / 100, 1, 'direct');
    history.moved({
      at: i / 100,
      from: 'direct',
      to: i % 2 ? 'poll' : 'sse',
      reason: '',
      stalledMs: 0,
      moved: 0,
    });
  }
  assert.ok(
    history.samples.length <= 1200 &&
      history.moves.length <= 100 &&
      history.stretches.length <= 101,
  );
});

test('says the plot in words', () => {
  assert.equal(
    inWords(minute(), WINDOW_MS, 'Ada'),
    'A message to Ada and one back: 4.0 ms in the middle, 640 ms at the slowest, measured 4 times. ' +
      'By path: WebSocket for 30 s, direct for 30 s; 2 changes, silent for 600 ms at most.',
  );
  assert.equal(inWords(new History(), 0, 'Ada'), 'Nothing measured with Ada yet.');
});
