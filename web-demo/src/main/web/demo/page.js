import { Conversation } from './conversation.js';
import { keepName } from './place.js';
import { report } from './report.js';
import { Announcer } from './view/announcer.js';
import { ChatView } from './view/chat-view.js';
import { ControlsView } from './view/controls-view.js';
import { CountersView } from './view/counters-view.js';
import { byId, say } from './view/dom.js';
import { InviteView } from './view/invite-view.js';
import { drawLegend } from './view/legend-view.js';
import { MovesView, moveWords } from './view/moves-view.js';
import { NameView } from './view/name-view.js';
import { PlotView } from './view/plot-view.js';
import { StageView } from './view/stage-view.js';
import { StatusView } from './view/status-view.js';
import { Why } from './why.js';
import { counted, ending, recoveringWords, span, stateWords } from './words.js';

/**
 * @typedef {import('./room-types.js').Room} Room
 * @typedef {import('./blocks.js').Blocks} Blocks
 * @typedef {{ since: number, lost: number }} Outage `lost`: messages that had been lost before
 */

/** The page is drawn anew this often, in ms. */
const DRAW_MS = 200;
/** What waited for the server is with the others this long after it is back, in ms. */
const SETTLING_MS = 1500;

/** @type {Record<string, string>} */
const PRESENCE = {
  joined: 'came in',
  left: 'left',
  away: 'out of reach for the moment',
  back: 'back again',
};

