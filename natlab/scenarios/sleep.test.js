import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from './record.js';
import { LabPage } from './rig.js';
import { ALL, lasting, scenario, tell, withRig } from './scenario.js';

const HOMES = ['alice=port', 'bob=port'];

/** @param {number} seconds */
function nap(seconds) {
  return async (/** @type {import('./rig.js').Rig} */ { lab }) => {
    await lab.act('freeze alice');
    await lasting(seconds);
    await lab.act('thaw alice');
  };
}

scenario('a browser that sleeps for 5 s and wakes has lost nothing', {
  topology: HOMES,
  happens: nap(5),
});

scenario('a browser that sleeps for 60 s and wakes has lost nothing', {
  topology: HOMES,
  happens: nap(60),
  slow: true,
});

test(
  'a lid closed for 10 minutes loses what is reported as missed, and nothing after it',
  {
    skip: ALL ? false : 'only in ./check --all',
    timeout: 900_000,
  },
  (context) =>
    withRig({ topology: HOMES }, async (rig) => {
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
      assert.deepEqual([atBob.doubled, atBob.disordered], [0, 0]);
      // She was away for longer than the two minutes that one is waited for: she left, and came back (DESIGN 4.5).
      const presence = b.events.map(({ what }) => what).filter((what) => what.startsWith('peer '));
      assert.ok(presence.includes('peer left'), presence.join());
      assert.ok(a.failed.length + b.failed.length === 0, `${a.failed} ${b.failed}`);
      // Of those sent while she was in the room, as bob saw it, each was delivered or is known to have been missed.
      const { at: leftAt } = b.events.find(({ what }) => what === 'peer left') ?? { at: 0 };
      const { at: backAt } = b.events.findLast(({ what }) => /^peer (joined|back)$/.test(what)) ?? {
        at: 0,
      };
      context.diagnostic(
        `bob: ${b.missed} missed, ${atAlice.lost} lost; she left after ${Math.round((leftAt - begunAt) / 1000)} s`,
      );
      assert.ok(leftAt > begunAt && backAt > wholeAt - 1000, 'left and came back');
      assert.ok(atAlice.lost >= b.missed, 'what is reported as missed did not come');
      assert.equal(atBob.lost, a.missed, 'what bob did not get is what alice knows he missed');
    }),
);

test(
  'a duplicated tab is another peer, and both get every message once',
  {
    skip: ALL ? false : 'only in ./check --all',
  },
  (context) =>
    withRig({ topology: HOMES }, async (rig) => {
      const [alice, bob] = await rig.pair();
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
        const { lost, doubled, disordered } = judge(diary, b);
        assert.deepEqual([lost, doubled, disordered], [0, 0, 0]);
        assert.equal(diary.state, 'open');
      }
    }),
);
