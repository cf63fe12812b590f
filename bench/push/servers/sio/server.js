// socket.io yardstick server: rooms as channels. PORT env; also the raw "ws" package on PORT+1.
const http = require('http');
const port = +process.env.PORT || 18081;
const h = http.createServer();
const { Server } = require('socket.io');
const io = new Server(h, {
  pingInterval: 60000,
  pingTimeout: 60000,
  perMessageDeflate: false,
  httpCompression: false,
});
io.on('connection', (s) => {
  s.on('sub', (ch) => {
    s.join(ch);
    s.emit('ok');
  });
  s.on('pub', (ch, m) => {
    io.to(ch).emit('m', m);
  });
});
h.listen({ port, host: '127.0.0.1', backlog: 4096 });
// raw ws: first text frame "S<ch>" subscribes, "P<ch> <msg>" publishes
const { WebSocketServer } = require('ws');
const h2 = http.createServer();
const chans = new Map();
const w = new WebSocketServer({ server: h2, perMessageDeflate: false });
w.on('connection', (s) => {
  s.on('message', (d) => {
    const t = d.toString();
    if (t[0] === 'S') {
      const c = t.slice(1);
      let set = chans.get(c);
      if (!set) chans.set(c, (set = new Set()));
      set.add(s);
      s.on('close', () => {
        set.delete(s);
        if (!set.size) chans.delete(c);
      });
      s.send('ok');
    } else {
      const i = t.indexOf(' ');
      const set = chans.get(t.slice(1, i));
      const m = t.slice(i + 1);
      if (set) for (const x of set) x.send(m);
    }
  });
  s.on('error', () => {});
});
h2.listen({ port: port + 1, host: '127.0.0.1', backlog: 4096 });
// SSE on PORT+2: GET /sse/<ch>, POST /pub/<ch>
const sse = new Map();
const h3 = http.createServer((q, r) => {
  const ch = q.url.split('/').pop();
  if (q.method === 'GET') {
    r.writeHead(200, { 'Content-Type': 'text/event-stream' });
    r.write(': hi\n\n');
    let set = sse.get(ch);
    if (!set) sse.set(ch, (set = new Set()));
    set.add(r);
    q.on('close', () => {
      set.delete(r);
    });
  } else {
    let b = '';
    q.on('data', (d) => (b += d));
    q.on('end', () => {
      const f = `data: ${b}\n\n`;
      for (const x of sse.get(ch) || []) x.write(f);
      r.end('ok');
    });
  }
});
h3.listen({ port: port + 2, host: '127.0.0.1', backlog: 4096 });
console.log('pid', process.pid);
