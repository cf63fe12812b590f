import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Mesh } from './mesh.js';

const descriptions = (/** @type {import('./mesh.js').MeshPeer} */ peer) =>
  peer.signals.filter(({ signal }) => signal.kind === 'description');

test('two peers get one connection each, and use it once it is proven', async () => {
  const mesh = new Mesh(2);
  mesh.meet();
  await mesh.run(500);
  const [old, newcomer] = mesh.peers;
  assert.deepEqual(old.directTo, [newcomer]);
  assert.deepEqual(newcomer.directTo, [old]);
  assert.equal(mesh.network.all.size, 2);
  assert.deepEqual(
    descriptions(newcomer).map(({ signal }) => signal.descriptionType),
    ['offer'],
  );
  assert.deepEqual(
    descriptions(old).map(({ signal }) => signal.descriptionType),
    ['answer'],
  );
});

test('two that offer at once end with one connection each', async () => {
  for (let seed = 1; seed <= 5; seed++) {
    const mesh = new Mesh(2, { seed });
    const [a, b] = mesh.peers;
    a.joined(b, true);
    b.joined(a, true);
    await mesh.run(500);
    assert.deepEqual(a.directTo, [b]);
    assert.equal(mesh.network.all.size, 2);
  }
});

test('signals that come twice do no harm', async () => {
  const mesh = new Mesh(2);
  mesh.doubled = true;
  mesh.meet();
  await mesh.run(1_000);
  assert.equal(mesh.peers[0].directTo.length, 1);
  assert.equal(mesh.network.open.length, 2);
});

test('a peer whose newcomer does not offer offers itself, after 3 s', async () => {
  const mesh = new Mesh(2);
  const [a, b] = mesh.peers;
  a.joined(b, false);
  b.joined(a, false);
  await mesh.run(2_900);
  assert.equal(mesh.network.all.size, 0);
  await mesh.run(700);
  assert.deepEqual(a.directTo, [b]);
});

test('lost signals cost an attempt; the next one has a higher number', async () => {
  const mesh = new Mesh(2);
  mesh.deaf = true;
  mesh.meet();
  await mesh.run(10_000);
  assert.equal(mesh.peers[0].directTo.length, 0);
  mesh.deaf = false;
  await mesh.run(30_000);
  assert.equal(mesh.peers[0].directTo.length, 1);
  assert.equal(mesh.network.open.length, 2);
});

test('where there is no way, it is tried ever less often', async () => {
  const mesh = new Mesh(2);
  mesh.network.blocked = true;
  mesh.meet();
  await mesh.run(1_800_000);
  const attempts = mesh.network.all.size / 2;
  assert.ok(attempts >= 6 && attempts <= 24, `${attempts} in half an hour`);
  assert.ok(mesh.network.open.length <= 2, 'what failed is closed');
});

test('a connection that closes is replaced, and the pair falls at once', async () => {
  const mesh = new Mesh(2);
  mesh.meet();
  await mesh.run(500);
  for (const channel of mesh.network.open[0].channels.values()) {
    channel.readyState = 'closed';
    channel.onclose?.();
  }
  await mesh.run(100);
  assert.equal(mesh.peers[0].directTo.length, 0);
  assert.equal(mesh.peers[1].directTo.length, 0);
  await mesh.run(10_000);
  assert.equal(mesh.peers[0].directTo.length, 1);
  assert.equal(mesh.network.open.length, 2);
});

test('a connection that ICE calls disconnected is restarted, not replaced', async () => {
  const mesh = new Mesh(2);
  mesh.meet();
  await mesh.run(500);
  const [one, other] = mesh.network.open;
  for (const pc of [one, other]) pc.become('disconnected');
  await mesh.run(1_000);
  assert.equal(one.restarts + other.restarts, 1);
  assert.equal(mesh.network.all.size, 2);
  assert.equal(one.connectionState, 'connected');
});

test('a connection that a restart does not mend is replaced', async () => {
  const mesh = new Mesh(2);
  mesh.meet();
  await mesh.run(500);
  mesh.network.blocked = true;
  for (const pc of mesh.network.open) pc.become('failed');
  await mesh.run(11_000);
  assert.equal(mesh.peers[0].directTo.length, 0);
  mesh.network.blocked = false;
  await mesh.run(40_000);
  assert.equal(mesh.peers[0].directTo.length, 1);
  assert.equal(mesh.network.open.length, 2);
});

test('news of the network restart ICE at once', async () => {
  const mesh = new Mesh(2);
  mesh.meet();
  await mesh.run(500);
  mesh.peers[0].direct.wake();
  await mesh.run(100);
  assert.equal(mesh.network.open[0].restarts + mesh.network.open[1].restarts, 1);
  assert.equal(mesh.peers[0].directTo.length, 1);
});

test('a relay that one side uses is seen by both', async () => {
  for (const [name, candidate] of /** @type {[string, object][]} */ ([
    ['0', { candidateType: 'relay', relayProtocol: 'udp' }],
    ['1', { candidateType: 'prflx', relayProtocol: 'tls' }],
  ])) {
    const mesh = new Mesh(2);
    mesh.network.candidates[name] = candidate;
    mesh.meet();
    await mesh.run(500);
    const [a, b] = mesh.peers;
    assert.equal(a.direct.kindOf(b.id), 'relayed');
    assert.equal(b.direct.kindOf(a.id), 'relayed');
  }
});

