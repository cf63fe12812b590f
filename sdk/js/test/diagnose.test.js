import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain } from '../src/diagnose.js';
import { Evidence } from '../src/direct/evidence.js';

const HOST = 'candidate:1 1 UDP 2122252543 192.0.2.1 50000 typ host';
const HIDDEN = HOST.replace('192.0.2.1', '5ead1049.local');
const MAPPED =
  'candidate:2 1 UDP 1686052607 198.51.100.7 40001 typ srflx raddr 192.0.2.1 rport 50000';
const RELAYED =
  'candidate:3 1 UDP 41885439 203.0.113.1 49200 typ relay raddr 198.51.100.7 rport 40001';
const STUN = 'stun:turn.example:3478';
const UDP = 'turn:turn.example:3478?transport=udp';
const TCP = 'turn:turn.example:3478?transport=tcp';

/**
 * What a peer without a data channel is said to be missing.
 *
 * @param {{urls: string[], candidates?: string[], errors?: [string, number][], gatheringMs?: number, kinds?: string[],
 *   refused?: boolean, kind?: string, uplink?: object}} seen `gatheringMs`: for how long, where it goes on
 */
async function findings({ urls, candidates = [HOST], errors = [], gatheringMs, ...o }) {
  const evidence = new Evidence(0);
  for (const candidate of candidates)
    evidence.gathered(/** @type {RTCIceCandidate} */ ({ candidate }));
  for (const [url, code] of errors) evidence.failed(url, code);
  if (gatheringMs === undefined) evidence.gathered(null);
  const direct = {
    connectionOf: () => null,
    refusedBy: () => o.refused ?? false,
    evidenceOf: () => evidence,
  };
  const kinds = new Set(o.kinds ?? ['direct', 'relayed', 'websocket']);
  const driver = {
    direct,
    kinds,
    iceServers: [{ urls }],
    uplink: o.uplink ?? {},
    now: () => gatheringMs ?? 0,
  };
  const peer = { id: 'bob', state: 'here', path: { kind: o.kind ?? 'websocket' } };
  const explanation = await explain(/** @type {any} */ (peer), /** @type {any} */ (driver));
  return explanation.findings;
}

/** @param {Parameters<typeof findings>[0]} seen */
const codes = async (seen) => (await findings(seen)).map(({ code }) => code);

test('where no server answers over UDP, UDP is said to be blocked, and what helps', async () => {
  const errors = /** @type {[string, number][]} */ ([STUN, UDP, TCP].map((url) => [url, 701]));
  const [found, ...others] = await findings({ urls: [STUN, UDP, TCP], errors });
  assert.equal(found.code, 'UDP_BLOCKED');
  assert.match(found.text, /no UDP through/);
  assert.match(found.next ?? '', /relay over TLS on port 443/);
  assert.deepEqual(others, []);
});

test('a browser writes URLs out: the port and the transport that were left out are its own words', async () => {
  const urls = [
    'stun:turn.example',
    'turn:turn.example',
    'turns:turn.example',
    'turn:[2001:db8::1]',
  ];
  const errors = /** @type {[string, number][]} */ ([
    ['stun:turn.example:3478', 701],
    ['turn:turn.example:3478?transport=udp', 701],
    ['turn:[2001:db8::1]:3478?transport=udp', 701],
  ]);
  assert.deepEqual(await codes({ urls, errors }), ['UDP_BLOCKED']);
});

test('a server that did not fail has answered, though its answer shows no other address: only the relay is missing', async () => {
  const [found] = await findings({ urls: [STUN, UDP], errors: [[UDP, 701]] });
  assert.equal(found.code, 'TURN_UNREACHABLE');
  assert.match(found.text, /No relay gave an address/);
  assert.match(found.next ?? '', /peerline doctor/);
});

test('behind a NAT that lets UDP through, a relay that is silent is unreachable', async () => {
  const seen = { urls: [STUN, UDP], candidates: [HOST, MAPPED] };
  const silent = /** @type {[string, number][]} */ ([[UDP, 701]]);
  assert.deepEqual(await codes({ ...seen, errors: silent }), ['TURN_UNREACHABLE']);
  assert.deepEqual(await codes(seen), ['TURN_UNREACHABLE'], 'browsers that tell no errors');
});

