// Peers as child processes that speak JSON lines (README.md), and what they cost.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const JAVA = process.env.JAVA ?? 'java';
const TICKS_PER_SECOND = 100;

/** How each peer is started. */
export const PEERS = {
  peerline: [`${HERE}../../peerline`, 'bench', 'datachannel-peer'],
  webrtcjava: [
    JAVA,
    '--enable-native-access=ALL-UNNAMED',
    '-cp',
    `${HERE}lib/*:${HERE}build`,
    'WebrtcJava',
  ],
  ndc: ['node', `${HERE}peers/ndc.mjs`],
};

/** A running peer. */
export class Peer {
  #child;
  #unread = [];
  #waiting = [];
  #dead = false;

  constructor(name) {
    const [program, ...rest] = process.env[`${name.toUpperCase()}_PEER`]?.split(' ') ?? PEERS[name];
    this.name = name;
    this.#child = spawn(program, rest, {
      stdio: ['pipe', 'pipe', process.env.PEER_STDERR ? 'inherit' : 'ignore'],
      detached: true,
    });
    inheritPriority(this.#child.pid);
    this.#child.stdin.on('error', () => {});
    readline
      .createInterface({ input: this.#child.stdout })
      .on('line', (line) => this.#onLine(line));
    this.#child.on('exit', () => this.#onExit());
  }

  get pid() {
    return this.#child.pid;
  }

  #onLine(line) {
    let event;
    try {
      event = JSON.parse(line);
    } catch {
      return; // a library that talks
    }
    if (event.ev === 'error') console.error(`${this.name}: ${event.msg}`);
    const index = this.#waiting.findIndex((one) => one.names.includes(event.ev));
    if (index < 0) this.#unread.push(event);
    else this.#waiting.splice(index, 1)[0].resolve(event);
  }

  #onExit() {
    this.#dead = true;
    for (const one of this.#waiting) one.reject(new Error(`${this.name} has ended`));
  }

  tell(command) {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
  }

  /** The next event of one of these names. */
  next(names, millis = 30_000) {
    const list = [names].flat();
    const index = this.#unread.findIndex((event) => list.includes(event.ev));
    if (index >= 0) return Promise.resolve(this.#unread.splice(index, 1)[0]);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ names: list, resolve, reject });
      const late = () => reject(new Error(`${this.name} is silent, instead of ${list}`));
      setTimeout(late, millis).unref();
    });
  }

  ask(command, names, millis) {
    this.tell(command);
    return this.next(names, millis);
  }

  /** CPU seconds of its processes since they began. */
  cpuSeconds() {
    let ticks = 0;
    for (const pid of tree(this.pid)) {
      const stat = read(`/proc/${pid}/stat`);
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      ticks += Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
    }
    return ticks / TICKS_PER_SECOND;
  }

  residentMegabytes() {
    let kilobytes = 0;
    for (const pid of tree(this.pid)) {
      kilobytes += Number(/VmRSS:\s+(\d+)/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
    }
    return Math.round(kilobytes / 1024);
  }

  async stop() {
    if (!this.#dead) this.#child.stdin.end('{"op":"quit"}\n');
    for (let i = 0; i < 30 && !this.#dead; i++) await new Promise((r) => setTimeout(r, 100));
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      // it has ended
    }
  }
}

/** A session of its own is a group of its own to Linux's scheduler, and begins without our nice. */
function inheritPriority(pid) {
  try {
    fs.writeFileSync(`/proc/${pid}/autogroup`, String(os.getPriority()));
  } catch {
    // no such groups here, or we may not
  }
}

/** CPU seconds of the whole machine. */
export function machineCpuSeconds() {
  const [user, nice, system, , , irq, softirq] = read('/proc/stat')
    .split('\n')[0]
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq) / TICKS_PER_SECOND;
}

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return ''; // a process that has just ended
  }
}

function tree(pid) {
  const children = new Map();
  for (const name of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = read(`/proc/${name}/stat`);
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const all = [pid];
  for (let i = 0; i < all.length; i++) all.push(...(children.get(all[i]) ?? []));
  return all;
}
