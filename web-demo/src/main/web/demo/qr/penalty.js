/** How badly a QR code reads (ISO/IEC 18004 §7.8.3): of eight masks, the one with the lowest penalty is used. */

/** @typedef {import('./qr.js').Symbol} Symbol */

const RUN_OF_FIVE = 3;
const BLOCK = 3;
const FINDER_LIKE = 40;
const IMBALANCE = 10;
/** Dark, light, three dark, light, dark with four light ones before or after. */
const FINDER_PATTERNS = [0b10111010000, 0b00001011101];

/**
 * @param {Symbol} symbol
 * @returns {number}
 */
export function penalty(symbol) {
  const { side, dark } = symbol;
  let total = blocks(symbol) + imbalance(symbol);
  for (let i = 0; i < side; i++) {
    const row = Array.from({ length: side }, (_, j) => dark[i * side + j] ?? 0);
    const column = Array.from({ length: side }, (_, j) => dark[j * side + i] ?? 0);
    total += runs(row) + runs(column) + finders(row) + finders(column);
  }
  return total;
}

/** @param {number[]} line */
function runs(line) {
  let total = 0;
  let length = 0;
  let before = -1;
  for (const module of [...line, -1]) {
    if (module === before) {
      length++;
      continue;
    }
    if (length >= 5) total += RUN_OF_FIVE + length - 5;
    before = module;
    length = 1;
  }
  return total;
}

/** @param {number[]} line */
function finders(line) {
  let total = 0;
  let bits = 0;
  line.forEach((module, i) => {
    bits = ((bits << 1) | module) & 0x7ff;
    if (i >= 10 && FINDER_PATTERNS.includes(bits)) total += FINDER_LIKE;
  });
  return total;
}

/** @param {Symbol} symbol */
function blocks({ side, dark }) {
  let total = 0;
  for (let y = 0; y < side - 1; y++) {
    for (let x = 0; x < side - 1; x++) {
      const i = y * side + x;
      const module = dark[i];
      if (module === dark[i + 1] && module === dark[i + side] && module === dark[i + side + 1])
        total += BLOCK;
    }
  }
  return total;
}

/** @param {Symbol} symbol */
function imbalance({ dark }) {
  const share = dark.reduce((sum, module) => sum + module, 0) / dark.length;
  return IMBALANCE * Math.floor(Math.abs(share * 100 - 50) / 5);
}