test('a relay that refuses the credentials is named so, and UDP is not blamed', async () => {
  for (const code of [401, 403]) {
    const [found, ...others] = await findings({ urls: [UDP], errors: [[UDP, code]] });
    assert.equal(found.code, 'TURN_UNAUTHORIZED');
    assert.match(found.text, new RegExp(`refused the credentials \\(${code}\\)`));
    assert.match(found.next ?? '', /secrets of server and relay/);
    assert.deepEqual(others, []);
  }
});

test('where UDP is blocked and the relay refuses over TCP, both are told', async () => {
  const errors = /** @type {[string, number][]} */ ([
    [UDP, 701],
    [TCP, 401],
  ]);
  assert.deepEqual(await codes({ urls: [UDP, TCP], errors }), ['UDP_BLOCKED', 'TURN_UNAUTHORIZED']);
});

test('nothing is concluded before servers had time to answer, without servers, or from a relay that works', async () => {
  const errors = /** @type {[string, number][]} */ ([[UDP, 701]]);
  assert.deepEqual(await codes({ urls: [UDP], gatheringMs: 7_999 }), ['NO_CONNECTION']);
  assert.deepEqual(await codes({ urls: [] }), ['NO_CONNECTION']);
  const works = { urls: [UDP, TCP], candidates: [HOST, RELAYED], errors };
  assert.deepEqual(await codes(works), ['NO_CONNECTION']);
});

test('a browser that still waits for answers after 8 s has waited long enough', async () => {
  const seen = { urls: [STUN, UDP], candidates: [HIDDEN], gatheringMs: 8_000 };
  assert.deepEqual(await codes(seen), ['UDP_BLOCKED']);
  const mapped = { ...seen, candidates: [HIDDEN, MAPPED] };
  assert.deepEqual(await codes(mapped), ['TURN_UNREACHABLE']);
  // Its own address may be what the server sees, and that is no other candidate.
  assert.deepEqual(await codes({ ...seen, candidates: [HOST] }), ['TURN_UNREACHABLE']);
});

test('a relay that may not be used is not missed', async () => {
  const errors = /** @type {[string, number][]} */ ([[UDP, 701]]);
  const seen = { urls: [STUN, UDP], errors, kinds: ['direct', 'websocket'] };
  assert.deepEqual(await codes(seen), ['NO_CONNECTION']);
});

test('a NAT that shows each server another port is named, on a relayed path too', async () => {
  const other = MAPPED.replace('40001', '40002');
  const seen = { urls: [STUN, UDP], candidates: [HOST, MAPPED, other, RELAYED] };
  assert.deepEqual(await codes(seen), ['NAT_SYMMETRIC']);
  assert.deepEqual(await codes({ ...seen, kind: 'relayed' }), ['RELAYED', 'NAT_SYMMETRIC']);
});

test('what the peer itself lacks, or an open path, comes before what ICE found', async () => {
  const errors = /** @type {[string, number][]} */ ([[UDP, 701]]);
  assert.deepEqual(await codes({ urls: [UDP], errors, refused: true }), ['PEER_UNSUPPORTED']);
  assert.deepEqual(await codes({ urls: [UDP], errors, kind: 'direct' }), ['DIRECT']);
});

test('a data channel of the server that UDP does not reach is named, until it is there', async () => {
  const records = new Map([
    ['data-channel', { tries: 2, opened: 0, proven: 0, code: 'UDP_BLOCKED', text: 'no path' }],
    ['websocket', { tries: 1, opened: 1, proven: 1, code: '', text: '' }],
  ]);
  const [, found] = await findings({ urls: [], uplink: { path: 'websocket', records } });
  assert.equal(found.code, 'UDP_BLOCKED');
  assert.match(found.next ?? '', /--push-peer/);
  const mended = { urls: [], uplink: { path: 'data-channel', records } };
  assert.deepEqual(await codes(mended), ['NO_CONNECTION']);
});
