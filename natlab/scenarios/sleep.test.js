import assert from 'node:assert/strict';
import { judge } from './record.js';
import { LabPage } from './rig.js';
import { longScenario, scenario, tell } from './scenario.js';
import { lasting } from './time.js';

const SETTING = { topology: ['alice=port', 'bob=port'] };

/** @param {number} seconds */
function nap(seconds) {
  return async (/** @type {import('./rig.js').Rig} */ { lab }) => {
    await lab.act('freeze alice');
    await lasting(seconds);
    await lab.act('thaw alice');
  };
}

scenario('a browser that sleeps for 5 s and wakes has lost nothing', {
  ...SETTING,
  happens: nap(5),
});

scenario('a browser that sleeps for 60 s and wakes has lost nothing', {
  ...SETTING,
  happens: nap(60),
  slow: true,
});

const LID = 'a lid closed for 10 minutes loses what was said meanwhile, and nothing after it';
longScenario(LID, SETTING, async (rig, context) => {
  const pages = await rig.pair();
  const [alice, bob] = pages;
  await Promise.all(pages.map((page) => page.onPath('direct')));
  await Promise.all(pages.map((page) => page.stream(20)));
  await Promise.all(pages.map((page) => page.receives(100)));
  const begunAt = Date.now();
  await nap(600)(rig);
  const wholeAt = Date.now();
  await Promise.all(pages.map((page) => page.receives(100)));
  await Promise.all(pages.map((page) => page.onPath('direct')));
  await Promise.all(pages.map((page) => page.settle()));
  await tell(context, pages, begunAt, wholeAt);
  const [a, b] = await Promise.all([alice.diary(), bob.diary()]);
  const [atAlice, atBob] = [judge(a, b), judge(b, a)];
  assert.deepEqual([atAlice.doubled, atAlice.disordered], [0, 0]);
  // She was away for longer than the two minutes that one is waited for: she left, and came back.
  const presence = b.events.map(({ what }) => what).filter((what) => what.startsWith('peer '));
  assert.deepEqual(presence.slice(-3), ['peer away', 'peer left', 'peer joined']);
  // What bob said meanwhile is one hole: as long as she was in the room she is known to have missed it.
  context.diagnostic(`bob: ${b.missed} missed, ${atAlice.lost} lost`);
  assert.equal(atAlice.holes, 1);
  assert.ok(b.missed > 0 && b.missed < atAlice.lost);
  assert.ok(a.events.some(({ what }) => what.startsWith(`gap ${atAlice.lost} `)));
  // She said nothing in her sleep.
  assert.deepEqual([atBob.lost, atBob.doubled, atBob.disordered, a.missed], [0, 0, 0, 0]);
  assert.deepEqual([a.failed, b.failed], [[], []]);
});

const TWIN = 'a duplicated tab is another peer, and both get every message once';
longScenario(TWIN, SETTING, async (rig, context) => {
  const [alice, bob] = /** @type {LabPage[]} */ (await rig.pair());
  const opened = alice.page.waitForEvent('popup');
  // A window that a page opens has a copy of its session storage, as a duplicated tab has.
  await alice.page.evaluate(() => void window.open('/lab-page'));
  const twin = await LabPage.enter(await opened, 'lab', 'alice');
  for (const page of [alice, bob, twin]) {
    await page.until('two others', ({ states }) => states.length === 2);
  }
  const begunAt = Date.now();
  await bob.stream(100);
  await Promise.all([alice.receives(300), twin.receives(300)]);
  await bob.settle();
  const [a, b, c] = await Promise.all([alice, bob, twin].map((page) => page.diary()));
  assert.equal(new Set([a.id, b.id, c.id]).size, 3);
  await tell(context, [alice, bob], begunAt, Date.now());
  for (const diary of [a, c]) {
    const { received, lost, doubled, disordered } = judge(diary, b);
    assert.deepEqual([lost, doubled, disordered], [0, 0, 0]);
    assert.equal(received, b.sent);
    assert.equal(diary.state, 'open');
  }
});
