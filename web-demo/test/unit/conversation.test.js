import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Conversation, MAX_COMPANIONS } from '../../src/main/web/demo/conversation.js';

/** A room that hands over what a test says, and remembers what was sent. Its receipts come when the test says so. */
class FakeRoom extends EventTarget {
  async diagnose() {
    return { peers: [] };
  }

  id = 'lobby';
  me = { id: 'me' };
  /** @type {Map<string, FakePeer>} */
  peers = new Map();
  /** @type {'connecting' | 'open' | 'recovering' | 'closed'} */
  state = 'open';
  reason = null;
  /** @type {{ data: any, settle: (receipt: { delivered: number, missed: string[] }) => void, fail: () => void }[]} */
  sent = [];
  /** @param {object} data */
  send(data) {
    return new Promise((/** @type {(receipt: any) => void} */ resolve, reject) => {
      const settle = (/** @type {object} */ receipt) =>
        resolve({ path: 'direct', ms: 3, ...receipt });
      this.sent.push({ data, settle, fail: () => reject(new Error('QUEUE_FULL')) });
    });
  }
  async leave() {}
  /** @param {string} id */
  joins(id) {
    const peer = new FakePeer(id);
    return this.returns(peer);
  }
  /** @param {FakePeer} peer */
  returns(peer) {
    peer.state = 'here';
    this.peers.set(peer.id, peer);
    this.#tell('joined', peer);
    return peer;
  }
  /** @param {FakePeer} peer */
  leaves(peer) {
    this.peers.delete(peer.id);
    peer.state = 'gone';
    this.#tell('left', peer);
  }
  /**
   * @param {FakePeer} from
   * @param {object} data
   */
  receives(from, data) {
    this.dispatchEvent(Object.assign(new Event('message'), { from, data }));
  }
  /**
   * @param {string} kind
   * @param {FakePeer} peer
   */
  #tell(kind, peer) {
    this.dispatchEvent(new CustomEvent('peer', { detail: { kind, peer } }));
  }
}

class FakePeer extends EventTarget {
  name = 'Ada';
  /** @type {'here' | 'away' | 'gone'} */
  state = 'here';
  path = { kind: 'websocket', rttMs: 1 };
  /** @type {any[]} */
  sent = [];
  /** @param {string} id */
  constructor(id) {
    super();
    this.id = id;
  }
  async explain() {
    return { findings: [] };
  }
  /** @param {object} data */
  async send(data) {
    this.sent.push(data);
    return { delivered: 1, missed: [], path: 'direct', ms: 1 };
  }
}

function setUp({ namesFromServer = false } = {}) {
  const room = new FakeRoom();
  const clock = { now: 1000 };
  const options = { run: 'me1', name: 'Me', now: () => clock.now, askedAt: 900, namesFromServer };
  const conversation = new Conversation(room, options);
  return { room, clock, conversation };
}

