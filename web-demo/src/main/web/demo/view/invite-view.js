import { encode, QUIET_ZONE, toPath } from '../qr/qr.js';
import { byId, dress, say } from './dom.js';

/**
 * @typedef {object} Links
 * @property {string} elsewhere the link for other devices
 * @property {string} here the link for this machine
 * @property {string} caption what there is to know about the link
 */

/** The link to this room: to be copied, scanned, or opened in a second window. */
export class InviteView {
  #invite = byId('invite', HTMLElement);
  #link = byId('link', HTMLInputElement);
  #second = byId('second', HTMLAnchorElement);
  #copied = byId('copied', HTMLElement);

  constructor() {
    byId('copy', HTMLButtonElement).addEventListener('click', () => this.#copy());
    this.#link.addEventListener('focus', () => this.#link.select());
    const toggle = byId('show-qr', HTMLButtonElement);
    toggle.addEventListener('click', () => {
      const open = toggle.getAttribute('aria-expanded') !== 'true';
      dress(toggle, { 'aria-expanded': String(open) });
      dress(this.#invite, { 'data-qr': open });
    });
  }

  /** @param {Links} links */
  show({ elsewhere, here, caption }) {
    this.#link.value = elsewhere;
    this.#second.href = here;
    const symbol = encode(elsewhere);
    const side = symbol.side + 2 * QUIET_ZONE;
    dress(byId('qr', SVGSVGElement), { viewBox: `0 0 ${side} ${side}` });
    dress(byId('qr-path', SVGPathElement), { d: toPath(symbol) });
    say(byId('qr-caption', HTMLElement), caption);
  }

  /** @param {boolean} alone whether the invitation is the main thing now */
  set alone(alone) {
    dress(this.#invite, { 'data-alone': String(alone) });
  }

  async #copy() {
    this.#link.select();
    const done = await copy(this.#link.value);
    say(this.#copied, done ? 'Copied.' : 'Copy the marked link with Ctrl+C or the menu.');
    setTimeout(() => say(this.#copied, ''), 4000);
  }
}

/** @param {string} text what is selected now */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // A plain-http address in the local network is no secure context: there is no clipboard object there.
    return document.execCommand('copy');
  }
}
