/** Serves the page with the stand-in for the SDK: `npm run double --workspace=web-demo`, then open the printed address. */

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';

const WEB = new URL('../../src/main/web/', import.meta.url);
const TYPES = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.html': 'text/html' };
const CONFIG = process.env.CONFIG ?? '{}';

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const file = pathname === '/sdk/peerline.js' ? new URL('peerline.js', import.meta.url) : new URL(pageFile(pathname), WEB);
  try {
    if (pathname === '/v1/config') {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(CONFIG);
      return;
    }
    const body = await readFile(file);
    response
      .writeHead(200, {
        'Content-Type': `${TYPES[extname(file.pathname)] ?? 'text/plain'}; charset=utf-8`,
        'Content-Security-Policy':
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        'Cache-Control': 'no-store',
      })
      .end(body);
  } catch {
    response.writeHead(404).end('not found');
  }
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`ready http://127.0.0.1:${server.address().port}`);
});

function pageFile(pathname) {
  return extname(pathname) ? pathname.slice(1) : 'index.html';
}