/** Lets promises settle. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('says hello to a newcomer, with the number that it will see first', () => {
  const { room, conversation } = setUp();
  conversation.chat('to nobody');
  const ada = room.joins('ada');
  assert.deepEqual(ada.sent, [{ kind: 'hello', run: 'me1', next: 2, name: 'Me' }]);
});

test('numbers everything that goes to the room in one row', () => {
  const { room, conversation } = setUp();
  room.joins('ada');
  conversation.chat('one');
  conversation.rename('Other');
  conversation.chat('three');
  assert.deepEqual(
    room.sent.map(({ data }) => data.n),
    [1, 2, 3],
  );
});

test('counts a delivery for each peer, and a miss as lost', async () => {
  const { room, conversation } = setUp();
  room.joins('ada');
  room.joins('bob');
  conversation.chat('hi');
  room.sent[0]?.settle({ delivered: 1, missed: ['bob'] });
  await settled();
  const totals = conversation.totals();
  assert.equal(totals.sent, 2);
  assert.equal(totals.delivered, 1);
  assert.equal(totals.lost, 1);
});

test('what had not arrived when somebody left is told apart from what was lost', async () => {
  const { room, conversation } = setUp();
  const ada = room.joins('ada');
  conversation.chat('hi');
  room.leaves(ada);
  room.sent[0]?.settle({ delivered: 0, missed: ['ada'] });
  await settled();
  const totals = conversation.totals();
  assert.deepEqual([totals.sent, totals.left, totals.lost], [1, 1, 0]);
});

test('a send that is refused is lost for those who should have had it', async () => {
  const { room, conversation } = setUp();
  room.joins('ada');
  conversation.chat('hi');
  room.sent[0]?.fail();
  await settled();
  assert.equal(conversation.totals().lost, 1);
  assert.equal(conversation.outbox.inFlight, 0);
});

test('what is sent into an empty room is sent to nobody', () => {
  const { conversation } = setUp();
  conversation.chat('hello?');
  assert.equal(conversation.totals().sent, 0);
});

test('tells a line of chat once, though it came twice', () => {
  const { room, conversation } = setUp();
  const ada = room.joins('ada');
  /** @type {string[]} */
  const lines = [];
  conversation.addEventListener('line', (event) =>
    lines.push(/** @type {CustomEvent} */ (event).detail.text),
  );
  room.receives(ada, { kind: 'chat', run: 'a', n: 1, text: 'hi' });
  room.receives(ada, { kind: 'chat', run: 'a', n: 1, text: 'hi' });
  assert.deepEqual(lines, ['hi']);
  assert.equal(conversation.totals().doubled, 1);
});

test('takes the name that a peer gives itself', () => {
  const { room, conversation } = setUp();
  const ada = room.joins('ada');
  room.receives(ada, { kind: 'name', run: 'a', n: 1, name: 'Countess\u202e' });
  assert.equal(conversation.companions.get('ada')?.name, 'Countess');
  room.receives(ada, { kind: 'name', run: 'a', n: 2, name: '' });
  assert.equal(conversation.companions.get('ada')?.name, 'Countess');
});

test('keeps to the names of the server where an invite gives them', () => {
  const { room, conversation } = setUp({ namesFromServer: true });
  const ada = room.joins('ada');
  room.receives(ada, { kind: 'hello', run: 'a', next: 1, name: 'Somebody Else' });
  room.receives(ada, { kind: 'name', run: 'a', n: 1, name: 'Somebody Else' });
  assert.equal(conversation.companions.get('ada')?.name, 'Ada');
});

test('counts and tells what arrives after its sender has left, and goes on when it returns', () => {
  const { room, conversation } = setUp();
  /** @type {string[]} */
  const lines = [];
  conversation.addEventListener('line', (event) =>
    lines.push(/** @type {CustomEvent} */ (event).detail.text),
  );
  const ada = room.joins('ada');
  room.receives(ada, { kind: 'chat', run: 'a', n: 1, text: 'one' });
  room.leaves(ada);
  room.receives(ada, { kind: 'chat', run: 'a', n: 2, text: 'two' });
  assert.equal(conversation.companions.size, 0);
  room.returns(ada);
  room.receives(ada, { kind: 'chat', run: 'a', n: 2, text: 'two' });
  room.receives(ada, { kind: 'chat', run: 'a', n: 3, text: 'three' });
  assert.deepEqual(lines, ['one', 'two', 'three']);
  const { received, lost, doubled } = conversation.totals();
  assert.deepEqual([received, lost, doubled], [3, 0, 1]);
});

test('nobody comes in by a message sent before it left', () => {
  const { room, conversation } = setUp();
  const ghost = new FakePeer('ghost');
  ghost.state = 'gone';
  room.receives(ghost, { kind: 'chat', run: 'g', n: 1, text: 'boo' });
  assert.equal(conversation.companions.size, 0);
});

