import { BLOCKS } from '../blocks.js';
import { pathWords } from '../paths.js';
import { byId, dress, say } from './dom.js';

/**
 * @typedef {import('../blocks.js').Block} Block
 * @typedef {import('../blocks.js').Blocks} Blocks
 *
 * @typedef {object} Controls
 * @property {(on: boolean, perSecond: number) => void} stream
 * @property {(block: Block) => void} block
 * @property {() => void} outage
 */

/** The knobs: a stream of messages, and faults. */
export class ControlsView {
  #stream = byId('stream', HTMLButtonElement);
  #blocks = /** @type {Block[]} */ (Object.keys(BLOCKS)).map((block) => ({
    block,
    button: byId(`block-${block}`, HTMLButtonElement),
  }));
  #outage = byId('block-all', HTMLButtonElement);
  #outageWord = this.#outage.textContent ?? '';
  #says = byId('fault-says', HTMLElement);
  #unbroken = this.#says.textContent ?? '';
  #on = false;

  /** @param {Controls} controls */
  constructor(controls) {
    this.#stream.addEventListener('click', () => controls.stream(!this.#on, this.#perSecond()));
    for (const radio of rates()) {
      radio.addEventListener('change', () => controls.stream(this.#on, this.#perSecond()));
    }
    for (const { block, button } of this.#blocks)
      button.addEventListener('click', () => controls.block(block));
    // Not `disabled` meanwhile: that would take the focus away from who has just pressed it.
    this.#outage.addEventListener('click', controls.outage);
  }

  /** @param {{ streaming: boolean, alone: boolean, blocks: Blocks | null, now: number }} state */
  show({ streaming, alone, blocks, now }) {
    this.#on = streaming;
    dress(this.#stream, { 'aria-checked': String(streaming), 'data-idle': alone && streaming });
    say(this.#stream, streaming ? 'Streaming' : 'Stream');
    if (!blocks) return;
    for (const { block, button } of this.#blocks)
      dress(button, { 'aria-pressed': String(blocks.has(block)) });
    const { outageUntil, kinds } = blocks;
    dress(this.#outage, { 'aria-disabled': outageUntil ? 'true' : undefined });
    const left = Math.max(1, Math.ceil((outageUntil - now) / 1000));
    say(this.#outage, outageUntil ? `Nothing passes for ${left} s` : this.#outageWord);
    say(this.#says, kinds.size === 0 ? this.#unbroken : blockedWords(outageUntil > 0, kinds));
  }

  #perSecond() {
    return Number(rates().find((radio) => radio.checked)?.value ?? 20);
  }
}

/**
 * @param {boolean} outage
 * @param {Iterable<string>} kinds
 */
function blockedWords(outage, kinds) {
  if (outage)
    return 'Nothing passes in or out of this page. What is sent meanwhile waits, and goes out when it is over.';
  const words = new Intl.ListFormat('en').format([...kinds].map((kind) => pathWords(kind).word));
  return `Blocked in this page, both ways: ${words}. Messages go on by the best path that is left. Press again to heal.`;
}

function rates() {
  return [...document.querySelectorAll('input[name="rate"]')].map(
    (radio) => /** @type {HTMLInputElement} */ (radio),
  );
}
