import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Evidence } from '../../src/direct/evidence.js';

/** @param {string[]} lines */
function gathered(...lines) {
  const evidence = new Evidence(0);
  for (const candidate of lines) evidence.gathered(/** @type {RTCIceCandidate} */ ({ candidate }));
  evidence.gathered(null);
  return evidence;
}

const host = 'candidate:1 1 UDP 2122252543 192.0.2.1 50000 typ host';
const mapped = (/** @type {number} */ port, own = 50000) =>
  `candidate:2 1 UDP 1686052607 198.51.100.7 ${port} typ srflx raddr 192.0.2.1 rport ${own}`;

test('a NAT that shows one port to each server is symmetric', () => {
  assert.equal(gathered(host, mapped(40001), mapped(40002)).symmetric, true);
});

test('a NAT that shows all servers the same port is not, nor are two own ports', () => {
  assert.equal(gathered(host, mapped(40001), mapped(40001)).symmetric, false);
  assert.equal(gathered(mapped(40001, 50000), mapped(40002, 50001)).symmetric, false);
});

test('types and the end of candidates are noted, and errors up to a bound', () => {
  const evidence = gathered(host, mapped(1));
  assert.deepEqual([...evidence.types], ['host', 'srflx']);
  assert.equal(evidence.complete, true);
  for (let i = 0; i < 100; i++) evidence.failed('turn:relay', 701);
  assert.equal(evidence.errors.length, 1, 'each interface has the same to tell');
  for (let i = 0; i < 100; i++) evidence.failed(`turn:relay${i}`, 701);
  assert.equal(evidence.errors.length, 16);
});

test('who has not answered after 8 s does not, though the browser has not given it up', () => {
  const evidence = new Evidence(1_000);
  evidence.gathered(/** @type {RTCIceCandidate} */ ({ candidate: host }));
  assert.equal(evidence.ripe(8_999), false);
  assert.equal(evidence.ripe(9_000), true);
  evidence.ended(5_000);
  assert.equal(evidence.ripe(20_000), false, 'an attempt that ended early shows nothing');
  evidence.gathered(null);
  assert.equal(evidence.ripe(5_000), true);
});

test('addresses that are hidden behind names are known', () => {
  assert.equal(gathered(host).hidden, false);
  assert.equal(gathered(host.replace('192.0.2.1', '5ead1049.local')).hidden, true);
});
