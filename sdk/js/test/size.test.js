import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const SOURCES = new URL('../src/', import.meta.url);

/** The static import graph of the entry: what a page loads before it can join. */
async function core() {
  const { outputFiles, metafile } = await build({
    entryPoints: [fileURLToPath(new URL('peerline.js', SOURCES))],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    metafile: true,
    write: false,
    plugins: [
      {
        name: 'what is loaded later stays outside',
        setup({ onResolve }) {
          onResolve({ filter: /.*/ }, ({ kind, path }) =>
            kind === 'dynamic-import' ? { path, external: true } : undefined,
          );
        },
      },
    ],
  });
  return { code: outputFiles[0].contents, files: Object.keys(metafile.inputs) };
}

test('the core has at most 15 KiB, minified and gzipped', async (t) => {
  const { code, files } = await core();
  const bytes = gzipSync(code, { level: 9 }).length;
  const sources = await Promise.all(files.map((file) => readFile(file)));
  const raw = gzipSync(Buffer.concat(sources), { level: 9 }).length;
  t.diagnostic(`core: ${bytes} bytes; its ${files.length} modules as they are: ${raw} bytes`);
  assert.ok(bytes <= 15 * 1024, `${bytes} bytes`);
});

test('what joining does not need is not in the core', async () => {
  const { files } = await core();
  const names = files.map((file) => relative(fileURLToPath(SOURCES), file));
  assert.ok(names.some((name) => name.endsWith('session.js')));
  for (const late of [
    'direct/',
    'diagnose',
    'faults',
    'identity',
    'page',
    'probes',
    'siblings',
    'uplink',
    'ladder',
    'carriers/http',
    'leave',
    'signals',
    'token',
  ]) {
    assert.ok(!names.some((name) => name.includes(late)), late);
  }
});

test('no source needs a secure context, or a DOM when it is loaded', async () => {
  const files = (await readdir(SOURCES, { recursive: true })).filter((file) =>
    file.endsWith('.js'),
  );
  assert.ok(files.length > 20);
  for (const file of files) {
    const source = await readFile(new URL(file, SOURCES), 'utf8');
    assert.doesNotMatch(source, /crypto\.subtle|randomUUID|navigator\.locks|serviceWorker/, file);
    await import(new URL(file, SOURCES).href);
  }
});