test('totals do not shrink, however many have left', () => {
  const { room, conversation } = setUp();
  for (let i = 0; i < 600; i++) {
    const peer = room.joins(`peer-${i}`);
    room.receives(peer, { kind: 'chat', run: 'r', n: 1, text: 'x' });
    room.leaves(peer);
  }
  assert.equal(conversation.totals().received, 600);
});

test('measures a round trip by a question and its answer, and answers those of others', () => {
  const { room, clock, conversation } = setUp();
  const ada = room.joins('ada');
  conversation.advance(clock.now);
  const ping = ada.sent.at(-1);
  assert.equal(ping.kind, 'ping');
  clock.now += 7;
  room.receives(ada, { kind: 'pong', i: ping.i });
  room.receives(ada, { kind: 'pong', i: ping.i });
  assert.deepEqual(
    conversation.companions.get('ada')?.history.samples.map(({ ms }) => ms),
    [7],
  );
  room.receives(ada, { kind: 'ping', i: 99 });
  assert.deepEqual(ada.sent.at(-1), { kind: 'pong', i: 99 });
});

test('a peer cannot make this page answer without end', () => {
  const { room } = setUp();
  const ada = room.joins('ada');
  for (let i = 0; i < 500; i++) room.receives(ada, { kind: 'ping', i });
  assert.equal(ada.sent.filter(({ kind }) => kind === 'pong').length, 20);
});

test('another cannot answer for the one who was asked', () => {
  const { room, clock, conversation } = setUp();
  const ada = room.joins('ada');
  const bob = room.joins('bob');
  conversation.advance(clock.now);
  room.receives(bob, { kind: 'pong', i: ada.sent.at(-1).i });
  assert.equal(conversation.companions.get('bob')?.history.samples.length, 0);
});

test('streams at its rate, makes up for a pause, and ends with a last message', () => {
  const { room, clock, conversation } = setUp();
  const ticks = () => room.sent.filter(({ data }) => data.kind === 'tick');
  conversation.stream.perSecond = 100;
  conversation.stream.start(clock.now);
  for (let i = 0; i < 200; i++) {
    clock.now += 5;
    conversation.advance(clock.now);
  }
  assert.equal(ticks().length, 101);
  clock.now += 60_000;
  conversation.advance(clock.now);
  assert.equal(ticks().length, 202);
  conversation.stream.stop();
  assert.equal(ticks().at(-1)?.data.last, true);
});

test('a stream waits when too much is unconfirmed', () => {
  const { room, clock, conversation } = setUp();
  conversation.stream.perSecond = 100;
  conversation.stream.start(clock.now);
  for (let i = 0; i < 100; i++) {
    clock.now += 1000;
    conversation.advance(clock.now);
  }
  assert.equal(room.sent.length, 3000);
});

test('moves of the path are counted, and the time to the direct one is kept', () => {
  const { room, clock, conversation } = setUp();
  const ada = room.joins('ada');
  clock.now += 250;
  const detail = { from: 'websocket', to: 'direct', reason: 'proven', moved: 0, stalledMs: 0 };
  ada.dispatchEvent(new CustomEvent('pathchange', { detail }));
  const companion = conversation.companions.get('ada');
  assert.equal(companion?.directAfterMs, 250);
  assert.equal(companion?.moves, 1);
});

test('what strangers send in other shapes changes nothing', () => {
  const { room, conversation } = setUp();
  const ada = room.joins('ada');
  for (const data of [null, 'text', { kind: 'chat' }, new Uint8Array(3)])
    room.receives(ada, /** @type {object} */ (data));
  assert.equal(conversation.totals().received, 0);
});

test('keeps a bounded number of companions', () => {
  const { room, conversation } = setUp();
  for (let i = 0; i < MAX_COMPANIONS + 10; i++) room.joins(`peer-${i}`);
  assert.equal(conversation.companions.size, MAX_COMPANIONS);
});
