/** A peer in a room, in a page or a JVM: what a scenario asks of it. */

import { lasting } from './time.js';

/** @typedef {import('./page.js').Diary} Diary */

export const PATIENCE_MS = 90_000;
const LOOK_S = 0.05;

/** @abstract */
export class LabPeer {
  /** @param {number} _perSecond messages from now on; 0 stops it @returns {Promise<void>} */
  stream(_perSecond) {
    throw new Error('abstract');
  }

  /** @returns {Promise<Diary>} all that it has seen */
  diary() {
    throw new Error('abstract');
  }

  /** @returns {Promise<any>} its numbers, in short */
  present() {
    throw new Error('abstract');
  }

  /** Waits until its present numbers are so. @param {string} what for the message when they never are @param {(now: any) => boolean} so @param {number} [patienceMs] */
  async until(what, so, patienceMs = PATIENCE_MS) {
    const end = performance.now() + patienceMs;
    for (;;) {
      const now = await this.present();
      if (so(now)) return;
      if (performance.now() > end) {
        throw new Error(`${what}: waited ${patienceMs} ms in vain; now ${JSON.stringify(now)}`);
      }
      await lasting(LOOK_S);
    }
  }

  /** @param {...string} kinds any of them will do */
  onPath(...kinds) {
    return this.until(`on a ${kinds.join(' or ')} path`, ({ path }) => kinds.includes(path));
  }

  /** @param {number} more messages from now on */
  async receives(more) {
    const { length } = (await this.diary()).got;
    await this.until(`${more} more messages`, ({ got }) => got >= length + more);
  }

  /** Until every message that it sent has its receipt, or was refused. */
  async settle() {
    await this.stream(0);
    await this.until('all receipts', ({ sent, settled }) => sent === settled);
  }
}
