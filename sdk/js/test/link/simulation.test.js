import assert from 'node:assert/strict';
import { test } from 'node:test';
import { held } from './held.js';
import { Network, random } from './simulation.js';

const text = (/** @type {string} */ s) => new TextEncoder().encode(s);
const SEEDS = Number(process.env.PEERLINE_SEEDS ?? (process.env.PEERLINE_CHECK_ALL ? 20000 : 300));

/**
 * Three peers talk for ten seconds while carriers die, go silent and overlap, and pairs move. Then the network heals.
 *
 * @param {number} seed
 */
export function run(seed) {
  const rnd = random(seed);
  const network = new Network(rnd);
  const peers = ['ada', 'bob', 'cyd'].map((name) => network.join(name));
  network.clock.runUntil(300);
  /** @type {Record<string, number>} */
  const sent = {};
  let payload = 0;
  const pick = () => peers[Math.floor(rnd() * peers.length)];
  const other = (/** @type {import('./simulation.js').Peer} */ peer) =>
    peers[(peers.indexOf(peer) + 1 + Math.floor(rnd() * 2)) % 3];
  const step = () => {
    const dice = rnd();
    const peer = pick();
    const to = other(peer);
    if (dice < 0.7) {
      const scope = rnd() < 0.6 ? 'room' : to.id;
      const channel = rnd() < 0.8 ? '' : 'files';
      const key = `${peer.id} ${scope} ${channel}`;
      sent[key] = (sent[key] ?? 0) + 1;
      const size = rnd() < 0.05 ? 40000 : 20;
      payload += size * (scope === 'room' ? 2 : 1);
      peer.endpoint.send(
        scope,
        channel,
        0,
        text(String(sent[key]).padEnd(size)),
        network.clock.now,
      );
    } else if (dice < 0.76) {
      peer.disconnect(rnd() < 0.5);
      network.clock.after(rnd() * 400, () => peer.carrier ?? peer.connect());
    } else if (dice < 0.8) {
      peer.connect();
    } else if (dice < 0.85) {
      network.openDirect(peer, to);
    } else if (dice < 0.88) {
      network.cutDirect(peer, to, rnd() < 0.5);
    } else if (dice < 0.94 && peer.direct.has(to.id)) {
      peer.endpoint.use(to.id, 'direct', network.clock.now);
    }
    for (const from of peers) {
      for (const { id } of peers) {
        if (
          from.endpoint.pathOf(id) === 'direct' &&
          from.endpoint.silentFor(id, network.clock.now) > 300
        ) {
          from.endpoint.use(id, 'session', network.clock.now);
        }
      }
      from.pump();
    }
    if (network.clock.now < 10000) network.clock.after(rnd() * 60, step);
  };
  network.clock.after(0, step);
  network.clock.runUntil(10300);
  // It heals: everybody is connected; a pair on a dead data channel notices.
  for (const peer of peers) if (!peer.carrier) peer.connect();
  for (let i = 0; i < 20; i++) {
    network.clock.runUntil(network.clock.now + 500);
    for (const from of peers) {
      for (const { id } of peers)
        if (from.endpoint.silentFor(id, network.clock.now) > 300)
          from.endpoint.use(id, 'session', network.clock.now);
      from.pump();
    }
  }
  return { peers, sent, payload };
}

test(`every message once and in order, nothing held, whatever carriers do (${SEEDS} seeds)`, () => {
  let worst = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { peers, sent, payload } = run(seed);
    const why = `seed ${seed}`;
    for (const to of peers) {
      for (const from of peers) {
        for (const scope of ['room', to.id]) {
          for (const channel of ['', 'files']) {
            const count = from === to ? 0 : (sent[`${from.id} ${scope} ${channel}`] ?? 0);
            const got = to
              .received(channel, from.id, scope === 'room' ? 'room' : 'peer')
              .map(Number);
            assert.deepEqual(
              got,
              Array.from({ length: count }, (_, i) => i + 1),
              `${why}: ${from.name} → ${to.name} ${scope === 'room' ? 'room' : 'peer'} '${channel}'`,
            );
          }
        }
      }
      assert.deepEqual(
        held(to.endpoint),
        { unacknowledged: 0, behindHoles: 0 },
        `${why}: ${to.name} holds something`,
      );
      assert.equal(to.session.upBytes, 0, `${why}: ${to.name}'s way up`);
      assert.ok(!to.events.some((e) => e.type === 'gap'), `${why}: a gap`);
      for (const e of to.events) if (e.type === 'settled') assert.deepEqual(e.missed, [], why);
    }
    worst = Math.max(worst, peers.reduce((sum, peer) => sum + peer.wireBytes, 0) / payload);
  }
  // Moves and reconnects every 100 ms or so: what is sent again stays a small multiple.
  assert.ok(worst < 4, `the wire carried ${worst.toFixed(2)} times the payload at worst`);
});
