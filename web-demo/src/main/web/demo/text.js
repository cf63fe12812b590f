/**
 * What others wrote, made fit to be shown: as text only, without characters that reorder, hide or break the
 * page around them, and never longer than there is room for.
 */

/** Longest name shown, in Unicode code points. */
export const MAX_NAME = 32;
/** Longest chat text, in Unicode code points. */
export const MAX_TEXT = 2000;
/** Most lines of one chat text. */
export const MAX_LINES = 20;
/** More marks than this on one letter are not language, but noise that climbs over its neighbours. */
const MAX_MARKS = 4;

// Controls but for tab and newline; bidi controls (UAX #9); invisible operators and fillers; the line and
// paragraph separators; private halves and interlinear annotation; tags; the byte order mark. ZWJ and ZWNJ
// stay: emoji and Persian need them.
const UNFIT =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\uffff\u{e0000}-\u{e0fff}]|\u034f|\u17b4|\u17b5/gu;
const TOO_MANY_MARKS = new RegExp(`(\\p{M}{${MAX_MARKS}})\\p{M}+`, 'gu');
const JOINER_RUNS = /[\u200c\u200d]{2,}|^[\u200c\u200d]+|[\u200c\u200d]+$/g;

/**
 * A name, on one line: at most {@link MAX_NAME} code points, possibly empty.
 *
 * @param {unknown} value what came in; anything but a string is no name
 * @returns {string}
 */
export function cleanName(value) {
  return first(
    fit(value, MAX_NAME * 16)
      .replace(/\s+/g, ' ')
      .trim(),
    MAX_NAME,
  ).trim();
}

/**
 * A chat text: at most {@link MAX_TEXT} code points on {@link MAX_LINES} lines, possibly empty.
 *
 * @param {unknown} value what came in; anything but a string is no text
 * @returns {string}
 */
export function cleanText(value) {
  const lines = fit(value, MAX_TEXT * 4)
    .replace(/\t/g, ' ')
    .trim()
    .split('\n', MAX_LINES);
  return first(lines.join('\n'), MAX_TEXT).trim();
}

/**
 * @param {unknown} value
 * @param {number} maxUnits what is looked at, in UTF-16 units: a bound on the work
 */
function fit(value, maxUnits) {
  if (typeof value !== 'string') return '';
  return value
    .slice(0, maxUnits)
    .replace(/\r\n?/g, '\n')
    .replace(/\p{Cs}/gu, '')
    .normalize('NFC')
    .replace(UNFIT, '')
    .replace(TOO_MANY_MARKS, '$1')
    .replace(JOINER_RUNS, '');
}

/**
 * @param {string} text
 * @param {number} maxCodePoints
 */
function first(text, maxCodePoints) {
  if (text.length <= maxCodePoints) return text;
  return [...text].slice(0, maxCodePoints).join('');
}
