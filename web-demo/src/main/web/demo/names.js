/** Names that people can read to each other: for rooms, and for themselves until they choose. */

const ADJECTIVES = (
  'amber ample autumn balmy blithe bold brave breezy bright brisk calm candid cedar clear clever coral cosy ' +
  'crisp dapper deft eager early easy fair fleet fond frank fresh gentle glad golden happy hazel honest humble ' +
  'ivory jolly keen kind lively lucid lunar mellow merry misty modest nimble noble olive opal patient placid ' +
  'plucky polite quick quiet rapid rosy rustic sage serene silver sleek smooth snowy solar spry steady still ' +
  'sunny swift tidy tranquil trusty velvet vivid warm wise witty'
).split(' ');
const ANIMALS = (
  'alpaca badger beaver bison bittern bobcat bunting buzzard caribou chamois cheetah cicada cormorant crane ' +
  'curlew deer dipper dolphin dormouse dunlin eagle egret eider ermine falcon ferret finch firefly fox gannet ' +
  'gazelle gecko gibbon goshawk grebe hare harrier heron hoopoe ibex ibis jackdaw kestrel kingfisher koala lark ' +
  'lemur linnet lynx magpie marten merlin mole moose narwhal newt ocelot oriole osprey otter owl panda pelican ' +
  'petrel pika plover puffin quail raven redstart robin seal skylark sparrow starling stork swallow swan tapir ' +
  'teal tern thrush toucan turtle viper vole wagtail walrus weasel wombat wren yak'
).split(' ');
/** Letters and digits that are not mistaken for each other. */
const CLEAR = 'abcdefghjkmnpqrstuvwxyz23456789';
/** With the two words, 2^42 rooms: not to be met by chance. */
const SUFFIX_LETTERS = 6;

/** @typedef {(below: number) => number} Random a whole number from 0 up to, but not, `below` */

/**
 * A room's name, such as `quiet-heron-7k3f2x`.
 *
 * @param {Random} [random]
 * @returns {string}
 */
export function randomRoom(random = strongRandom) {
  let suffix = '';
  for (let i = 0; i < SUFFIX_LETTERS; i++) suffix += CLEAR.charAt(random(CLEAR.length));
  return `${pick(ADJECTIVES, random)}-${pick(ANIMALS, random)}-${suffix}`;
}

/**
 * A person's name until they choose one, such as `Quiet Heron`.
 *
 * @param {Random} [random]
 * @returns {string}
 */
export function randomName(random = strongRandom) {
  return `${capital(pick(ADJECTIVES, random))} ${capital(pick(ANIMALS, random))}`;
}

/**
 * One or two letters that stand for a name in a small circle.
 *
 * @param {string} name
 * @returns {string}
 */
export function initials(name) {
  const words = name.split(/[\s_-]+/).filter(Boolean);
  const letters = words.slice(0, 2).map((word) => [...word][0] ?? '');
  return letters.join('').toLocaleUpperCase() || '?';
}

/** @type {Random} */
function strongRandom(below) {
  // No secure context needed, unlike crypto.subtle. The bias of the remainder is below 2^-24.
  const [word] = crypto.getRandomValues(new Uint32Array(1));
  return /** @type {number} */ (word) % below;
}

/**
 * @param {string[]} words
 * @param {Random} random
 */
function pick(words, random) {
  return /** @type {string} */ (words[random(words.length)]);
}

/** @param {string} word */
function capital(word) {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
