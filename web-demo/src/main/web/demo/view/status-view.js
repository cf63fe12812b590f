import { stateWords } from '../words.js';
import { byId, dress, say } from './dom.js';

/** @typedef {import('../room-types.js').RoomState} RoomState */
/** @typedef {import('../words.js').Ending} Ending */

/** The state of the room in words; and what stands in the way, when something does. */
export class StatusView {
  #state = byId('state', HTMLElement);
  #word = byId('state-word', HTMLElement);
  #notice = byId('notice', HTMLElement);
  #gate = byId('gate', HTMLElement);
  #title = byId('gate-title', HTMLElement);
  #action = byId('gate-action', HTMLButtonElement);
  /** @type {Ending['does']} */
  #does = '';

  constructor() {
    this.#action.addEventListener('click', () => {
      if (this.#does === 'reload') location.reload();
      if (this.#does === 'new-room') location.assign('/');
    });
  }

  /** @param {string} room */
  room(room) {
    say(byId('room-name', HTMLElement), room);
    document.title = `${room} · Peerline`;
  }

  /** @param {RoomState} state */
  state(state) {
    dress(this.#state, { 'data-state': state });
    say(this.#word, stateWords(state));
  }

  /** @param {string} text something worth knowing that stops nothing; '' takes it away */
  notice(text) {
    say(this.#notice, text);
    this.#notice.hidden = text === '';
  }

  /**
   * Nothing goes on until this is dealt with.
   *
   * @param {Ending} ending
   */
  end({ title, says, action, does, command = '' }) {
    this.notice('');
    say(this.#title, title);
    say(byId('gate-says', HTMLElement), says);
    byId('gate-own', HTMLElement).hidden = command === '';
    say(byId('gate-command', HTMLElement), command);
    this.#does = does;
    this.#action.hidden = !does;
    say(this.#action, action);
    this.#gate.hidden = false;
    document.body.classList.add('ended');
    this.#title.focus();
  }
}
