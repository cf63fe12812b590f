// Exchanges descriptions, and puts a bad line between two peers where one is wanted.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const RELAY = fileURLToPath(new URL('build/relay', import.meta.url));
const HOST = /^a=candidate:\S+ 1 udp \d+ (\d+\.\d+\.\d+\.\d+) (\d+) typ host/im;
const PORT_A = 21001;
const PORT_B = 21002;

/** A UDP relay with delay, loss and a rate: "oneWayMs,lossPercent,mbit,queueKB", 0 for no limit. */
class Line {
  #process;

  static async open(settings, address) {
    const line = new Line();
    const args = [PORT_A, PORT_B, ...settings.split(','), address].map(String);
    line.#process = spawn(RELAY, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    await new Promise((resolve, reject) => {
      line.#process.stdout.once('data', resolve);
      line.#process.once('exit', () => reject(new Error('the relay has ended')));
    });
    return line;
  }

  place(side, { host, port }) {
    this.#process.stdin.write(`${side} ${host} ${port}\n`);
  }

  close() {
    this.#process.kill();
  }
}

function hostCandidate(sdp) {
  const found = HOST.exec(sdp);
  if (!found) throw new Error('no IPv4 host candidate to be reached through the relay');
  return { host: found[1], port: Number(found[2]) };
}

/** The description with one candidate: the relay. */
function through(sdp, host, port) {
  let kept = false;
  const lines = sdp.split(/\r?\n/).filter((line) => {
    if (!line.startsWith('a=candidate:')) return true;
    const first = !kept && HOST.test(line);
    kept ||= first;
    return first;
  });
  const place = (line) =>
    line.replace(/^(a=candidate:\S+ 1 \S+ \d+) \S+ \d+/, `$1 ${host} ${port}`);
  return lines.map(place).join('\r\n');
}

/**
 * Brings two peers together.
 * @returns how long it took them, in ms from the first call to the open channel, and the line
 */
export async function connect(offerer, answerer, { net, channels } = {}) {
  await Promise.all([offerer.next('ready'), answerer.next('ready')]);
  let { sdp: offer } = await offerer.ask({ op: 'offer', channels }, 'sdp');
  let line;
  const near = net && hostCandidate(offer);
  if (near) {
    line = await Line.open(net, near.host);
    line.place('A', near);
    offer = through(offer, near.host, PORT_B);
  }
  let { sdp: answer } = await answerer.ask({ op: 'remote', type: 'offer', sdp: offer }, 'sdp');
  if (near) {
    line.place('B', hostCandidate(answer));
    answer = through(answer, near.host, PORT_A);
  }
  offerer.tell({ op: 'remote', type: 'answer', sdp: answer });
  const [ours] = await Promise.all([offerer.next('open'), answerer.next('open')]);
  return { millis: ours.ms, line };
}
