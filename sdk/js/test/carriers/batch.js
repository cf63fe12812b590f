import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { World } from './world.js';

/** What came of many seeds. @typedef {{moves: Record<string, number>, worstWire: number, failures: string[]}} Outcome */

/** More than these are not needed to see what is wrong. */
const MAX_FAILURES = 5;
const CHUNK = 500;

/** @param {number} first @param {number} last @returns {Promise<Outcome>} */
export async function batch(first, last) {
  /** @type {Outcome} */
  const outcome = { moves: {}, worstWire: 0, failures: [] };
  for (let seed = first; seed <= last && outcome.failures.length < MAX_FAILURES; seed++) {
    const world = new World(seed);
    try {
      await world.run();
      world.check();
    } catch (failure) {
      outcome.failures.push(`seed ${seed}: ${/** @type {Error} */ (failure).stack}`);
    }
    for (const { moves } of world.pages)
      for (const move of moves) outcome.moves[move] = (outcome.moves[move] ?? 0) + 1;
    const { ledger } = world;
    outcome.worstWire = Math.max(outcome.worstWire, ledger.wireBytes() / (ledger.payload + 50_000));
  }
  return outcome;
}

/** The same on all cores. @param {number} first @param {number} last @returns {Promise<Outcome>} */
export async function spread(first, last) {
  /** @type {Outcome} */
  const all = { moves: {}, worstWire: 0, failures: [] };
  let next = first;
  const work = async () => {
    while (next <= last && all.failures.length < MAX_FAILURES) {
      const range = [next, Math.min(last, next + CHUNK - 1)];
      next += CHUNK;
      add(all, await inThread(range));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return all;
}

/** @param {number[]} range @returns {Promise<Outcome>} */
function inThread(range) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: range });
    worker.on('message', resolve).on('error', reject);
  });
}

/** @param {Outcome} all @param {Outcome} outcome */
function add(all, { moves, worstWire, failures }) {
  for (const [move, count] of Object.entries(moves))
    all.moves[move] = (all.moves[move] ?? 0) + count;
  all.worstWire = Math.max(all.worstWire, worstWire);
  all.failures.push(...failures);
}

if (!isMainThread && parentPort && Array.isArray(workerData))
  parentPort.postMessage(await batch(workerData[0], workerData[1]));
