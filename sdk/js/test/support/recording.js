import { writeFileSync } from 'node:fs';

/** Whether vectors are to be written anew, to be read before they are committed. */
export const record = process.env.PEERLINE_RECORD === '1';

/**
 * Scenarios of many small steps, one step a line.
 * @param {URL} file @param {string[]} about @param {any[]} scenarios
 */
export function write(file, about, scenarios) {
  const lines = scenarios.map(({ steps, ...rest }) => {
    const head = JSON.stringify(rest).slice(0, -1);
    const all = steps.map((/** @type {any} */ step) => `  ${JSON.stringify(step)}`).join(',\n');
    return `${head},"steps":[\n${all}\n]}`;
  });
  const words = about.map((line) => `  ${JSON.stringify(line)}`).join(',\n');
  writeFileSync(file, `{"about":[\n${words}\n],\n"scenarios":[\n${lines.join(',\n')}\n]}\n`);
}
