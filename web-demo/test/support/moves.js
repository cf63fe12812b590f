/** Moves between paths in mid-stream, and what they cost, by the test's own record of what came. */

import assert from 'node:assert/strict';
import { cpus, loadavg } from 'node:os';
import { tally } from './demo-page.js';

/** @typedef {import('./demo-page.js').DemoPage} DemoPage */

/** What a page can block, the best first. */
export const KINDS = ['direct', 'data-channel', 'websocket', 'sse', 'long-poll', 'poll'];
const PATIENCE_MS = 60_000;
/** Messages that are to come by the old path before, and by the new one after. */
const BEFORE = 40;
const AFTER = 100;

/** With ten threads that want to run on each core, everything takes ten times as long. */
export function share() {
  return Math.max(1, loadavg()[0] / cpus().length);
}

/** @param {string} kind @returns {string[]} what has to be blocked for it to be the best that is left */
export function above(kind) {
  return KINDS.slice(0, Math.max(0, KINDS.indexOf(kind))); // a relayed path is blocked as a direct one is
}

/** @param {DemoPage[]} pages @param {string[]} blocked @param {string} kind */
export async function moveTo(pages, blocked, kind) {
  await Promise.all(pages.map((page) => page.block(blocked)));
  await Promise.all(pages.map((page) => page.onPath(kind, 1, PATIENCE_MS)));
}

/**
 * Moves two windows that stream to each other from one path to another, and looks at what came meanwhile.
 *
 * @param {DemoPage[]} pages
 * @param {{ from: string, to: string, blocked?: string[] }} move `blocked`: what is taken away; by default all that is better
 * @returns {Promise<{ says: string, silentMs: number[], standstillMs: number }>} `silentMs` at each of the two windows
 */
export async function move(pages, { from, to, blocked = above(to) }) {
  await moveTo(pages, above(from), from);
  await Promise.all(pages.map((page) => page.receives(BEFORE, PATIENCE_MS)));
  const marks = await Promise.all(pages.map(async (page) => (await page.seen()).length - 1));
  const startedAt = performance.now();
  await moveTo(pages, blocked, to);
  const tookMs = performance.now() - startedAt;
  await Promise.all(pages.map((page) => page.receives(AFTER, PATIENCE_MS)));
  const parts = await Promise.all(pages.map((page, i) => page.seen(marks[i])));
  const tallies = parts.map(tally);
  for (const [i, { lost, doubled, disordered }] of tallies.entries())
    assert.deepEqual([lost, doubled, disordered], [0, 0, 0], `${from} → ${to}, window ${i}`);
  const standstills = (await Promise.all(pages.map((page) => page.standstills()))).flat();
  const silentMs = tallies.map(({ silence }) => silence.to - silence.from);
  const standstillMs = Math.max(...tallies.map(({ silence }) => overlap(silence, standstills)));
  const moves = (await Promise.all(pages.map((page) => page.stats()))).map(
    ({ peers }) => peers[0]?.lastMove,
  );
  const rounded = (/** @type {(number | undefined)[]} */ values) =>
    values.map((value) => String(Math.round(value ?? 0)).padStart(4)).join(' /');
  const says =
    `${from} → ${to}`.padEnd(24) +
    `silent ${rounded(silentMs)} ms (stood still ${Math.round(standstillMs)} ms), ` +
    `by the SDK ${rounded(moves.map((each) => each?.stalledMs))} ms, ` +
    `moved ${rounded(moves.map((each) => each?.moved))}, there after ${Math.round(tookMs)} ms`;
  return { says, silentMs, standstillMs };
}

/**
 * @param {import('./demo-page.js').Standstill} silence
 * @param {import('./demo-page.js').Standstill[]} standstills
 * @returns {number} for how much of the silence somebody stood still, in ms
 */
export function overlap(silence, standstills) {
  const parts = standstills.map(
    ({ from, to }) => Math.min(to, silence.to) - Math.max(from, silence.from),
  );
  return parts.filter((ms) => ms > 0).reduce((sum, ms) => sum + ms, 0);
}

/** Ends the streams of two windows; all that one sent came to the other, once and in order. @param {DemoPage[]} pages */
export async function assertAllCame(pages) {
  await Promise.all(pages.map((page) => page.settle(PATIENCE_MS)));
  const reports = await Promise.all(pages.map((page) => page.stats()));
  for (const [i, page] of pages.entries()) {
    const { received, lost, doubled, disordered } = tally(await page.seen());
    const { totals } = reports[i];
    const { sent } = reports[1 - i].totals;
    assert.deepEqual([received, lost, doubled, disordered], [sent, 0, 0, 0]);
    const counted = [totals.received, totals.lost, totals.doubled, totals.outOfOrder];
    assert.deepEqual(counted, [sent, 0, 0, 0]);
  }
  return reports.map(({ totals }) => totals.sent);
}
