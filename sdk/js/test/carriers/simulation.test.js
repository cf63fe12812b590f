import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Network, random } from '../link/simulation.js';
import { LadderPeer } from './peer.js';

/** @typedef {import('../../src/carriers/ladder.js').Rung} Rung */
/** @type {Rung[]} */
const RUNGS = ['websocket', 'sse', 'long-poll', 'poll'];
const text = (/** @type {string} */ s) => new TextEncoder().encode(s);
const SEEDS = Number(process.env.PEERLINE_SEEDS ?? (process.env.PEERLINE_CHECK_ALL ? 20_000 : 200));
const BUSY_MS = 15_000;
/** The longest wait of a round of attempts, and the opening of one that hangs. */
const RECOVERY_MS = 30_000;

/** One of the things that networks do. @param {LadderPeer} peer @param {() => number} rnd */
function meddle(peer, rnd) {
  const rules = peer.rules[RUNGS[Math.floor(rnd() * 4)]];
  const dice = rnd();
  if (dice < 0.25) rules.cut = rnd() < 0.4;
  else if (dice < 0.35) rules.up = rnd() < 0.4;
  else if (dice < 0.45) rules.down = rnd() < 0.4;
  else if (dice < 0.6) rules.twice = rnd() < 0.7 ? rnd() : 0;
  else if (dice < 0.9) peer.breakLines(rnd() < 0.5);
  else peer.uplink.wake();
}

/** Two peers talk while their carriers are cut, half dead, late and doubled; then all heals. @param {number} seed */
function run(seed) {
  const rnd = random(seed);
  const network = new Network(rnd);
  const peers = ['ada', 'bob'].map((name) => {
    const key = Uint8Array.from({ length: 32 }, () => Math.floor(rnd() * 256));
    const peer = new LadderPeer(network, name, key, rnd);
    network.peers.push(peer);
    peer.pump();
    return peer;
  });
  network.clock.run(3_000);
  const sent = [0, 0];
  let bytes = 0;
  const step = () => {
    const i = rnd() < 0.5 ? 0 : 1;
    const size = rnd() < 0.05 ? 20_000 : 24;
    bytes += size;
    const payload = text(String(++sent[i]).padEnd(size));
    peers[i].endpoint.send('room', '', 0, payload, network.clock.now);
    peers[i].pump();
    if (rnd() < 0.06) meddle(peers[rnd() < 0.5 ? 0 : 1], rnd);
    if (network.clock.now < BUSY_MS) network.clock.after(rnd() * 60, step);
  };
  network.clock.after(0, step);
  network.clock.run(BUSY_MS + 100);
  for (const peer of peers)
    for (const rung of RUNGS)
      Object.assign(peer.rules[rung], { cut: false, up: false, down: false, twice: 0 });
  const busyDials = peers.map(({ dials }) => dials);
  network.clock.run(BUSY_MS + RECOVERY_MS);
  return { peers, sent, bytes, busyDials };
}

test(`all once and in order, whatever becomes of carriers of four kinds (${SEEDS} seeds)`, (t) => {
  /** @type {Record<string, number>} */
  const used = {};
  let worst = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const why = `seed ${seed}`;
    const { peers, sent, bytes, busyDials } = run(seed);
    peers.forEach((to, i) => {
      const from = peers[1 - i];
      const got = to.received('', from.id).map(Number);
      const expected = Array.from({ length: sent[1 - i] }, (_, at) => at + 1);
      assert.deepEqual(got, expected, `${why}: ${from.name} to ${to.name}`);
      assert.deepEqual(to.endpoint.held, { unacknowledged: 0, behindHoles: 0 }, `${why}: held`);
      assert.equal(to.session.upBytes, 0, `${why}: ${to.name}'s way up`);
      assert.ok(!to.events.some(({ type }) => type === 'gap'), `${why}: a gap`);
      assert.equal(to.uplink.open, true, `${why}: ${to.name} has a carrier`);
      assert.ok(busyDials[i] <= 150, `${why}: ${busyDials[i]} dials`);
      assert.ok(to.lines.size <= 2, `${why}: ${to.lines.size} connections at the end`);
      for (const move of to.moves) used[move] = (used[move] ?? 0) + 1;
    });
    const wire = peers.reduce((sum, { wireBytes }) => sum + wireBytes, 0);
    worst = Math.max(worst, wire / (bytes + 50_000));
  }
  t.diagnostic(
    `moves: ${JSON.stringify(used)}; wire at worst ${worst.toFixed(2)} times the payload`,
  );
  assert.ok(worst < 12, `the wire carried ${worst.toFixed(2)} times the payload at worst`);
  for (const rung of RUNGS)
    assert.ok(
      Object.keys(used).some((move) => move.startsWith(rung)),
      `${rung} was used`,
    );
});
