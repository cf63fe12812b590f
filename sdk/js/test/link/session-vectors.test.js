import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Session } from '../../src/link/session.js';
import { decodeSignal, encodeSignal } from '../../src/link/signals.js';
import { SessionTopics } from '../../src/link/topics.js';
import { bytesOf, decodeUp, encodeDown, shown } from './session-frames.js';

const FILES = ['session.json', 'session-carriers.json', 'session-topics.json'].map(
  (name) => new URL(`../../../../docs/vectors/${name}`, import.meta.url),
);
const vectors = FILES.map((file) => JSON.parse(readFileSync(file, 'utf8')));
/** Writes what this implementation does into the file, to be read before it is committed. */
const record = process.env.PEERLINE_RECORD === '1';

/** As it stands in the file. @param {unknown} value */
const plain = (value, /** @type {any} */ reviver = undefined) =>
  JSON.parse(JSON.stringify(value), reviver);
const dropNull = (/** @type {string} */ _, /** @type {unknown} */ value) => value ?? undefined;

/** A signal that cannot be read is dropped by whoever takes it here; an implementation may as well take it for the server's fault. */
const MALFORMED = {
  type: 'error',
  code: 'BAD_FRAME',
  message: 'The server sent a malformed frame.',
  retriable: true,
  retryAfterMs: 0,
  hint: '',
};

/** @param {import('../../src/link/session.js').SessionEvent} event */
function told(event) {
  if (event.type === 'signal') {
    const { fields, ...rest } = event;
    const signal = decodeSignal(fields);
    return plain(signal ? { ...rest, signal } : MALFORMED);
  }
  return plain('frames' in event ? { ...event, frames: shown(event.frames) } : event);
}

/** @param {Session} session @param {any} step */
function perform(session, step) {
  const { at } = step;
  const { way } = step;
  if (step.open) session.open(at, step.open === true ? undefined : step.open);
  else if (step.closed) session.closed(way);
  else if (step.refresh) session.refresh(step.refresh);
  else if (step.envelope) session.envelope(step.envelope.to, bytesOf(step.envelope.frames));
  else if (step.envelopes) many(session, step.envelopes, 'envelope');
  else if (step.datagram) session.datagram(step.datagram.to, bytesOf(step.datagram.frames));
  else if (step.datagrams) many(session, step.datagrams, 'datagram');
  else if (step.signal) session.signal(step.signal.to, encodeSignal(step.signal.signal));
  else if (step.acks)
    session.acks(
      step.acks.map((/** @type {any} */ ack) => ({ member: ack.to, frames: bytesOf(ack.frames) })),
    );
  else if (step.subscribe) session.topics?.subscribe(step.subscribe.topic, start(step.subscribe));
  else if (step.unsubscribe) session.topics?.unsubscribe(step.unsubscribe);
  else if (step.publish) publish(session, step.publish);
  else if (step.bye !== undefined) session.bye(step.bye);
  else if (step.ping) session.ping();
  else if (step.advance) session.advance(at);
  else if (step.raw) session.receive(bytesOf(step.raw), at, way);
  else if (step.receive) session.receive(encodeDown(step.receive), at, way);
  else if (step.posted !== undefined)
    session.posted(step.posted && encodeDown(step.posted), at, way);
}

/** @param {{after: string}} place */
function start({ after }) {
  if (after === 'now' || after === 'oldest') return after;
  const [epoch, offset] = after.split('-').map(Number);
  return { epoch, offset };
}

/** @param {Session} session @param {any} what */
function publish(session, { topic, mediaType, key, body }) {
  session.topics?.publish(topic, mediaType, key, bytesOf(body));
}

/** An event of a topic as it stands in the file. @param {import('../../src/link/topics.js').TopicEvent} event */
function topical(event) {
  if (event.type === 'topic-message') return plain({ ...event, body: shown(event.body) });
  return plain(event.type === 'topic-gap' ? { ...event, next: undefined } : event);
}

/** The same to `count` peers, of the incarnations 1, 2, ... @param {Session} session @param {any} spec @param {'envelope' | 'datagram'} how */
function many(session, { id, frames, count }, how) {
  for (let incarnation = 1; incarnation <= count; incarnation++)
    session[how]([{ id, incarnation }], bytesOf(frames));
}

/** What the newest carrier sends; another's names it. @param {Session} session @param {any} step @param {number[]} ways */
function sent(session, step, ways) {
  const packets = [];
  if (step.greet) packets.push(plain({ greet: decodeUp(session.greet(step.at, step.greet)) }));
  for (const way of ways) {
    for (let packet; (packet = session.transmit(step.at, way)); ) {
      const frames = decodeUp(packet);
      packets.push(plain(way === ways.at(-1) ? frames : { way, frames }));
    }
  }
  return packets;
}

/** @param {any} hello @param {boolean} several carriers at a time @param {any} scenario */
function play(hello, several, scenario) {
  const { key, ...rest } = plain({ ...hello, ...scenario.hello }, dropNull);
  const session = new Session({ ...rest, key: bytesOf(key) });
  const topics = new SessionTopics(session);
  /** @type {number[]} */
  const ways = [];
  for (const step of scenario.steps) {
    const why = `${scenario.name}: ${JSON.stringify(step)}`;
    perform(session, step);
    const { again } = session;
    if (record && again) step.again = again;
    assert.equal(again, step.again ?? 0, why);
    const events = [];
    for (let event; (event = session.nextEvent()); ) events.push(told(event));
    for (let event; (event = topics.nextEvent()); ) events.push(topical(event));
    if (step.open) ways.push(ways.length + 1);
    const heard = several ? ways : ways.slice(-1);
    const packets = step.noTransmit ? [] : sent(session, step, heard);
    const silent = session.silentFor(step.at);
    const deadline = session.deadline() === Infinity ? null : session.deadline();
    if (record) {
      if (events.length) step.events = events;
      if (packets.length) step.transmit = packets;
      if (step.present !== undefined) step.present = session.present;
      if (step.silentMs !== undefined) step.silentMs = silent;
      if (step.deadline !== undefined) step.deadline = deadline;
      continue;
    }
    assert.deepEqual(events, step.events ?? [], `events of ${why}`);
    assert.deepEqual(packets, step.transmit ?? [], `packets of ${why}`);
    if (step.present !== undefined) assert.equal(session.present, step.present, why);
    if (step.silentMs !== undefined) assert.equal(silent, step.silentMs, why);
    if (step.deadline !== undefined) assert.equal(deadline, step.deadline, why);
  }
  if (record) scenario.upBytes = session.upBytes;
  else assert.equal(session.upBytes, scenario.upBytes, `${scenario.name}: what waits at the end`);
}

for (const { hello, several, scenarios } of vectors)
  for (const scenario of scenarios) test(scenario.name, () => play(hello, several, scenario));

test('the recording is written only when it is asked for', {
  skip: !record && 'PEERLINE_RECORD is not set',
}, () => {
  for (const [i, file] of FILES.entries())
    writeFileSync(file, `${JSON.stringify(vectors[i], null, 2)}\n`);
});
