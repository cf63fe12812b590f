package dev.peerline.sdk.driver;

import dev.peerline.fallback.link.pair.Endpoint;
import dev.peerline.fallback.link.pair.PairEvent;
import dev.peerline.fallback.link.pair.PairPath;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Id;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Round trips, measured by probes of five bytes: what this side takes the path for, and a number.
 * Not thread-safe.
 */
final class Probes {
    /** A peer on the session is probed at most so often, and only while it is active. */
    private static final long PROBE_NANOS = Duration.ofSeconds(5).toNanos();

    /** Probes that are out, and peers whose round trip is known. */
    private static final int MAX_KNOWN = 256;

    private static final int PROBE_BYTES = 5;

    /** What a probe over the session says of its path: docs/protocol.md, section 3. */
    private static final int SESSION = 0;

    private final Endpoint endpoint;
    private int number;

    /** When each was sent. */
    private final Map<Integer, Long> out = bounded();

    private final Map<Id, Measured> measured = bounded();

    /**
     * @param rttNanos smoothed; 0 before the first echo
     * @param askedAtNanos when it was last asked for
     */
    private record Measured(long rttNanos, long askedAtNanos) {}

    Probes(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    /** This peer, on the session, is active: how far it is becomes known. */
    void measure(Id id, long now) {
        Measured known = measured.get(id);
        if (known != null && now - known.askedAtNanos() < PROBE_NANOS) return;
        measured.put(id, new Measured(known == null ? 0 : known.rttNanos(), now));
        send(id, PairPath.SESSION, SESSION, now);
    }

    /**
     * @param view what this side takes the path for: docs/protocol.md, section 3
     */
    void send(Id id, PairPath path, int view, long now) {
        out.put(++number, now);
        byte[] bytes = ByteBuffer.allocate(PROBE_BYTES).put((byte) view).putInt(number).array();
        endpoint.probe(id, path, Bytes.of(bytes));
    }

    /** Answers the round trip; 0 when that is no echo of what was sent. */
    long echoed(PairEvent.Echo echo, long now) {
        if (echo.bytes().length() != PROBE_BYTES) return 0;
        Long sentAt = out.remove(echo.bytes().buffer().getInt(1));
        if (sentAt == null) return 0;
        long rtt = Math.max(now - sentAt, 1);
        if (echo.path() == PairPath.SESSION) measured(echo, rtt);
        return rtt;
    }

    private void measured(PairEvent.Echo echo, long rtt) {
        Measured known = measured.get(echo.id());
        if (known == null) return;
        long before = known.rttNanos();
        long smoothed = before == 0 ? rtt : before + (rtt - before) / 4;
        measured.put(echo.id(), new Measured(Math.max(smoothed, 1), known.askedAtNanos()));
    }

    /** 0 when it is not known. */
    long rttNanos(Id id) {
        Measured known = measured.get(id);
        return known == null ? 0 : known.rttNanos();
    }

    private static <K, V> Map<K, V> bounded() {
        return new LinkedHashMap<>() {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > MAX_KNOWN;
            }
        };
    }
}
