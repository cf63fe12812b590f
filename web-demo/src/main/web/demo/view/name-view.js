import { cleanName } from '../text.js';
import { byId } from './dom.js';

/** My name: there is one from the start, and it can be another. */
export class NameView {
  #form = byId('name-form', HTMLFormElement);
  #input = byId('name', HTMLInputElement);
  #name = '';

  /** @param {(name: string) => void} rename */
  constructor(rename) {
    const take = () => {
      const name = cleanName(this.#input.value);
      if (name && name !== this.#name) rename(name);
      this.#input.value = name || this.#name;
      this.#name = name || this.#name;
    };
    this.#input.addEventListener('change', take);
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#input.blur();
    });
  }

  /**
   * @param {string} name
   * @param {boolean} fixed given by an invite: not to be changed here
   */
  show(name, fixed) {
    this.#name = name;
    this.#input.value = name;
    this.#input.readOnly = fixed;
  }
}
