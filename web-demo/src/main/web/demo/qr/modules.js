/** Where the modules of a QR code go: function patterns, codewords, masks (ISO/IEC 18004 §6.3, §7.7 to §7.10). */

/** @typedef {import('./qr.js').Symbol} Symbol */

/** §7.9.1: BCH (15,5), and what it is masked with. */
const FORMAT_POLYNOMIAL = 0x537;
const FORMAT_MASK = 0x5412;
/** §7.10: BCH (18,6). */
const VERSION_POLYNOMIAL = 0x1f25;
/** Level M, as format information says it. */
const LEVEL_M = 0b00;

/**
 * @param {number} version
 * @returns {Symbol} with all function patterns; the format information is only reserved
 */
export function drawFunctionPatterns(version) {
  const side = version * 4 + 17;
  const symbol = { side, dark: new Uint8Array(side * side), fixed: new Uint8Array(side * side) };
  for (let i = 0; i < side; i++) {
    set(symbol, 6, i, i % 2 === 0);
    set(symbol, i, 6, i % 2 === 0);
  }
  drawFinder(symbol, 3, 3);
  drawFinder(symbol, side - 4, 3);
  drawFinder(symbol, 3, side - 4);
  const centres = alignmentCentres(version);
  const last = centres.length - 1;
  centres.forEach((y, row) => {
    centres.forEach((x, column) => {
      const onFinder =
        (row === 0 && (column === 0 || column === last)) || (row === last && column === 0);
      if (!onFinder) drawAlignment(symbol, x, y);
    });
  });
  drawFormat(symbol, 0);
  if (version >= 7) drawVersion(symbol, version);
  return symbol;
}

/**
 * Annex E: the centres of the alignment patterns, in both directions.
 *
 * @param {number} version
 * @returns {number[]}
 */
export function alignmentCentres(version) {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const side = version * 4 + 17;
  // Version 32 alone does not follow the rule.
  const step = version === 32 ? 26 : Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2;
  const centres = [];
  for (let i = 0; i < count - 1; i++) centres.unshift(side - 7 - i * step);
  return [6, ...centres];
}

/**
 * Level M with that mask, as the 15 bits that stand in the symbol (§7.9).
 *
 * @param {number} mask
 * @returns {number}
 */
export function formatBits(mask) {
  const data = (LEVEL_M << 3) | mask;
  return ((data << 10) | bchRemainder(data << 10, FORMAT_POLYNOMIAL, 11)) ^ FORMAT_MASK;
}

/**
 * The 18 bits of the version information (§7.10).
 *
 * @param {number} version
 * @returns {number}
 */
export function versionBits(version) {
  return (version << 12) | bchRemainder(version << 12, VERSION_POLYNOMIAL, 13);
}

/**
 * Both copies of the format information, and the one dark module.
 *
 * @param {Symbol} symbol
 * @param {number} mask
 */
export function drawFormat(symbol, mask) {
  const bits = formatBits(mask);
  const { side } = symbol;
  for (let i = 0; i < 15; i++) {
    const dark = ((bits >> i) & 1) === 1;
    if (i < 6) set(symbol, 8, i, dark);
    else if (i < 8) set(symbol, 8, i + 1, dark);
    else if (i === 8) set(symbol, 7, 8, dark);
    else set(symbol, 14 - i, 8, dark);
    if (i < 8) set(symbol, side - 1 - i, 8, dark);
    else set(symbol, 8, side - 15 + i, dark);
  }
  set(symbol, 8, side - 8, true);
}

/**
 * §7.7.3: in columns of two from the right, upwards and downwards by turns, around what is fixed.
 *
 * @param {Symbol} symbol
 * @param {Uint8Array} codewords
 */
export function placeCodewords(symbol, codewords) {
  const { side, dark, fixed } = symbol;
  let bit = 0;
  for (let right = side - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5; // the timing pattern's column
    for (let vertical = 0; vertical < side; vertical++) {
      const upwards = ((right + 1) & 2) === 0;
      const y = upwards ? side - 1 - vertical : vertical;
      for (const x of [right, right - 1]) {
        const i = y * side + x;
        if (fixed[i]) continue;
        dark[i] = ((codewords[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1;
        bit++;
      }
    }
  }
}

/**
 * §7.8.2
 *
 * @param {number} mask
 * @param {number} x
 * @param {number} y
 * @returns {boolean} whether that module is turned over
 */
export function isMasked(mask, x, y) {
  switch (mask) {
    case 0:
      return (x + y) % 2 === 0;
    case 1:
      return y % 2 === 0;
    case 2:
      return x % 3 === 0;
    case 3:
      return (x + y) % 3 === 0;
    case 4:
      return (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0;
    case 5:
      return ((x * y) % 2) + ((x * y) % 3) === 0;
    case 6:
      return (((x * y) % 2) + ((x * y) % 3)) % 2 === 0;
    case 7:
      return (((x + y) % 2) + ((x * y) % 3)) % 2 === 0;
    default:
      throw new RangeError(`mask must be from 0 to 7, but is ${mask}`);
  }
}

/**
 * @param {Symbol} symbol
 * @param {number} version
 */
function drawVersion(symbol, version) {
  const bits = versionBits(version);
  for (let i = 0; i < 18; i++) {
    const dark = ((bits >> i) & 1) === 1;
    const far = symbol.side - 11 + (i % 3);
    const near = Math.floor(i / 3);
    set(symbol, far, near, dark);
    set(symbol, near, far, dark);
  }
}

/**
 * With its separator.
 *
 * @param {Symbol} symbol
 * @param {number} x
 * @param {number} y
 */
function drawFinder(symbol, x, y) {
  for (let dy = -4; dy <= 4; dy++) {
    for (let dx = -4; dx <= 4; dx++) {
      const distance = Math.max(Math.abs(dx), Math.abs(dy));
      const inside = x + dx >= 0 && x + dx < symbol.side && y + dy >= 0 && y + dy < symbol.side;
      if (inside) set(symbol, x + dx, y + dy, distance !== 2 && distance !== 4);
    }
  }
}

/**
 * @param {Symbol} symbol
 * @param {number} x
 * @param {number} y
 */
function drawAlignment(symbol, x, y) {
  for (let dy = -2; dy <= 2; dy++) {
    for (let dx = -2; dx <= 2; dx++)
      set(symbol, x + dx, y + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1);
  }
}

/**
 * @param {Symbol} symbol
 * @param {number} x
 * @param {number} y
 * @param {boolean} dark
 */
function set(symbol, x, y, dark) {
  const i = y * symbol.side + x;
  symbol.dark[i] = dark ? 1 : 0;
  symbol.fixed[i] = 1;
}

/**
 * @param {number} value
 * @param {number} polynomial
 * @param {number} length of the polynomial, in bits
 */
function bchRemainder(value, polynomial, length) {
  let rest = value;
  for (let bit = 31 - Math.clz32(rest); bit >= length - 1 && rest; bit = 31 - Math.clz32(rest)) {
    rest ^= polynomial << (bit - length + 1);
  }
  return rest;
}
