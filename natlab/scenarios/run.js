/**
 * Runs the scenarios, or says why not. Usage: node run.js [options of node --test] [FILE...]; all files unless named.
 * PEERLINE_CHECK_ALL=1 takes the slow ones, too.
 */

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from '../../web-demo/test/support/browser.js';
import { whyNoLab } from '../lab.js';
import { LAUNCHER } from './rig.js';

/** A file that takes longer is given up: a scenario that waits for ever must not keep the others' results. */
const LIMIT_MS = process.env.PEERLINE_CHECK_ALL ? 10_800_000 : 900_000;
const FOLDER = fileURLToPath(new URL('.', import.meta.url));

process.exitCode = await main(process.argv.slice(2));

/** @param {string[]} words */
async function main(words) {
  const reason = await whyNot();
  if (reason) {
    console.log(`skipped: scenarios of the network laboratory: ${reason}`);
    return 0;
  }
  // Builds, so that no test waits for it.
  const built = spawnSync(LAUNCHER, ['--version'], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (built.status !== 0) return 1;
  const named = words.filter((word) => word.endsWith('.test.js')).map((word) => basename(word));
  const files = readdirSync(FOLDER).filter(
    (name) => name.endsWith('.test.js') && (!named.length || named.includes(name)),
  );
  const how = [
    '--test',
    '--test-reporter=spec',
    '--test-concurrency=1',
    `--test-timeout=${LIMIT_MS}`,
  ];
  const options = words.filter((word) => !word.endsWith('.test.js'));
  const args = [...how, ...options, ...files.map((name) => FOLDER + name)];
  return spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
}

async function whyNot() {
  if (!findChromium()) return 'Chromium is needed, or PEERLINE_CHROMIUM with the path of one';
  return whyNoLab();
}
