// Bulk both ways at once, for a long time: node soak.mjs [seconds] [peer]. RSS each half minute, then what arrived.
import { connect } from './path.mjs';
import { Peer } from './peers.mjs';

const seconds = Number(process.argv[2] ?? 600);
const name = process.argv[3] ?? 'peerline';
const peers = [new Peer(name), new Peer(name)];
try {
  await connect(...peers);
  for (const peer of peers) await peer.ask({ op: 'mode', echo: false }, 'ok');
  for (const peer of peers) peer.tell({ op: 'send', size: 65536, secs: seconds });
  const began = performance.now();
  const watch = setInterval(() => {
    const at = Math.round((performance.now() - began) / 1000);
    console.log(JSON.stringify({ at, rss_mb: peers.map((peer) => peer.residentMegabytes()) }));
  }, 30_000);
  const sent = await Promise.all(peers.map((p) => p.next('sent', seconds * 1000 + 60_000)));
  clearInterval(watch);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const got = [];
  for (const peer of peers) got.push(await peer.ask({ op: 'recv' }, 'recv'));
  for (const [i, { bytes, ms }] of got.entries()) {
    const lost = sent[1 - i].bytes - bytes;
    console.log(JSON.stringify({ bytes, lost, mbit_s: Math.round((bytes * 8) / ms / 1000) }));
  }
} finally {
  await Promise.all(peers.map((peer) => peer.stop()));
}
