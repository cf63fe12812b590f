import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { whyNoLab } from '../lab.js';
import { connect, look } from './connect.js';
import { ALL, withRig } from './scenario.js';
import { ROWS } from './truth.js';

/** @typedef {import('./connect.js').End} End */

/** ICE gives up 15 s after its last hope; the machine may be busy. */
const PATIENCE_MS = 60_000;
const LOOK_MS = 100;
const unless =
  (!ALL && 'only in ./check --all') ||
  (spawnSync('turnserver', ['--version']).error && 'coturn is needed') ||
  ((await whyNoLab('delay')) ?? false);

for (const { name, topology, way, over, relay = true, family = 4, ...setting } of ROWS) {
  test(`${name}: ${way}${over ? ` over ${over}` : ''}`, { skip: unless }, (context) =>
    withRig({ topology, ice: 'coturn', serves: false, ...setting }, async (rig) => {
      const iceServers = rig.iceServers.filter(({ urls }) => {
        const six = urls.includes('[');
        return (relay || urls.startsWith('stun:')) && (family === 46 || six === (family === 6));
      });
      const pages = await Promise.all(
        /** @type {const} */ (['alice', 'bob']).map(async (client) => {
          const page = await (await rig.context(client)).newPage();
          await page.goto('http://server.lab/lab-page');
          return page;
        }),
      );
      await connect(pages, iceServers);
      const end = performance.now() + PATIENCE_MS;
      let ends = await Promise.all(pages.map(look));
      while (!settled(ends, way) && performance.now() < end) {
        await pages[0].waitForTimeout(LOOK_MS);
        ends = await Promise.all(pages.map(look));
      }
      const [alice, bob] = ends;
      context.diagnostic(`alice ${tell(alice)}; bob ${tell(bob)}`);
      assert.equal(wayOf(ends), way);
      if (over) assert.equal(alice.local, `relay-${over}`);
    }),
  );
}

/** @param {End} end */
function tell({ state, local, firstMs }) {
  return `${state} ${local || 'without a pair'}, first message after ${firstMs} ms`;
}

/**
 * ICE may begin on one pair and move to a better one.
 *
 * @param {End[]} ends
 * @param {string} way that is expected
 */
function settled(ends, way) {
  if (way === 'nothing') return ends[0].state === 'failed';
  return wayOf(ends) === way;
}

/** @param {End[]} ends */
function wayOf(ends) {
  if (ends.some(({ firstMs }) => firstMs === null)) return 'nothing';
  return ends.some(({ local }) => local.startsWith('relay')) ? 'relayed' : 'direct';
}
