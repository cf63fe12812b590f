import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CarrierLadder } from '../../src/carriers/ladder.js';
import { record, write } from '../support/recording.js';
import { scenarios as played } from './scenarios.js';

const file = new URL('../../../../docs/vectors/carriers.json', import.meta.url);
const ABOUT = [
  'The ladder between the carriers of a session (docs/protocol.md, section 6), step by step: one thing happens at a time in ms, then it observes.',
  'rungs: those allowed. random: what chance gives, one after the other. remembered: what worked last on this network.',
  'A step may have start, opened, welcomed, closed, measured, heard, news, offer (of data channels, by the server), defer, stop or none of them; silentMs: for how long an answer has been owed.',
  'Checked after it: actions in their order, deadline (null: none) to within a thousandth of a ms, path (null: no carrier).',
];

/** @param {CarrierLadder} ladder @param {any} step */
function perform(ladder, step) {
  const { at } = step;
  if (step.start) ladder.start(at, step.start.dialled);
  else if (step.stop) ladder.stop();
  else if (step.opened) ladder.opened(step.opened.dial, at);
  else if (step.welcomed) ladder.welcomed(step.welcomed.dial, at);
  else if (step.closed) ladder.closed(step.closed.dial, at, step.closed.end);
  else if (step.measured) ladder.measured(step.measured.rttMs);
  else if (step.heard) ladder.heard(at, step.heard.active);
  else if (step.news) ladder.news(at);
  else if (step.offer) ladder.offer(step.offer.yes);
  else if (step.defer) ladder.defer(at, step.defer.ms, step.defer.leave);
}

/** @param {any} scenario */
function play({ name, rungs, random, remembered, steps }) {
  const draws = [...random];
  const draw = () => {
    assert.ok(draws.length, `${name}: chance is asked more often than it was`);
    return draws.shift();
  };
  const ladder = new CarrierLadder({ rungs, random: draw, remembered });
  for (const step of steps) {
    const why = `${name}: ${JSON.stringify(step)}`;
    perform(ladder, step);
    ladder.observe(step.at, step.silentMs);
    const actions = [];
    for (let action; (action = ladder.next()); ) actions.push(action);
    assert.deepEqual(actions, step.actions, why);
    assert.equal(ladder.path, step.path, why);
    if (step.deadline === null) assert.equal(ladder.deadline, Infinity, why);
    else assert.ok(Math.abs(ladder.deadline - step.deadline) < 0.001, why);
  }
  assert.equal(draws.length, 0, `${name}: chance is asked less often than it was`);
}

if (record) write(file, ABOUT, played());

for (const scenario of JSON.parse(readFileSync(file, 'utf8')).scenarios) {
  test(scenario.name, () => play(scenario));
}
