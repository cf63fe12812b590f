// Runs peers side by side, each against another of its kind: README.md.
import { parseArgs } from 'node:util';
import { connect } from './path.mjs';
import { machineCpuSeconds, Peer } from './peers.mjs';

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '1' },
    sizes: { type: 'string', default: '1024,16384,65536,262144' },
    secs: { type: 'string', default: '3' },
    pings: { type: 'string', default: '2000' },
    setups: { type: 'string', default: '0' },
    net: { type: 'string' },
    quiet: { type: 'boolean', default: false },
  },
});
const seconds = Number(options.secs);
const pings = Number(options.pings);
/** Of a quiet channel: so many at a time, of which the middle and the 99th of 100 count. */
const QUIET_PINGS = 300;
const WARMING_SECONDS = 6;
const sizes = options.sizes.split(',').map(Number).filter(Boolean);
/** @type {Map<string, Map<string, number[]>>} figures by what was measured and by peer */
const figures = new Map();

function note(peer, what, figure, digits = 1) {
  const rounded = Number(figure.toFixed(digits));
  if (!figures.has(what)) figures.set(what, new Map());
  const of = figures.get(what);
  of.set(peer, [...(of.get(peer) ?? []), rounded]);
  console.log(JSON.stringify({ peer, net: options.net, what, figure: rounded }));
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** Two peers of a name, connected, for as long as something runs. */
async function withPair(name, settings, run) {
  const [a, b] = [new Peer(name), new Peer(name)];
  let line;
  try {
    const connected = await connect(a, b, { net: options.net, ...settings });
    line = connected.line;
    await run(a, b, connected.millis);
  } finally {
    line?.close();
    await Promise.all([a.stop(), b.stop()]);
  }
}

async function roundTrips(name, a, b) {
  await b.ask({ op: 'mode', echo: true }, 'ok');
  for (const when of ['first', 'later']) {
    const rtt = await a.ask({ op: 'ping', n: pings, size: 64 }, 'rtt', 120_000);
    note(name, `RTT of the ${when} ${pings}, p50 µs`, rtt.p50_us);
    note(name, `RTT of the ${when} ${pings}, p99 µs`, rtt.p99_us);
  }
  await b.ask({ op: 'mode', echo: false }, 'ok');
}

async function bulk(name, a, b, size) {
  await b.ask({ op: 'mode', echo: false }, 'ok');
  const before = [a.cpuSeconds(), b.cpuSeconds(), machineCpuSeconds()];
  await a.ask({ op: 'send', size, secs: seconds }, 'sent', seconds * 1000 + 60_000);
  const after = [a.cpuSeconds(), b.cpuSeconds(), machineCpuSeconds()];
  await new Promise((resolve) => setTimeout(resolve, options.net ? 2_000 : 300));
  const got = await b.ask({ op: 'recv' }, 'recv');
  const [tx, rx, all] = after.map((then, i) => then - before[i]);
  const gigabytes = got.bytes / 1e9;
  note(name, `${size} B: Mbit/s`, ((got.bytes - got.firstLen) * 8) / got.ms / 1000, 0);
  note(name, `${size} B: CPU-s/GB sender`, tx / gigabytes, 2);
  note(name, `${size} B: CPU-s/GB receiver`, rx / gigabytes, 2);
  note(name, `${size} B: CPU of others, s`, all - tx - rx, 2);
}

/** A ping at a time on a channel of its own, alone and while another one is full; cold, and warm. */
async function quietBesideBulk(name) {
  await withPair(name, { channels: ['bench', 'quiet'] }, async (a, b) => {
    await b.ask({ op: 'mode', echo: false }, 'ok');
    for (const when of ['cold', 'warm']) {
      const alone = await a.ask(quietPings(QUIET_PINGS), 'rtt', 60_000);
      note(name, `quiet channel alone, ${when}, p50 µs`, alone.p50_us);
      note(name, `quiet channel alone, ${when}, p99 µs`, alone.p99_us);
      const { rtts, mbits } = await quietDuringBulk(a, b, seconds);
      note(name, `quiet channel beside bulk, ${when}, p50 µs`, median(rtts.map((r) => r.p50_us)));
      note(name, `quiet channel beside bulk, ${when}, p99 µs`, median(rtts.map((r) => r.p99_us)));
      note(name, `quiet channel: bulk beside it, ${when}, Mbit/s`, mbits, 0);
      if (when === 'warm') return;
      await quietDuringBulk(a, b, WARMING_SECONDS);
      await a.ask(quietPings(10 * QUIET_PINGS), 'rtt', 60_000);
    }
  });
}

function quietPings(n) {
  return { op: 'ping', n, size: 64, channel: 'quiet' };
}

/** Pings, from half a second after the beginning of bulk on another channel, as long as it lasts. */
async function quietDuringBulk(a, b, secs) {
  const rtts = [];
  let over = false;
  a.tell({ op: 'send', size: 65536, secs });
  const sent = a.next('sent', secs * 1000 + 60_000).then(() => {
    over = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 500));
  do {
    const rtt = await a.ask(quietPings(QUIET_PINGS), 'rtt', 60_000);
    if (!over || !rtts.length) rtts.push(rtt);
  } while (!over);
  await sent;
  const got = await b.ask({ op: 'recv' }, 'recv');
  return { rtts, mbits: ((got.bytes - got.firstLen) * 8) / got.ms / 1000 };
}

/** Connections one after the other, of the same two processes. */
async function setUps(name, count) {
  const [a, b] = [new Peer(name), new Peer(name)];
  const took = [];
  try {
    for (let i = 0; i < count; i++) {
      if (i > 0) for (const peer of [a, b]) peer.tell({ op: 'close' });
      took.push((await connect(a, b)).millis);
    }
  } finally {
    await Promise.all([a.stop(), b.stop()]);
  }
  note(name, 'set-up, first of a process, ms', took[0]);
  if (count > 1) note(name, 'set-up, median of the later, ms', median(took.slice(count >> 1)));
}

async function round(name) {
  if (options.quiet) await quietBesideBulk(name);
  if (Number(options.setups)) await setUps(name, Number(options.setups));
  if (!pings && !sizes.length) return;
  await withPair(name, {}, async (a, b, millis) => {
    if (options.net) note(name, 'set-up, ms', millis);
    if (pings) await roundTrips(name, a, b);
    for (const size of sizes) await bulk(name, a, b, size);
  });
}

for (let i = 0; i < Number(options.rounds); i++) {
  for (const name of names) {
    await round(name).catch((error) => console.error(`${name}: ${error.message}`));
  }
}
console.log(`\n| medians of ${options.rounds} | ${names.join(' | ')} |`);
console.log(`|---|${names.map(() => '---|').join('')}`);
for (const [what, of] of figures) {
  const cells = names.map((name) => (of.has(name) ? median(of.get(name)) : ''));
  console.log(`| ${what} | ${cells.join(' | ')} |`);
}
