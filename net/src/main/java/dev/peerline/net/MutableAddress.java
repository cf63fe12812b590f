package dev.peerline.net;

/**
 * A transport address that is written over and over: where a packet came from, what an attribute
 * says. Not thread-safe; keep what should last as a {@link TransportAddress}.
 */
public final class MutableAddress {
    private long high;
    private long low;
    private int port;

    public MutableAddress set(long newHigh, long newLow, int newPort) {
        high = newHigh;
        low = newLow;
        port = newPort;
        return this;
    }

    public MutableAddress set(TransportAddress address) {
        return set(address.high(), address.low(), address.port());
    }

    public MutableAddress set(MutableAddress address) {
        return set(address.high, address.low, address.port);
    }

    public long high() {
        return high;
    }

    public long low() {
        return low;
    }

    public int port() {
        return port;
    }

    public boolean isIpv4() {
        return TransportAddress.isIpv4(high, low);
    }

    public boolean is(TransportAddress other) {
        return low == other.low() && high == other.high() && port == other.port();
    }

    public TransportAddress toAddress() {
        return new TransportAddress(high, low, port);
    }

    @Override
    public String toString() {
        return toAddress().toString();
    }
}
