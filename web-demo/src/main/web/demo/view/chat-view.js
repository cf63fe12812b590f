import { pathWords } from '../paths.js';
import { byId, html, say } from './dom.js';

/** @typedef {import('../conversation.js').Line} Line */

/** Older lines go. */
const MAX_LINES = 200;
/** Of those named in one note. */
const MAX_NAMES = 100;
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

/** The chat: what was said, and what became of what I said. */
export class ChatView {
  #list = byId('chat', HTMLOListElement);
  #form = byId('write', HTMLFormElement);
  #input = byId('text', HTMLInputElement);
  /** @type {Map<Line, HTMLElement>} */
  #fates = new Map();
  /** The last line, when it says who came or went. @type {{ what: string, names: string[], item: Element } | null} */
  #note = null;

  /** @param {(text: string) => void} send */
  constructor(send) {
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (this.#input.value.trim()) send(this.#input.value);
      this.#input.value = '';
      this.#input.focus();
    });
  }

  /** How many lines are shown. */
  get length() {
    return this.#list.childElementCount;
  }

  /** @param {Line} line */
  add(line) {
    const atEnd = this.#list.scrollHeight - this.#list.scrollTop - this.#list.clientHeight < 40;
    const fate = html('span', { class: 'fate' });
    const meta = html(
      'span',
      { class: 'meta' },
      html('time', { datetime: line.time.toISOString() }, CLOCK.format(line.time)),
      fate,
    );
    const name = html('bdi', { class: 'name' }, line.whose === 'mine' ? 'You' : line.name);
    const text = html('span', { class: 'text', dir: 'auto' }, line.text);
    const item = html(
      'li',
      { class: line.whose },
      ...(line.whose === 'note' ? [text, meta] : [name, text, meta]),
    );
    this.#fates.set(line, fate);
    this.fate(line);
    this.#list.append(item);
    while (this.#list.childElementCount > MAX_LINES) this.#list.firstElementChild?.remove();
    this.#note = null;
    for (const [oldest] of this.#fates) {
      if (this.#fates.size <= MAX_LINES) break;
      this.#fates.delete(oldest);
    }
    if (atEnd || line.whose === 'mine') this.#list.scrollTop = this.#list.scrollHeight;
  }

  /**
   * Somebody came or went. Several in a row share a line.
   *
   * @param {string} name
   * @param {string} what they did, e.g. `came in`
   */
  note(name, what) {
    const names = this.#note?.what === what ? [...this.#note.names, name] : [name];
    if (this.#note?.what === what) this.#note.item.remove();
    this.add({
      whose: 'note',
      name: '',
      text: `${list(names)} ${what}`,
      time: new Date(),
      fate: '',
      path: '',
    });
    const item = this.#list.lastElementChild;
    if (item) this.#note = { what, names: names.slice(-MAX_NAMES), item };
  }

  /** @param {Line} line whose fate is known now */
  fate(line) {
    const element = this.#fates.get(line);
    if (element) say(element, fateWords(line));
  }
}

/** @param {Line} line */
function fateWords({ whose, fate, path }) {
  if (whose === 'theirs') return pathWords(path).word;
  switch (fate) {
    case 'sending':
      return 'sending…';
    case 'delivered':
      return `delivered, ${pathWords(path).word}`;
    case 'alone':
      return 'nobody was here';
    case 'missed':
      return 'not delivered to everyone';
    default:
      return '';
  }
}

/** @param {string[]} names */
function list(names) {
  const [first, second] = names;
  if (names.length < 3) return [first, second].filter(Boolean).join(' and ');
  return `${first}, ${second} and ${names.length - 2} more`;
}
