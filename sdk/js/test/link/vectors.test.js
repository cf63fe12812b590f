import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Endpoint } from '../../src/link/endpoint.js';
import { decode, encode, payload, readable } from './frames.js';
import { held } from './held.js';

const file = new URL('../../../../docs/vectors/pair.json', import.meta.url);
const { limits, scenarios } = JSON.parse(readFileSync(file, 'utf8'));
/** Writes what this implementation does into the file, to be read before it is committed. */
const record = process.env.PEERLINE_RECORD === '1';

const hex = (/** @type {Uint8Array} */ bytes) => Buffer.from(bytes).toString('hex');

/** @param {import('../../src/link/endpoint.js').Output} output */
function shown({ path, to, frames, loose, acks }) {
  const ids = to.map((member) => member.id);
  if (acks)
    return {
      path,
      acks: acks.map(({ member, frames: each }) => ({ to: member.id, frames: decode(each) })),
    };
  return {
    path,
    to: ids,
    frames: decode(frames),
    ...(loose && path === 'direct' ? { loose } : {}),
  };
}

/** @param {import('../../src/link/endpoint.js').EndpointEvent} event */
function told(event) {
  if (event.type === 'message') return { ...event, payload: readable(event.payload) };
  return event.type === 'echo' ? { ...event, bytes: hex(event.bytes) } : { ...event };
}

/** @param {Endpoint} endpoint @param {any} step */
function perform(endpoint, step) {
  const { at } = step;
  if (step.joined) endpoint.joined(step.joined, step.joined.state ?? 'here', at);
  else if (step.roster) assert.deepEqual(endpoint.roster(step.roster, at), step.absent ?? []);
  else if (step.away) endpoint.away(step.away, at);
  else if (step.back) endpoint.back(step.back, at);
  else if (step.left) endpoint.left(step.left);
  else if (step.sessionLost) endpoint.sessionLost(at);
  else if (step.use) endpoint.use(step.use.id, step.use.path, at);
  else if (step.abort) endpoint.abort(step.abort);
  else if (step.probe)
    endpoint.probe(
      step.probe.id,
      step.probe.path,
      Uint8Array.from(Buffer.from(step.probe.bytes, 'hex')),
    );
  else if (step.sendLoose)
    endpoint.sendLoose(step.sendLoose.to, step.sendLoose.channel, 0, payload(step.sendLoose.data));
  else if (step.send) send(endpoint, step);
  else if (step.receive) {
    const { from, to, path, frames, raw, malformed } = step.receive;
    const bytes = raw ? Uint8Array.from(Buffer.from(raw, 'hex')) : encode(frames);
    assert.equal(endpoint.receive(from, to, path, bytes, at), !malformed);
  }
}

/** @param {Endpoint} endpoint @param {any} step */
function send(endpoint, { at, send: { to, channel, data, handle, error } }) {
  const attempt = () => endpoint.send(to, channel, 0, payload(data), at);
  if (error) assert.throws(attempt, { code: error });
  else assert.equal(attempt(), handle);
}

/** @param {any} scenario */
function play(scenario) {
  const endpoint = new Endpoint({
    incarnation: scenario.incarnation,
    limits: { ...limits, ...scenario.limits },
  });
  for (const step of scenario.steps) {
    const why = `${scenario.name}: ${JSON.stringify(step)}`;
    perform(endpoint, step);
    const events = [];
    for (let event; (event = endpoint.nextEvent()); ) events.push(told(event));
    const outputs = [];
    if (!step.noTransmit)
      for (let output; (output = endpoint.transmit(step.at)); ) outputs.push(shown(output));
    const silent = step.silentFor ? endpoint.silentFor(step.silentFor.id, step.at) : undefined;
    if (record) {
      if (events.length) step.events = events;
      if (outputs.length) step.transmit = outputs;
      if (step.silentFor) step.silentFor.ms = silent;
      if (step.deadline !== undefined)
        step.deadline = endpoint.deadline() === Infinity ? null : endpoint.deadline();
      continue;
    }
    assert.deepEqual(events, step.events ?? [], `events of ${why}`);
    assert.deepEqual(outputs, step.transmit ?? [], `output of ${why}`);
    if (step.silentFor) assert.equal(silent, step.silentFor.ms, why);
    if (step.deadline !== undefined)
      assert.equal(endpoint.deadline(), step.deadline ?? Infinity, why);
  }
  if (record) scenario.held = held(endpoint);
  else assert.deepEqual(held(endpoint), scenario.held, `${scenario.name}: what is held at the end`);
}

for (const scenario of scenarios) test(scenario.name, () => play(scenario));

test('the recording is written only when it is asked for', {
  skip: !record && 'PEERLINE_RECORD is not set',
}, () => {
  writeFileSync(file, `${JSON.stringify({ limits, scenarios }, null, 1)}\n`);
});
