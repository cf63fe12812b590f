import { byId, dress, say } from './dom.js';

/**
 * @typedef {object} Controls
 * @property {(on: boolean, perSecond: number) => void} stream
 * @property {() => void} cut
 * @property {() => void} heal
 */

/** The knobs: a stream of messages, and faults. */
export class ControlsView {
  #stream = byId('stream', HTMLButtonElement);
  #cut = byId('cut', HTMLButtonElement);
  #heal = byId('heal', HTMLButtonElement);
  #says = byId('fault-says', HTMLElement);
  #unbroken = this.#says.textContent ?? '';
  #on = false;

  /** @param {Controls} controls */
  constructor(controls) {
    this.#stream.addEventListener('click', () => controls.stream(!this.#on, this.#perSecond()));
    for (const radio of rates()) {
      radio.addEventListener('change', () => controls.stream(this.#on, this.#perSecond()));
    }
    // Not `disabled`: that would take the focus away from who has just pressed it.
    press(this.#cut, controls.cut);
    press(this.#heal, controls.heal);
  }

  /** @param {{ streaming: boolean, cut: boolean, alone: boolean }} now */
  show({ streaming, cut, alone }) {
    this.#on = streaming;
    dress(this.#stream, { 'aria-checked': String(streaming), 'data-idle': alone && streaming });
    say(this.#stream, streaming ? 'Streaming' : 'Stream');
    dress(this.#cut, { 'aria-disabled': cut ? 'true' : undefined });
    dress(this.#heal, { 'aria-disabled': cut ? undefined : 'true' });
    const cutNow =
      'The direct path is cut: every packet on it vanishes, both ways. Messages go on by the next path; heal, and they return.';
    say(this.#says, cut ? cutNow : this.#unbroken);
  }

  #perSecond() {
    return Number(rates().find((radio) => radio.checked)?.value ?? 20);
  }
}

function rates() {
  return [...document.querySelectorAll('input[name="rate"]')].map(
    (radio) => /** @type {HTMLInputElement} */ (radio),
  );
}

/**
 * @param {HTMLButtonElement} button
 * @param {() => void} action
 */
function press(button, action) {
  button.addEventListener('click', () => {
    if (button.getAttribute('aria-disabled') !== 'true') action();
  });
}
