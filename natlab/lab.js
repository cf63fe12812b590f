/**
 * Laboratories of NATs, firewalls and bad lines (docs/natlab.md) for programs of Node: a thin hold on `natlab up --hold`.
 */

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const NATLAB = fileURLToPath(new URL('natlab', import.meta.url));
/** Exit code of `natlab able` where this machine cannot. */
const NOT_HERE = 3;
/** The server's addresses in each laboratory, the second ones of the same host, and its name there. */
export const SERVER = {
  address: '45.0.0.10',
  second: '45.0.0.11',
  address6: '2a0f:0:0:1::10',
  second6: '2a0f:0:0:1::11',
  name: 'server.lab',
};

let labs = 0;

/**
 * Why there are no laboratories on this machine, in one line, or null. Builds one to find out.
 *
 * @param {...'delay'} features that are needed beside the plain laboratory
 * @returns {Promise<string | null>}
 */
export async function whyNoLab(...features) {
  try {
    await promisify(execFile)(NATLAB, ['able', ...features]);
    return null;
  } catch (error) {
    const { code, stdout = '', message } = /** @type {any} */ (error);
    return code === NOT_HERE ? stdout.trim() : message;
  }
}

/** One laboratory, which lives no longer than this process. Call `down` when done. */
export class Lab {
  /** @type {string} */
  name;
  #holder;
  /** Of the verbs that were sent, in their order. @type {((reply: string) => void)[]} */
  #waiting = [];
  #ended;

  /** @param {string} name @param {string[]} topology */
  constructor(name, topology) {
    this.name = name;
    this.#holder = spawn(NATLAB, ['up', '-n', name, '--hold', ...topology], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#ended = once(this.#holder, 'exit');
    this.#ended.then(([code]) => this.#answer(`error natlab ended with ${code}`, true));
    createInterface({ input: this.#holder.stdout }).on('line', (line) => this.#answer(line));
    this.#holder.stdin.on('error', () => {}); // it has ended, which is told above
  }

  /**
   * Builds one; in the words of `natlab up`.
   *
   * @param {...string} topology such as `alice=sym,delay=40`, `bob.mobile=port`, `cgn=full`
   */
  static async up(...topology) {
    const lab = new Lab(`js${process.pid}x${labs++}`, topology);
    const reply = await lab.#reply();
    if (!reply.startsWith('ready ')) throw new Error(`natlab up ${topology.join(' ')}: ${reply}`);
    return lab;
  }

  /**
   * Something happens to the network: `cut alice up`, `heal alice`, `roam alice mobile`, `rebind bob`, `impair bob loss=2`,
   * `unplug`, `plug`, `freeze`, `thaw`. Resolves when it has.
   *
   * @param {string} verb with its arguments, as on natlab's command line
   */
  async act(verb) {
    const reply = this.#reply();
    this.#holder.stdin.write(`${verb}\n`);
    const said = await reply;
    if (said !== 'ok') throw new Error(`natlab ${verb}: ${said}`);
  }

  /**
   * Starts a program on a host; with the laboratory it ends.
   *
   * @param {string} host alice, bob, server, or a router
   * @param {string} program
   * @param {string[]} args
   * @param {import('node:child_process').SpawnOptions} [options]
   */
  exec(host, program, args = [], options = {}) {
    return spawn('ip', ['netns', 'exec', this.namespace(host), program, ...args], options);
  }

  /** @param {string} host */
  namespace(host) {
    return `nl-${this.name}-${host}`;
  }

  /** Path of a program that is Chromium on that host, as Playwright's `executablePath`. @param {'alice' | 'bob'} client */
  chromium(client) {
    return `${this.folder}/bin/${client}-chromium`;
  }

  /** Its files; gone with it. */
  get folder() {
    return `${process.env.NATLAB_RUN ?? '/run/natlab'}/${this.name}`;
  }

  /** Takes it down, with every process in it. Does no harm the second time. */
  async down() {
    this.#holder.stdin.end();
    await this.#ended;
  }

  /** @returns {Promise<string>} the next line that natlab says */
  #reply() {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** @param {string} line @param {boolean} [all] there will be no more */
  #answer(line, all = false) {
    do this.#waiting.shift()?.(line);
    while (all && this.#waiting.length);
  }
}