/** The page around a conversation: hands what happens to the views, and what people do to the conversation. */
export class Page {
  #storage;
  #room = '';
  #openDemo = false;
  #namesFromServer = false;
  /** @type {Conversation | null} */
  #conversation = null;
  /** @type {Blocks | null} */
  #blocks = null;
  #why = new Why();
  /** @type {Worker | null} */
  #beat = null;
  /** While the server is out of reach. @type {Outage | null} */
  #outage = null;
  #announcer = new Announcer();
  #invite = new InviteView();
  #status = new StatusView();
  #counters = new CountersView();
  #plot = new PlotView();
  #moves = new MovesView();
  #name = new NameView((name) => this.#rename(name));
  #chat = new ChatView((text) => this.#conversation?.chat(text));
  #stage = new StageView((companion) => this.#conversation?.watch(companion));
  #controls = new ControlsView({
    stream: (on, perSecond) => this.#stream(on, perSecond),
    block: (block) => this.#blocks?.toggle(block),
    outage: () => this.#blocks?.outage(),
  });

  /** @param {Storage | null} storage of this tab */
  constructor(storage) {
    this.#storage = storage;
    drawLegend();
    this.#stage.show({ name: '', id: '', blocked: [] }, [], null);
  }

  /**
   * Before there is a room: who I am and where.
   *
   * @param {{ room: string, name: string, nameFixed: boolean }} me
   */
  introduce({ room, name, nameFixed }) {
    this.#room = room;
    this.#status.room(room);
    this.#name.show(name, nameFixed);
    this.#stage.show({ name, id: '', blocked: [] }, [], null);
    this.#invite.alone = true;
  }

  /** @param {import('./server-config.js').ServerConfig} config */
  configure({ version, openDemo, tokens }) {
    this.#openDemo = openDemo;
    this.#namesFromServer = tokens && !openDemo;
    if (version) say(byId('server-name', HTMLElement), `Peerline ${version}`);
  }

  /** @param {import('./view/invite-view.js').Links} links */
  links(links) {
    this.#invite.show(links);
  }

  /** @param {import('./room-types.js').Reason | null} reason */
  end(reason) {
    this.#status.state('closed');
    const words = ending(reason, this.#openDemo);
    const command = `./peerline token --room ${this.#room} --name Ada --invite ${location.origin}`;
    this.#status.end(reason?.code === 'UNAUTHORIZED' ? { ...words, command } : words);
  }

  /**
   * @param {Conversation} conversation
   * @param {Blocks} blocks
   */
  follow(conversation, blocks) {
    this.#conversation = conversation;
    this.#blocks = blocks;
    conversation.addEventListener('line', (event) => this.#chat.add(detail(event)));
    conversation.addEventListener('fate', (event) => this.#chat.fate(detail(event)));
    conversation.addEventListener('state', () => this.#stateChanged(conversation));
    conversation.addEventListener('who', (event) => this.#presence(detail(event)));
    conversation.addEventListener('move', (event) => {
      const { companion, move } = detail(event);
      this.#moves.add(companion, move);
      this.#announcer.say(moveWords(companion.name, move));
    });
    this.#stateChanged(conversation);
    setInterval(() => this.#draw(conversation), DRAW_MS);
    this.#draw(conversation);
  }

  /** @param {Conversation} conversation */
  report(conversation) {
    const { length } = this.#chat;
    return report(conversation, {
      blocked: this.#blocked,
      chatLines: length,
      now: performance.now(),
    });
  }

  /** The server does not block what this page does. @param {string} problem */
  blockedHereAlone(problem) {
    this.#chat.add(note(`The server does not take part in this: ${problem}.`));
  }

  get #blocked() {
    return [...(this.#blocks?.kinds ?? [])];
  }

  /** @param {Conversation} conversation */
  #draw(conversation) {
    const now = performance.now();
    conversation.advance(now);
    const companions = [...conversation.companions.values()];
    const alone = companions.length === 0;
    const { watched } = conversation;
    const blocked = this.#blocked;
    this.#stage.show(
      { name: conversation.name, id: conversation.room.me.id, blocked },
      companions,
      watched,
    );
    const here = { blocked: blocked.includes('direct'), now };
    this.#stage.why(watched, this.#why.words(watched, here));
    this.#invite.alone = alone;
    this.#counters.totals(conversation.totals());
    this.#counters.peers(companions, now);
    this.#controls.show({ streaming: conversation.stream.on, alone, blocks: this.#blocks, now });
    if (!document.hidden) this.#plot.show(watched, now);
  }

  /** @param {Conversation} conversation */
  #stateChanged(conversation) {
    const { room } = conversation;
    this.#status.state(room.state);
    if (room.state === 'closed') this.end(room.reason);
    else this.#announcer.say(`Room ${stateWords(room.state)}.`);
    this.#status.notice(room.state === 'recovering' ? recoveringWords(room.reason) : '');
    if (room.state === 'recovering') this.#outage ??= outage(conversation);
    if (room.state === 'open' && this.#outage) this.#recovered(conversation, this.#outage);
  }

  /**
   * Says what an outage has cost, once what waited for its end has been sent.
   *
   * @param {Conversation} conversation
   * @param {Outage} outage
   */
  #recovered(conversation, { since, lost }) {
    this.#outage = null;
    const away = span(performance.now() - since);
    setTimeout(() => {
      const more = conversation.totals().lost - lost;
      const cost =
        more > 0 ? `${counted(more, 'message was', 'messages were')} lost` : 'nothing was lost';
      const text = `The server was out of reach for ${away}; ${cost}.`;
      this.#chat.add(note(text));
    }, SETTLING_MS);
  }

  /** @param {{ kind: string, companion: import('./companion.js').Companion }} change */
  #presence({ kind, companion: { name } }) {
    this.#chat.note(name, PRESENCE[kind] ?? kind);
  }

  /** @param {string} name */
  #rename(name) {
    keepName(this.#storage, name);
    // Where invites are needed, a name is what the server says: it is told by joining anew.
    if (this.#namesFromServer) location.reload();
    else this.#conversation?.rename(name);
  }

  /**
   * @param {boolean} on
   * @param {number} perSecond
   */
  #stream(on, perSecond) {
    const conversation = this.#conversation;
    if (!conversation) return;
    conversation.stream.perSecond = perSecond;
    if (on && !conversation.stream.on) {
      this.#beat = new Worker(new URL('./beat.js', import.meta.url));
      this.#beat.onmessage = () => conversation.advance(performance.now());
      conversation.stream.start(performance.now());
    } else if (!on) {
      this.#beat?.terminate();
      this.#beat = null;
      conversation.stream.stop();
    }
    this.#draw(conversation);
  }
}

/** @param {string} text @returns {import('./conversation.js').Line} */
function note(text) {
  return { whose: 'note', name: '', text, time: new Date(), fate: '', path: '' };
}

/** @param {Event} event */
function detail(event) {
  return /** @type {CustomEvent} */ (event).detail;
}

/**
 * @param {Conversation} conversation
 * @returns {Outage}
 */
function outage(conversation) {
  return { since: performance.now(), lost: conversation.totals().lost };
}
