package dev.peerline.datachannel.ice;

import dev.peerline.datachannel.ice.CheckMessages.TransactionId;
import dev.peerline.datachannel.ice.Checks.Identity;
import dev.peerline.datachannel.ice.Generation.Path;
import dev.peerline.datachannel.ice.SharedPort.Request;
import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.StunAttribute;
import dev.peerline.net.stun.StunReader;
import dev.peerline.net.stun.StunType;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Keeps a selected pair when ice4j's work is done: asks for consent, answers the peer's checks, and
 * follows it to another pair that it nominates. Used on the loop's thread alone.
 */
final class PathKeeper {
    /** Requests whose answers still count; the oldest is older than any answer then. */
    private static final int MAX_OUTSTANDING = 32;

    private final SharedPort port;
    private final Identity identity;
    private final Events events;
    private final Consent consent;
    private final ArrayDeque<Asked> outstanding = new ArrayDeque<>();
    private Path path;
    private boolean broken;
    private IceLoop.@Nullable Timer timer;
    private boolean closed;

    interface Events {
        /** The path is doubted, or no longer. */
        void doubted(boolean yes);

        void lost();

        /** The peer answered on a pair that it nominated in place of the present one. */
        void moved(LocalEnd local, TransportAddress remote);

        void asked();

        void answered(long roundTripNanos);
    }

    /** Whose path, and how it is kept. */
    record Place(SharedPort port, Identity identity, IceOptions options) {}

    private record Asked(TransactionId id, LocalEnd at, TransportAddress to, long sentNanos) {}

    PathKeeper(Place place, Path path, Events events) {
        port = place.port;
        identity = place.identity;
        this.path = path;
        this.events = events;
        consent = new Consent(place.options, IceLoop.nowNanos());
    }

    void start() {
        run();
    }

    void move(Path other) {
        path = other;
        broken = false;
    }

    /** A TCP connection is gone: if it was the path, the peer or we look for another. */
    void cut(LocalEnd local, TransportAddress remote) {
        if (closed || !isPath(local, remote)) return;
        broken = true;
        if (consent.doubt()) events.doubted(true);
    }

    private boolean isPath(LocalEnd local, TransportAddress remote) {
        return local.equals(path.local()) && remote.equals(path.remote());
    }

    /**
     * RFC 8445 §7.3: answers, and follows a nomination. When the path is silent or gone, it follows
     * wherever the peer is heard from.
     */
    void request(Request request) {
        var answer =
                port.messages()
                        .success(request.message(), request.from(), identity.local().password());
        request.at().send(answer, request.from());
        if (isPath(request.at(), request.from())) return;
        boolean nominated = request.message().has(StunAttribute.USE_CANDIDATE);
        boolean follow = broken || consent.isDoubted() || (nominated && !identity.controlling());
        if (follow) ask(request.at(), request.from());
    }

    private void run() {
        if (closed) return;
        long now = IceLoop.nowNanos();
        Consent.Step step;
        while ((step = consent.next(now, variation())) != Consent.Step.WAIT) {
            switch (step) {
                case ASK -> ask(path.local(), path.remote());
                case DOUBT -> events.doubted(true);
                default -> {
                    events.lost();
                    return;
                }
            }
            if (closed) return;
        }
        timer = port.loop().scheduleAt(consent.deadline(), this::run);
    }

    private static double variation() {
        return ThreadLocalRandom.current().nextDouble();
    }

    /** Asks for consent; the answer makes it the path if it is another. */
    void ask(LocalEnd at, TransportAddress to) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        TransactionId id = new TransactionId(random.nextInt(), random.nextLong());
        if (outstanding.size() == MAX_OUTSTANDING) port.forget(outstanding.removeFirst().id);
        Asked asked = new Asked(id, at, to, IceLoop.nowNanos());
        outstanding.add(asked);
        port.expect(id, (answer, where, from) -> answered(asked, answer, where, from));
        long priority = CandidatePriority.of(at.reflexivePreference(), at.localPreference());
        boolean nominates = identity.controlling() && !isPath(at, to);
        at.send(port.messages().request(id, identity, priority, nominates), to);
        events.asked();
    }

    private void answered(Asked asked, StunReader answer, LocalEnd at, TransportAddress from) {
        boolean fromThere = at.equals(asked.at) && from.equals(asked.to);
        if (closed || !fromThere || answer.messageClass() != StunType.SUCCESS) return;
        if (!port.messages().isBy(identity.remote().password(), answer)) return;
        port.forget(asked.id);
        outstanding.remove(asked);
        long now = IceLoop.nowNanos();
        if (!isPath(at, from)) events.moved(at, from);
        events.answered(now - asked.sentNanos);
        if (consent.answered(now, variation())) events.doubted(false);
    }

    void close() {
        closed = true;
        if (timer != null) timer.cancel();
        for (Asked asked : outstanding) port.forget(asked.id);
        outstanding.clear();
    }
}
