/** Which topic and room a token lets this page use. Pure. */

/** @typedef {{ room?: string, publish?: string[], subscribe?: string[] }} Claims what a token says of itself */

/**
 * A topic to publish to and to read: the token's own, or one of the page's below what it allows.
 *
 * @param {Claims} claims
 * @param {string} name of a segment that nobody else uses
 * @returns {string | null} null when there is none
 */
export function topicOf({ publish = [], subscribe = [] }, name) {
  const topics = publish.map((pattern) => pattern.replace(/(^|\.)[>*]$/, `$1${name}`));
  return (
    topics.find((topic) => !/[>*]/.test(topic) && subscribe.some((it) => allows(it, topic))) ?? null
  );
}

/**
 * @param {string} pattern
 * @param {string} topic
 */
function allows(pattern, topic) {
  const wanted = pattern.split('.');
  const given = topic.split('.');
  return (
    (wanted.at(-1) === '>' ? given.length >= wanted.length : given.length === wanted.length) &&
    wanted.every((segment, i) => segment === '>' || segment === '*' || segment === given[i])
  );
}

/**
 * A room that the token lets into.
 *
 * @param {Claims} claims
 * @param {string} name of one that nobody else uses
 * @returns {string | null} null when it lets into none
 */
export function roomOf({ room }, name) {
  return room === '*' ? name : (room ?? null);
}
