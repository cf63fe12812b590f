import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Endpoint } from '../../src/link/endpoint.js';
import { encode } from './frames.js';
import { held } from './held.js';

const page = (/** @type {number} */ incarnation) => ({ id: 'AAAAAAAAAAAAAAAAAAAAAA', incarnation });

test('what waits for a carrier keeps its address when the page it is for reloads', () => {
  const endpoint = new Endpoint({ incarnation: 7 });
  endpoint.joined(page(5), 'here', 0);
  const envelope = endpoint.transmit(0);
  endpoint.sendLoose('room', '', 0, new Uint8Array(1));
  const datagram = endpoint.transmit(0);
  endpoint.back(page(6), 1);
  assert.deepEqual(envelope?.to, [page(5)]);
  assert.deepEqual(datagram?.to, [page(5)]);
});

test('skips without end that wait behind a hole are taken', () => {
  const endpoint = new Endpoint({ incarnation: 7 });
  endpoint.joined(page(5), 'here', 0);
  const receive = (/** @type {any[][]} */ frames) =>
    endpoint.receive(page(5), 7, 'direct', encode(frames), 0);
  receive([['RESUME', 0, 0, [[1, 1, '', 1]], []]]);
  const skips = Array.from({ length: 20000 }, (_, i) => ['SKIP', 1, i + 2, i + 3, '']);
  receive(skips);
  receive([['MESSAGE', 1, 1, 0, 'one']]);
  assert.deepEqual(held(endpoint), { unacknowledged: 0, behindHoles: 0 });
});

test('what comes for an older page is kept until its sender speaks to this one, and not after it', () => {
  const endpoint = new Endpoint({ incarnation: 7 });
  endpoint.joined(page(5), 'here', 0);
  const late = () => endpoint.receive(page(5), 6, 'session', encode([['PROBE', [1, 2]]]), 0);
  late();
  assert.ok(held(endpoint).behindHoles > 0);
  endpoint.receive(page(5), 7, 'session', encode([['RESUME', 0, 0, [], []]]), 0);
  late();
  assert.deepEqual(held(endpoint), { unacknowledged: 0, behindHoles: 0 });
});
