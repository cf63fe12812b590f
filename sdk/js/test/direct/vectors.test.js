import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ladder } from '../../src/direct/ladder.js';
import { record, write } from '../support/recording.js';
import { Pair, random } from './pair.js';

const file = new URL('../../../../docs/vectors/ladder.json', import.meta.url);
const ABOUT = [
  'The ladder of a pair, between its data channel and the session (docs/protocol.md, section 3), step by step in ms.',
  'A step does one thing: opened, closed, doubt, heard, echoed (rttMs), moved (the path), observe (silentMs, activeAt (null: never), fallback).',
  'Checked after it: action of observe, deadline (null: none), path, rttMs, holdMs, patienceMs; numbers to within a thousandth.',
];

/** @type {Record<string, {o: ConstructorParameters<typeof Pair>[0], play: (pair: Pair) => void}>} */
const SCENARIOS = {
  'opens, is proven, and is probed while idle': {
    o: { rttMs: 20 },
    play: (pair) => pair.run(40_000),
  },
  'asks again when the first probe is lost': {
    o: { rttMs: 20, cut: true },
    play(pair) {
      pair.run(700);
      pair.cut = false;
      pair.run(2_000);
    },
  },
  'falls in silence, and climbs when echoes have come for long enough': {
    o: { rttMs: 20, sendEveryMs: 90 },
    play(pair) {
      for (let i = 0; i < 3; i++) {
        pair.run(1_500);
        pair.cut = true;
        pair.runUntil(() => pair.ladder.path === 'session', 3_000);
        pair.cut = false;
        pair.runUntil(() => pair.ladder.path === 'direct', 20_000);
      }
    },
  },
  'a slow path': {
    o: { rttMs: 400, sendEveryMs: 300 },
    play(pair) {
      pair.run(8_000);
      pair.cut = true;
      pair.run(4_000);
    },
  },
  'acknowledgements that do not come while probes do': {
    o: { rttMs: 20, sendEveryMs: 70 },
    play(pair) {
      pair.run(1_000);
      pair.ackDelayMs = 450;
      pair.run(1_500);
      pair.ackDelayMs = Infinity;
      pair.run(3_000);
    },
  },
  'an idle path that dies': {
    o: { rttMs: 20 },
    play(pair) {
      pair.run(1_000);
      pair.cut = true;
      pair.run(60_000);
      pair.cut = false;
      pair.ladder.heard(pair.now);
      pair.run(2_000);
    },
  },
  'closed, opened again, moved by the other end': {
    o: { rttMs: 20, sendEveryMs: 400 },
    play(pair) {
      pair.run(1_000);
      pair.ladder.closed(pair.now);
      pair.observe();
      pair.run(500);
      pair.open();
      pair.run(3_000);
      pair.ladder.moved('session', pair.now);
      pair.run(1_000);
      pair.ladder.moved('direct', pair.now);
      pair.run(1_000);
    },
  },
  'nothing to fall to': {
    o: { rttMs: 20, sendEveryMs: 120 },
    play(pair) {
      pair.run(1_000);
      pair.fallback = false;
      pair.cut = true;
      pair.run(3_000);
      pair.fallback = true;
      pair.run(1_000);
    },
  },
  'a thread that slept': {
    o: { rttMs: 20, sendEveryMs: 40 },
    play(pair) {
      pair.run(1_000);
      for (const ms of [150, 300, 700, 5_000]) {
        pair.sleep(ms);
        pair.run(400);
      }
    },
  },
};

/** @param {Pair} pair as it likes @param {number} seed */
function hostile(pair, seed) {
  const next = random(seed);
  while (pair.now < 25_000) {
    pair.cut = next() < 0.5;
    pair.run(Math.round(50 + next() * next() * 9_000));
  }
}

/** What is to be checked. @param {Ladder} ladder */
function state({ deadline, path, rttMs, holdMs, patienceMs }) {
  return { deadline: deadline === Infinity ? null : deadline, path, rttMs, holdMs, patienceMs };
}

/** Whatever is said to the ladder becomes a step. @param {Ladder} ladder @param {any[]} steps @returns {Ladder} */
function recorded(ladder, steps) {
  const said = (/** @type {string} */ name, /** @type {any[]} */ args) => {
    const action = /** @type {any} */ (ladder)[name](...args);
    const moved = name === 'moved';
    const at = args[moved ? 1 : 0];
    const evidence = args[1]?.activeAt === -Infinity ? { ...args[1], activeAt: null } : args[1];
    const what = moved ? args[0] : name === 'echoed' ? { rttMs: args[1] } : (evidence ?? true);
    steps.push({ at, [name]: what, ...(name === 'observe' && { action }), ...state(ladder) });
    return action;
  };
  return new Proxy(ladder, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (/** @type {any[]} */ ...args) => said(String(name), args);
    },
  });
}

function played() {
  const all = Object.entries(SCENARIOS);
  for (const seed of [1, 2]) {
    const o = { rttMs: 5 * seed, sendEveryMs: 160, seed };
    all.push([`a hostile path, ${seed}`, { o, play: (pair) => hostile(pair, seed) }]);
  }
  return all.map(([name, { o, play }]) => {
    /** @type {any[]} */
    const steps = [];
    const pair = new Pair(o);
    pair.ladder = recorded(pair.ladder, steps);
    pair.open();
    play(pair);
    return { name, steps };
  });
}

/** @param {Ladder} ladder @param {any} step */
function perform(ladder, { at, opened, closed, doubt, heard, echoed, moved, observe }) {
  if (opened) ladder.opened(at);
  else if (closed) ladder.closed(at);
  else if (doubt) ladder.doubt(at);
  else if (heard) ladder.heard(at);
  else if (echoed) ladder.echoed(at, echoed.rttMs);
  else if (moved) ladder.moved(moved, at);
  else return ladder.observe(at, { ...observe, activeAt: observe.activeAt ?? -Infinity });
  return undefined;
}

/** @param {any} expected @param {any} actual @param {string} why */
function same(expected, actual, why) {
  if (typeof expected !== 'number') return assert.equal(actual, expected, why);
  assert.ok(Math.abs(actual - expected) < 0.001, why);
}

if (record) write(file, ABOUT, played());

for (const { name, steps } of JSON.parse(readFileSync(file, 'utf8')).scenarios) {
  test(name, () => {
    const ladder = new Ladder();
    for (const step of steps) {
      const why = `${name}: ${JSON.stringify(step)}`;
      const action = perform(ladder, step);
      if (action) assert.deepEqual(JSON.parse(JSON.stringify(action)), step.action, why);
      const now = /** @type {Record<string, unknown>} */ (state(ladder));
      for (const key in now) same(step[key], now[key], why);
    }
  });
}
