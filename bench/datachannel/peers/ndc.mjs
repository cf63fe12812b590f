// node-datachannel: libdatachannel and usrsctp, as a peer of JSON lines.
import readline from 'node:readline';
import { PeerConnection } from 'node-datachannel';

const HIGH = 1 << 20;
const LOW = 1 << 18;
const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis));
const tell = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);

let connection;
let channels = new Map();
let started = 0;
let echo = false;
let count;

function listen(channel) {
  const mine = { channel, pong: undefined, low: undefined };
  channels.set(channel.getLabel(), mine);
  channel.setBufferedAmountLowThreshold(LOW);
  channel.onOpen(() => {
    if (channel.getLabel() === 'bench') tell({ ev: 'open', ms: performance.now() - started });
  });
  channel.onBufferedAmountLow(() => mine.low?.());
  channel.onMessage((data) => {
    const now = performance.now();
    if (mine.pong) mine.pong();
    else if (echo || channel.getLabel() === 'quiet') channel.sendMessageBinary(Buffer.from(data));
    else {
      count ??= { bytes: 0, msgs: 0, first: now, last: now, firstLen: data.byteLength };
      count.bytes += data.byteLength;
      count.msgs++;
      count.last = now;
    }
  });
}

function open() {
  if (connection) return;
  started = performance.now();
  connection = new PeerConnection('peer', { iceServers: [], maxMessageSize: 262_144 });
  connection.onGatheringStateChange((state) => {
    if (state !== 'complete') return;
    const { type, sdp } = connection.localDescription();
    tell({ ev: 'sdp', type, sdp });
  });
  connection.onDataChannel(listen);
}

async function send({ size, secs }) {
  const bench = channels.get('bench');
  const { channel } = bench;
  const data = Buffer.alloc(size, 7);
  const end = performance.now() + secs * 1000;
  let sent = 0;
  while (performance.now() < end) {
    while (channel.bufferedAmount() < HIGH && performance.now() < end) {
      channel.sendMessageBinary(data);
      if ((++sent & 63) === 0) await new Promise(setImmediate);
    }
    if (channel.bufferedAmount() < HIGH) continue;
    const low = new Promise((resolve) => {
      bench.low = resolve;
    });
    await Promise.race([low, pause(20)]);
  }
  for (let i = 0; i < 300 && channel.bufferedAmount() > 0; i++) await pause(10);
  tell({ ev: 'sent', msgs: sent, bytes: sent * size });
}

async function ping({ n, size, channel: label = 'bench' }) {
  const mine = channels.get(label);
  const data = Buffer.alloc(size);
  const took = [];
  for (let i = 0; i < n; i++) {
    const began = performance.now();
    await new Promise((resolve) => {
      mine.pong = resolve;
      mine.channel.sendMessageBinary(data);
    });
    took.push((performance.now() - began) * 1000);
  }
  mine.pong = undefined;
  took.sort((a, b) => a - b);
  tell({ ev: 'rtt', n, p50_us: took[n >> 1], p99_us: took[Math.floor(n * 0.99)] });
}

function close() {
  connection?.close();
  connection = undefined;
  channels = new Map();
  tell({ ev: 'ready' });
}

function receive() {
  const { bytes, msgs, first, last, firstLen } = count ?? { bytes: 0, msgs: 0 };
  count = undefined;
  tell({ ev: 'recv', bytes, msgs, ms: last - first, firstLen });
}

const commands = {
  offer: ({ channels: labels = ['bench'] }) => {
    open();
    for (const label of labels) listen(connection.createDataChannel(label));
  },
  remote: ({ sdp, type }) => {
    open();
    connection.setRemoteDescription(sdp, type);
  },
  mode: (command) => {
    echo = command.echo;
    count = undefined;
    tell({ ev: 'ok' });
  },
  send,
  ping,
  recv: receive,
  close,
  quit: () => process.exit(0),
};

tell({ ev: 'ready' });
for await (const line of readline.createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  Promise.resolve()
    .then(() => commands[command.op](command))
    .catch((error) => tell({ ev: 'error', msg: String(error) }));
}
process.exit(0);
