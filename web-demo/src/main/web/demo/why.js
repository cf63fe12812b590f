import { pathWords } from './paths.js';

/**
 * Which path it is and why it is not the direct one, in sentences.
 *
 * @typedef {import('./companion.js').Companion} Companion
 */

/** The SDK is asked again so long after it was, in ms, while the path is the same. */
const AGAIN_MS = 3_000;

/** Knows the SDK's sentence on one companion, and asks for it now and then. */
export class Why {
  /** @type {{ companion: Companion, kind: string } | null} */
  #asked = null;
  #askedAt = -Infinity;
  #text = '';

  /**
   * @param {Companion | null} companion
   * @param {{ blocked: boolean, now: number }} here `blocked`: this page itself keeps the direct path away
   * @returns {string} '' when there is nobody to speak of
   */
  words(companion, { blocked, now }) {
    if (companion?.peer.state !== 'here') return '';
    const { kind } = companion;
    const { says } = pathWords(kind);
    if (kind === 'direct') return says;
    this.#ask(companion, kind, now);
    const why = blocked ? 'This page blocks it.' : this.#text;
    return why ? `${says} Why not direct? ${why}` : says;
  }

  /**
   * @param {Companion} companion
   * @param {string} kind
   * @param {number} now
   */
  async #ask(companion, kind, now) {
    const same = this.#asked?.companion === companion && this.#asked.kind === kind;
    if (same && now - this.#askedAt < AGAIN_MS) return;
    if (!same) this.#text = '';
    const asked = { companion, kind };
    this.#asked = asked;
    this.#askedAt = now;
    try {
      const { findings } = await companion.peer.explain();
      const [{ text = '', next = '' } = {}] = findings;
      if (this.#asked === asked) this.#text = next ? `${text} ${next}` : text;
    } catch {
      // what tells why could not be loaded: the path itself has been told
    }
  }
}
