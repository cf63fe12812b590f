/** How long a living tab may take to answer; it is likely there unless the page before this one said goodbye. */
const ASK_MS = 400;
const ASK_RELEASED_MS = 50;

/** Other tabs and rooms of this browser that may have the same key: a duplicated tab copies the store. */
export class Siblings {
  #channel;
  #key = '';
  #nonce = Math.random();
  /** @type {(() => void) | null} */
  #taken = null;

  /** @param {string} name of the room, with its server */
  constructor(name) {
    this.#channel = new BroadcastChannel(name);
    /** @type {{unref?: () => void}} */ (this.#channel).unref?.();
    this.#channel.onmessage = ({ data }) => {
      if (data.key !== this.#key) return;
      // Of two that ask at once, the one with the higher number gives way.
      if (data.ask === undefined || (this.#taken && data.ask < this.#nonce)) this.#taken?.();
      else this.#channel.postMessage({ key: this.#key });
    };
  }

  /**
   * Whether a key is alive elsewhere.
   * @param {string} key
   * @param {boolean} released whether the last page that had it said goodbye
   * @returns {Promise<boolean>}
   */
  async has(key, released) {
    this.#key = key;
    const taken = await new Promise((resolve) => {
      this.#taken = () => resolve(true);
      setTimeout(resolve, released ? ASK_RELEASED_MS : ASK_MS, false);
      this.#channel.postMessage({ key, ask: this.#nonce });
    });
    this.#taken = null;
    return taken;
  }

  /** From now on others hear that this key is alive. @param {string} key */
  hold(key) {
    this.#key = key;
  }

  close() {
    this.#channel.close();
  }
}
