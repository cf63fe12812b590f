/**
 * The table of truth: which pairs of NATs and firewalls let two browsers connect, and how. Seen with Chromium and coturn
 * (docs/natlab.md); a peer of ours does no worse.
 *
 * @typedef {object} Row
 * @property {string} name
 * @property {string[]} topology
 * @property {'direct' | 'relayed' | 'nothing'} way
 * @property {string} [over] what alice reaches the relay over: udp, tcp, tls
 * @property {boolean} [relay] whether there is one; there is unless said otherwise
 * @property {4 | 6 | 46} [family] of the servers' addresses
 * @property {('alice' | 'bob')[]} [proxied]
 * @property {string[]} [flags] of Chromium
 */

const KINDS = ['none', 'full', 'addr', 'port', 'sym', 'double'];
/** Those that keep no address and port for all destinations meet only what filters by address at most. */
const RELAYED = ['port/sym', 'sym/sym', 'sym/double'];
/** Candidates with addresses rather than with names that mDNS resolves. */
const PLAIN_ADDRESSES = ['--disable-features=WebRtcHideLocalIpsWithMdns'];
const LINE = 'delay=50,jitter=10,loss=2';

/** @param {string} name @param {string} topology words, separated by spaces @param {Row['way']} way @param {Partial<Row>} [more] @returns {Row} */
const row = (name, topology, way, more = {}) => ({
  name,
  topology: topology.split(' '),
  way,
  ...more,
});

/** @returns {Row[]} */
function pairsOfKinds() {
  return KINDS.flatMap((one, i) =>
    KINDS.slice(i).map((other) => {
      const way = RELAYED.includes(`${one}/${other}`) ? 'relayed' : 'direct';
      return row(`${one} with ${other}`, `alice=${one} bob=${other}`, way);
    }),
  );
}

/** Each of them is a test. */
export const ROWS = [
  ...pairsOfKinds(),
  row('on one LAN', 'alice=port bob=lan', 'direct'),
  row('on one LAN, plain addresses', 'alice=port bob=lan', 'direct', { flags: PLAIN_ADDRESSES }),
  row('behind one carrier', 'cgn=port', 'relayed'),
  row('behind one carrier that maps by destination', 'cgn=sym', 'relayed'),
  row('behind one carrier with hairpin', 'cgn=full', 'direct'),
  row('behind one carrier, no relay', 'cgn=port', 'nothing', { relay: false }),
  row('sym with sym, no relay', 'alice=sym bob=sym', 'nothing', { relay: false }),
  row('sym with port, no relay', 'alice=sym bob=port', 'nothing', { relay: false }),
  row('sym with addr, no relay', 'alice=sym bob=addr', 'direct', { relay: false }),
  row('sym with full, no relay', 'alice=sym bob=full', 'direct', { relay: false }),
  row('no UDP', 'alice=port,noudp bob=port', 'relayed', { over: 'tcp' }),
  row('no UDP, and told so', 'alice=port,noudp,reject bob=port', 'relayed', { over: 'tcp' }),
  row('no UDP on both sides', 'alice=port,noudp bob=port,noudp', 'relayed', { over: 'tcp' }),
  row('no UDP, to a public address', 'alice=port,noudp bob=none', 'relayed', { over: 'tcp' }),
  row('no UDP, no relay', 'alice=port,noudp bob=port', 'nothing', { relay: false }),
  row('TCP 80 and 443 alone', 'alice=port,web bob=port', 'relayed', { over: 'tls' }),
  row('TCP 80 and 443 on both sides', 'alice=port,web bob=port,web', 'relayed', { over: 'tls' }),
  row('a proxy', 'alice=port,proxy bob=port', 'relayed', { over: 'tls', proxied: ['alice'] }),
  row('proxies on both sides', 'alice=port,proxy bob=port,proxy', 'relayed', {
    over: 'tls',
    proxied: ['alice', 'bob'],
  }),
  row('a proxy without CONNECT', 'alice=port,proxy=noconnect bob=port', 'nothing', {
    proxied: ['alice'],
  }),
  row('IPv6', 'alice=port,v6 bob=port,v6', 'direct', { family: 6 }),
  row('both families', 'alice=port,dual bob=port,dual', 'direct', { family: 46 }),
  row('sym with sym, both families', 'alice=sym,dual bob=sym,dual', 'direct', { family: 46 }),
  row('IPv6 with IPv4', 'alice=port,v6 bob=port', 'relayed', { family: 46 }),
  row('a bad line', `alice=port,${LINE} bob=port`, 'direct'),
  row('a bad line to a relay', `alice=sym,${LINE} bob=sym`, 'relayed'),
  row('a bad line to a relay over TLS', `alice=port,web,${LINE} bob=sym`, 'relayed', {
    over: 'tls',
  }),
];
