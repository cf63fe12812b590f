import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchBrowser } from '../support/browser.js';
import { DemoPage } from '../support/demo-page.js';
import { above, assertAllCame, KINDS, move, share } from '../support/moves.js';
import { startServer } from '../support/server.js';

/** Each of the twenty ordered pairs once, each move from where the one before ended; the first seven make a round of six. */
const CIRCUIT = [
  ...['direct', 'websocket', 'sse', 'poll', 'long-poll', 'websocket', 'direct'],
  ...['sse', 'websocket', 'poll', 'sse', 'long-poll', 'poll', 'websocket', 'long-poll', 'sse'],
  ...['direct', 'long-poll', 'direct', 'poll', 'direct'],
];
const SIX = 7;
const ALL = Boolean(process.env.PEERLINE_CHECK_ALL);
/** A path that is lost is left within this time, by an idle machine; one that is left for a better one, without silence. */
const LOST_MS = 1_000;
const LEFT_MS = 700;
/** Where all that was left dies as the better one heals, that has yet to prove itself. */
const REVIVED_MS = 6_000;

/** @type {import('../support/server.js').Server} */
let server;
/** @type {import('playwright-core').Browser} */
let browser;

before(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
});

after(async () => {
  await browser?.close();
  assert.equal(await server?.stop(), 0);
});

/** Two windows in a room of their own that stream to each other. */
async function streaming() {
  const ada = await DemoPage.open(browser, server.url);
  const bob = await DemoPage.open(browser, ada.url);
  await Promise.all([ada.onPath('direct'), bob.onPath('direct')]);
  await Promise.all([ada.stream(200), bob.stream(200)]);
  return [ada, bob];
}

/** @param {DemoPage[]} pages */
async function part(pages) {
  // A request that a newer carrier has overtaken is refused, and the browser itself says so on the console.
  for (const page of pages) page.troubles = page.troubles.filter((each) => !/\b409\b/.test(each));
  await Promise.all(pages.map((page) => page.assertCalm()));
  await Promise.all(pages.map((page) => page.close()));
}

/**
 * @param {import('node:test').TestContext} context
 * @param {{ from: string, to: string, blocked?: string[], boundMs: number }[]} moves
 */
async function go(context, moves) {
  const pages = await streaming();
  for (const { boundMs, ...each } of moves) {
    await context.test(`${each.from} → ${each.to}`, async () => {
      const { says, silentMs, standstillMs } = await move(pages, each);
      context.diagnostic(says);
      const bound = boundMs * share() + standstillMs;
      assert.ok(Math.max(...silentMs) <= bound, `${says}; at most ${Math.round(bound)} ms`);
    });
  }
  const sent = await assertAllCame(pages);
  context.diagnostic(
    `sent and received ${sent.join(' and ')}, ${share().toFixed(1)} threads a core`,
  );
  await part(pages);
}

/** @param {string} from @param {string} to */
function move20(from, to) {
  const up = KINDS.indexOf(to) < KINDS.indexOf(from);
  // The best there is heals, and is taken once it has proven itself.
  if (up && (to === 'direct' || to === 'websocket')) return { from, to, boundMs: LEFT_MS };
  if (up) return { from, to, blocked: allBut(to), boundMs: LOST_MS };
  return { from, to, boundMs: LOST_MS };
}

/** @param {string} kind */
function allBut(kind) {
  return KINDS.filter((each) => each !== kind);
}

test('moves in mid-stream, 200 messages a second each way: nothing is lost, doubled or disordered', async (context) => {
  const kinds = ALL ? CIRCUIT : CIRCUIT.slice(0, SIX);
  const moves = kinds.slice(1).map((to, i) => move20(kinds[i], to));
  if (ALL) assert.equal(new Set(moves.map(({ from, to }) => `${from} ${to}`)).size, 20);
  await go(context, moves);
});

test('a better path that heals as the lower one dies is found, and nothing is lost', {
  skip: !ALL && 'only with PEERLINE_CHECK_ALL',
}, async (context) => {
  // The server is no peer here.
  const pairs = KINDS.filter((kind) => kind !== 'data-channel').flatMap((from) =>
    above(from).map((to) => ({ from, to })),
  );
  const moves = pairs
    .filter(({ to }) => to === 'direct' || to === 'websocket')
    .map(({ from, to }) => ({ from, to, blocked: allBut(to), boundMs: REVIVED_MS }));
  await go(context, moves);
});
