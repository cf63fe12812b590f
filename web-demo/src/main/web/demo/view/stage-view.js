import { initials } from '../names.js';
import { pathKey, pathWords } from '../paths.js';
import { counted, span } from '../words.js';
import { byId, dress, html, say, svg } from './dom.js';

/** @typedef {import('../companion.js').Companion} Companion */

/** So many have a line of their own across the stage; more become a list. */
const MAX_LINES = 6;
/** So many are listed. */
const MAX_LISTED = 60;
const HUES = 8;

/** Who is here, and the line to each. */
export class StageView {
  #stage = byId('stage', HTMLElement);
  #list = byId('peers', HTMLUListElement);
  #lines = byId('lines', SVGSVGElement);
  #myFace = byId('my-face', HTMLElement);
  #myName = byId('my-name', HTMLElement);
  #cutMark = byId('cut-mark', HTMLElement);
  #why = byId('why', HTMLElement);
  #whyWord = html('span', { class: 'path-word' });
  #whyText = html('span', { class: 'quiet' });
  /** @type {Map<string, Row>} */
  #rows = new Map();
  #more = html('li', { class: 'more' });
  #summary = html('li', { class: 'summary' });
  #pick;

  /** @param {(companion: Companion) => void} pick called when somebody is chosen to be measured */
  constructor(pick) {
    this.#pick = pick;
    this.#why.replaceChildren(this.#whyWord, ' ', this.#whyText);
    new ResizeObserver(() => this.#draw()).observe(this.#stage);
  }

  /**
   * @param {{ name: string, id: string, blocked: string[] }} me
   * @param {Companion[]} companions
   * @param {Companion | null} watched
   */
  show(me, companions, watched) {
    say(this.#myName, me.name);
    say(this.#myFace, initials(me.name));
    dress(this.#myFace, { 'data-hue': hue(me.id) });
    const cut = me.blocked.length > 0;
    this.#cutMark.hidden = !cut;
    if (cut)
      say(this.#cutMark, `blocked here: ${me.blocked.map((k) => pathWords(k).word).join(', ')}`);
    dress(this.#stage, { 'data-cut': cut });
    const crowd = companions.length > MAX_LINES;
    dress(this.#stage, {
      'data-size':
        companions.length === 0
          ? 'alone'
          : companions.length === 1
            ? 'pair'
            : crowd
              ? 'crowd'
              : 'few',
    });
    this.#arrange(companions.slice(0, MAX_LISTED));
    for (const companion of companions.slice(0, MAX_LISTED)) {
      this.#rows.get(companion.id)?.show(companion, companion === watched);
    }
    if (crowd) say(this.#summary, summary(companions));
    if (companions.length > MAX_LISTED)
      say(this.#more, `and ${companions.length - MAX_LISTED} more`);
    this.#draw();
  }

  /**
   * What the path to one of them is, and why it is no better.
   *
   * @param {Companion | null} companion
   * @param {string} text
   */
  why(companion, text) {
    this.#why.hidden = text === '';
    if (!companion) return;
    dress(this.#whyWord, { 'data-path': pathKey(companion.kind) });
    say(this.#whyWord, `${companion.name}: ${pathWords(companion.kind).word}.`);
    say(this.#whyText, text);
  }

  /** @param {Companion[]} listed */
  #arrange(listed) {
    const ids = new Set(listed.map(({ id }) => id));
    for (const id of this.#rows.keys()) if (!ids.has(id)) this.#rows.delete(id);
    for (const companion of listed) {
      if (!this.#rows.has(companion.id))
        this.#rows.set(companion.id, new Row(companion, this.#pick));
    }
    const wanted = listed.map(({ id }) => /** @type {Row} */ (this.#rows.get(id)).element);
    if (listed.length > MAX_LINES) wanted.unshift(this.#summary);
    if (listed.length === MAX_LISTED) wanted.push(this.#more);
    const present = [...this.#list.children];
    const same =
      present.length === wanted.length && wanted.every((element, i) => element === present[i]);
    if (!same) this.#list.replaceChildren(...wanted);
  }

  /** The lines follow the elements that they join. */
  #draw() {
    const space = this.#stage.getBoundingClientRect();
    const rows = this.#rows.size <= MAX_LINES ? [...this.#rows.values()] : [];
    dress(this.#lines, { viewBox: `0 0 ${Math.round(space.width)} ${Math.round(space.height)}` });
    const mine = this.#myFace.getBoundingClientRect();
    const from = { x: mine.right - space.left, y: (mine.top + mine.bottom) / 2 - space.top };
    const strokes = rows.flatMap((row) => {
      const face = row.face.getBoundingClientRect();
      const d = curve(from, {
        x: face.left - space.left,
        y: (face.top + face.bottom) / 2 - space.top,
      });
      return row.strokes(d);
    });
    const same =
      strokes.length === this.#lines.children.length &&
      strokes.every((s, i) => s === this.#lines.children[i]);
    if (!same) this.#lines.replaceChildren(...strokes);
  }
}

/** One companion's entry and line. */
class Row {
  #word = html('span', { class: 'path-word' });
  #rtt = html('span', { class: 'rtt' });
  #name = html('bdi');
  #state = html('span', { class: 'quiet' });
  #button;
  #line = svg('path', { class: 'line' });
  #flow = svg('path', { class: 'flow' });
  #received = 0;
  /** @type {Companion} */
  #companion;

  /**
   * @param {Companion} companion
   * @param {(companion: Companion) => void} pick
   */
  constructor(companion, pick) {
    this.#companion = companion;
    this.face = html('span', {
      class: 'face',
      'data-hue': hue(companion.id),
      'aria-hidden': 'true',
    });
    this.#button = html(
      'button',
      { type: 'button', class: 'pick' },
      this.face,
      html('span', { class: 'who' }, this.#name, this.#state),
    );
    const label = html('span', { class: 'label' }, this.#word, this.#rtt);
    const rung = html('span', { class: 'rung' }, label);
    this.element = html('li', { class: 'peer' }, rung, this.#button);
    this.#button.addEventListener('click', () => pick(this.#companion));
  }

  /**
   * @param {Companion} companion
   * @param {boolean} watched
   */
  show(companion, watched) {
    this.#companion = companion;
    const { state } = companion.peer;
    const words = pathWords(companion.kind);
    const key = state === 'here' ? pathKey(companion.kind) : 'none';
    dress(this.element, { 'data-path': key, 'data-state': state });
    say(this.#word, state === 'here' ? words.word : 'away');
    dress(this.#word, { title: words.says });
    say(this.#rtt, state === 'here' && companion.rttMs > 0 ? span(companion.rttMs) : '');
    say(this.#name, companion.name);
    say(this.face, initials(companion.name));
    const { received, sent } = companion.tally.counts();
    const busy = received + sent !== this.#received && state === 'here';
    this.#received = received + sent;
    say(this.#state, state === 'here' ? '' : 'expected back');
    dress(this.#button, {
      'aria-pressed': String(watched),
      title: `Measure the round trip with ${companion.name}`,
    });
    for (const stroke of [this.#line, this.#flow]) dress(stroke, { 'data-path': key });
    dress(this.#line, { class: busy ? 'line busy' : 'line' });
    dress(this.#flow, { class: busy ? 'flow busy' : 'flow' });
  }

  /** @param {string} d */
  strokes(d) {
    dress(this.#line, { d });
    dress(this.#flow, { d });
    return [this.#line, this.#flow];
  }
}

/**
 * From me to the height of the other early on, so that the words stand on a level piece.
 *
 * @param {{ x: number, y: number }} from
 * @param {{ x: number, y: number }} to
 */
function curve(from, to) {
  const width = to.x - from.x;
  const level = from.x + width * 0.36;
  const bend = from.x + width * 0.18;
  const [x1, y1, x2, y2] = [from.x, from.y, to.x, to.y].map((value) => Math.round(value * 2) / 2);
  return `M${x1} ${y1}C${bend.toFixed(1)} ${y1} ${bend.toFixed(1)} ${y2} ${level.toFixed(1)} ${y2}H${x2}`;
}

/** @param {Companion[]} companions */
function summary(companions) {
  /** @type {Map<string, number>} */
  const kinds = new Map();
  for (const { kind } of companions) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const parts = [...kinds].map(([kind, count]) => `${count} ${pathWords(kind).word}`);
  return `${counted(companions.length, 'other', 'others')}: ${parts.join(', ')}`;
}

/** @param {string} id */
function hue(id) {
  let sum = 0;
  for (let i = 0; i < id.length; i++) sum = (sum * 31 + id.charCodeAt(i)) >>> 0;
  return sum % HUES;
}
