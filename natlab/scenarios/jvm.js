/** A peer in a JVM behind a NAT (JavaPeer.java), asked by lines of JSON. */

import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SERVER } from '../lab.js';
import { LabPeer } from './peer.js';

const LAUNCHER = fileURLToPath(new URL('../../peerline', import.meta.url));
const PROGRAM = fileURLToPath(new URL('JavaPeer.java', import.meta.url));

export class LabJvm extends LabPeer {
  #child;
  /** Of the questions that were asked, in their order. @type {{ resolve: (answer: any) => void, reject: (error: Error) => void }[]} */
  #waiting = [];
  /** @type {Error | null} */
  #ended = null;

  /** @param {import('node:child_process').ChildProcess} child */
  constructor(child) {
    super();
    this.#child = child;
    let errors = '';
    child.stderr?.on('data', (text) => {
      errors = (errors + text).slice(-2000);
    });
    const lines = createInterface({ input: /** @type {any} */ (child.stdout) });
    lines.on('line', (line) => this.#waiting.shift()?.resolve(JSON.parse(line)));
    child.on('exit', (code) => {
      this.#ended = new Error(`the JVM ended with ${code}: ${errors}`);
      for (const { reject } of this.#waiting.splice(0)) reject(this.#ended);
    });
    child.stdin?.on('error', () => {}); // it has ended, which is told above
  }

  /**
   * @param {import('../lab.js').Lab} lab
   * @param {'alice' | 'bob'} client also the peer's name
   * @param {string} room
   * @param {{ paths?: string[] }} [options] of `join`
   */
  static async enter(lab, client, room, { paths = [] } = {}) {
    const words = ['java', PROGRAM, `http://${SERVER.name}/${room}`, client, ...paths];
    const jvm = new LabJvm(lab.exec(client, LAUNCHER, words, { stdio: 'pipe' }));
    await jvm.#ask('present'); // it is in the room
    return jvm;
  }

  /** @param {number} perSecond @override */
  async stream(perSecond) {
    await this.#ask(`stream ${perSecond}`);
  }

  /** @override */
  diary() {
    return this.#ask('diary');
  }

  /** @override */
  present() {
    return this.#ask('present');
  }

  /** Leaves the room, and ends. */
  close() {
    this.#child.stdin?.end();
  }

  /** @param {string} question @returns {Promise<any>} */
  #ask(question) {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      this.#waiting.push({ resolve, reject });
      this.#child.stdin?.write(`${question}\n`);
    });
  }
}
