/** How a scenario goes: two peers talk, something happens to the network, and every message comes once and in order. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { againAfter, judge, story } from './record.js';
import { Rig } from './rig.js';

/**
 * @typedef {import('./peer.js').LabPeer} LabPeer
 * @typedef {import('./rig.js').Setting} Setting
 * @typedef {import('node:test').TestContext} TestContext
 *
 * @typedef {object} Story beside what a {@link Setting} is made of
 * @property {string[]} [first] the kinds of path that they begin on, any of them; direct unless said otherwise
 * @property {string[]} [last] and end on; as they began
 * @property {(rig: Rig, peers: LabPeer[]) => Promise<unknown>} [happens] resolves when the network is whole again
 * @property {boolean} [slow] only with PEERLINE_CHECK_ALL
 * @property {string | null} [unless] a reason why it cannot be
 */

export const ALL = Boolean(process.env.PEERLINE_CHECK_ALL);
const PER_SECOND = 100;
/** Messages that each gets before anything happens, and again after it. */
const MESSAGES = 200;
const LIMIT_MS = 300_000;
const LONG_LIMIT_MS = 900_000;

/**
 * A test of one.
 *
 * @param {string} name what is true, as a sentence
 * @param {Setting & Story} how
 */
export function scenario(name, { slow = false, unless = null, ...how }) {
  const skip = slow && !ALL ? 'only in ./check --all' : (unless ?? false);
  test(name, { skip, timeout: LIMIT_MS }, (context) =>
    withRig(how, (rig) => talk(context, rig, how)),
  );
}

/**
 * A test that tells its own story, only in `./check --all`.
 *
 * @param {string} name
 * @param {Setting} setting
 * @param {(rig: Rig, context: TestContext) => Promise<void>} use
 */
export function longScenario(name, setting, use) {
  const skip = ALL ? false : 'only in ./check --all';
  test(name, { skip, timeout: LONG_LIMIT_MS }, (context) =>
    withRig(setting, (rig) => use(rig, context)),
  );
}

/**
 * @param {Setting} setting
 * @param {(rig: Rig) => Promise<void>} use
 */
export async function withRig(setting, use) {
  const rig = await Rig.start(setting);
  try {
    await use(rig);
  } finally {
    await rig.stop();
  }
}

/**
 * @param {TestContext} context
 * @param {Rig} rig
 * @param {Setting & Story} how
 */
async function talk(context, rig, { first = ['direct'], last = first, happens }) {
  const peers = await rig.pair();
  let begunAt = Date.now();
  let wholeAt = begunAt;
  try {
    await Promise.all(peers.map((peer) => peer.onPath(...first)));
    await Promise.all(peers.map((peer) => peer.stream(PER_SECOND)));
    await Promise.all(peers.map((peer) => peer.receives(MESSAGES)));
    begunAt = wholeAt = Date.now();
    await happens?.(rig, peers);
    wholeAt = Date.now();
    await Promise.all(peers.map((peer) => peer.receives(MESSAGES)));
    await Promise.all(peers.map((peer) => peer.onPath(...last)));
    await Promise.all(peers.map((peer) => peer.settle()));
  } finally {
    await tell(context, peers, begunAt, wholeAt);
  }
  await everyMessageCameOnce(peers);
}

/**
 * Each of both got what the other sent, all of it, once, in order; and no send failed.
 *
 * @param {LabPeer[]} peers
 */
export async function everyMessageCameOnce(peers) {
  const diaries = await Promise.all(peers.map((peer) => peer.diary()));
  for (const [me, diary] of diaries.entries()) {
    const { expected, received, lost, doubled, disordered } = judge(diary, diaries[1 - me]);
    assert.deepEqual({ lost, doubled, disordered }, { lost: 0, doubled: 0, disordered: 0 });
    assert.equal(received, expected);
    assert.ok(expected >= MESSAGES, `only ${expected} were sent`);
    assert.deepEqual([diary.failed, diary.missed], [[], 0]);
  }
}

/**
 * Prints what was seen, whether it was good or not.
 *
 * @param {TestContext} context
 * @param {LabPeer[]} peers
 * @param {number} begunAt when it happened, Unix ms
 * @param {number} wholeAt and when it was over
 */
export async function tell(context, peers, begunAt, wholeAt) {
  const diaries = await Promise.all(peers.map((peer) => peer.diary()));
  const seconds = ((wholeAt - begunAt) / 1000).toFixed(1);
  for (const [me, diary] of diaries.entries()) {
    const { received, expected, silenceMs } = judge(diary, diaries[1 - me]);
    const stood = diary.standstills.reduce((sum, { from, to }) => sum + to - from, 0);
    context.diagnostic(
      `${me ? 'bob  ' : 'alice'} ${received} of ${expected}; it took ${seconds} s, longest silence ${silenceMs} ms, ` +
        `messages again ${againAfter(diary, wholeAt)} ms after it; the page stood still for ${Math.round(stood)} ms`,
    );
    context.diagnostic(`      ${story(diary, begunAt) || 'nothing to tell'}`);
  }
}