test('a pair that has just changed is not taken for the one before it', async () => {
  const mesh = new Mesh(2);
  const [a, b] = mesh.peers;
  mesh.meet();
  await mesh.run(1_000);
  mesh.network.candidates = { 0: { candidateType: 'relay', relayProtocol: 'udp' } };
  const [pc] = mesh.network.open.filter(({ name }) => name === a.name);
  pc.changePair();
  await mesh.run(20);
  mesh.network.candidates = {};
  pc.changePair();
  await mesh.run(200);
  assert.equal(a.direct.kindOf(b.id), 'direct');
  assert.equal(b.direct.kindOf(a.id), 'direct');
});

test('a relayed path is tried directly anew, ever less often, until it is direct', async () => {
  const mesh = new Mesh(2);
  const [a, b] = mesh.peers;
  const relayed = { candidateType: 'relay', relayProtocol: 'udp' };
  mesh.network.candidates = { 0: relayed, 1: relayed };
  mesh.meet();
  await mesh.run(1_000);
  const restarts = () => mesh.network.open.reduce((sum, pc) => sum + pc.restarts, 0);
  await mesh.run(11_000);
  assert.equal(restarts(), 1);
  await mesh.run(150_000);
  assert.ok(restarts() >= 4 && restarts() <= 5, `${restarts()} in 150 s`);
  assert.equal(a.direct.kindOf(b.id), 'relayed');
  mesh.network.candidates = {};
  await mesh.run(300_000);
  assert.equal(a.direct.kindOf(b.id), 'direct');
  const enough = restarts();
  await mesh.run(600_000);
  assert.equal(restarts(), enough);
  assert.equal(mesh.network.open.length, 2);
});

test('who wants relayed paths only is not asked for others', async () => {
  const mesh = new Mesh(2);
  for (const peer of mesh.peers) peer.kinds.delete('direct');
  mesh.network.candidates = { 0: { candidateType: 'relay', relayProtocol: 'udp' } };
  mesh.meet();
  await mesh.run(60_000);
  assert.ok(mesh.network.open.every(({ restarts }) => restarts === 0));
});

test('a peer without direct paths is not asked again', async () => {
  const mesh = new Mesh(2);
  const [a, b] = mesh.peers;
  b.direct.signal = (from, signal) => {
    const { connection } = signal;
    if (signal.descriptionType !== 'offer') return;
    b.signal(from, { connection, kind: 'decline', reason: 'unsupported' });
  };
  a.joined(b, true);
  b.endpoint.joined(a.member, 'here', 0);
  await mesh.run(600_000);
  assert.equal(mesh.network.all.size, 1);
  assert.equal(mesh.network.open.length, 0);
  assert.equal(a.direct.refusedBy(b.id), true);
});

test('nobody has more direct paths than it wants', async () => {
  for (let seed = 1; seed <= 3; seed++) {
    const mesh = new Mesh(9, { most: 3, seed });
    mesh.meet();
    await mesh.run(5_000);
    for (const peer of mesh.peers) {
      const connections = mesh.network.open.filter(({ name }) => name === peer.name);
      assert.ok(connections.length <= 3, `${connections.length} connections of ${peer.name}`);
      assert.ok(peer.directTo.length <= 3);
    }
    const sum = mesh.peers.reduce((all, peer) => all + peer.directTo.length, 0);
    assert.ok(sum >= 9 * 2, `${sum} of 27 ends in use`);
  }
});

test('the most active peer gets a direct path, the least active loses it', async () => {
  const mesh = new Mesh(5, { most: 2 });
  mesh.meet();
  await mesh.run(40_000);
  const [first] = mesh.peers;
  const outside = mesh.peers.find((peer) => peer !== first && !first.directTo.includes(peer));
  assert.ok(outside);
  for (let i = 0; i < 200; i++) {
    first.direct.used(outside.id, mesh.now);
    outside.direct.used(first.id, mesh.now);
    await mesh.run(500);
    if (first.directTo.includes(outside)) break;
  }
  assert.ok(first.directTo.includes(outside));
  assert.ok(first.directTo.length <= 2);
});

test('a new incarnation gets a new connection, and the old one is closed', async () => {
  const mesh = new Mesh(2);
  mesh.meet();
  await mesh.run(500);
  const [a, b] = mesh.peers;
  a.direct.joined({ id: b.id, incarnation: 2 }, true, false);
  await mesh.run(50);
  assert.equal(mesh.network.open.filter(({ name }) => name === a.name).length, 0);
});

test('a peer that left, and a room that is left, leave no connection behind', async () => {
  const mesh = new Mesh(3);
  mesh.meet();
  await mesh.run(500);
  assert.equal(mesh.network.open.length, 6);
  mesh.peers[0].direct.left(mesh.peers[1].id);
  assert.equal(mesh.network.open.length, 5);
  for (const peer of mesh.peers) peer.direct.stop();
  assert.equal(mesh.network.open.length, 0);
  await mesh.run(60_000);
  assert.equal(mesh.network.open.length, 0);
});

test('a cut path is left for the session and used again when it is healed', async () => {
  const mesh = new Mesh(2);
  mesh.meet();
  await mesh.run(500);
  const [a, b] = mesh.peers;
  const chat = async (/** @type {number} */ ms) => {
    for (let at = 0; at < ms; at += 50) {
      a.endpoint.send('room', '', 0, new Uint8Array(10), mesh.now);
      await mesh.run(50);
    }
  };
  await chat(1_000);
  assert.deepEqual(a.asked, []);
  a.faults.direct = true;
  const cutAt = mesh.now;
  await chat(500);
  assert.equal(a.directTo.length + b.directTo.length, 0);
  assert.ok(a.asked[0] - cutAt < 250, `the server asked ${a.asked[0] - cutAt} ms after the cut`);
  a.faults.direct = false;
  await chat(5_000);
  assert.equal(a.directTo.length, 1);
  assert.equal(b.directTo.length, 1);
  assert.equal(mesh.network.all.size, 2, 'over the connection that was there');
});
