package dev.peerline.datachannel.ice;

import java.time.Duration;
import java.util.List;

/**
 * How a session finds and keeps its path.
 *
 * @param servers at most {@link #MAX_SERVERS}
 * @param relayOnly use relayed candidates alone, so that the peer does not learn our addresses
 * @param consentInterval between checks of the selected pair, each varied by ±20 %; RFC 7675 §5.1
 *     wants 5 s, and none below 4 s
 * @param disconnectedAfter without an answer from the selected pair, the state is {@link
 *     IceState#DISCONNECTED}
 * @param consentTimeout without an answer, consent is lost and the state {@link IceState#FAILED};
 *     RFC 7675 §5.1 allows at most 30 s
 * @param gatherTimeout after which a server that has not answered gives no candidate
 * @param checkTimeout how long checks may find nothing before the state is {@link IceState#FAILED};
 *     counts from the latest remote candidate
 * @param resolveMdns ask the local network for {@code .local} names of the peer's; without it, such
 *     candidates are ignored, and the peer's own checks are what connects
 */
public record IceOptions(
        List<IceServer> servers,
        boolean relayOnly,
        Duration consentInterval,
        Duration disconnectedAfter,
        Duration consentTimeout,
        Duration gatherTimeout,
        Duration checkTimeout,
        boolean resolveMdns) {
    public static final int MAX_SERVERS = 8;

    /** The most that fits a UDP datagram of an Ethernet without fragments. */
    public static final int MAX_PACKET_BYTES = 1472;

    private static final Duration RFC_7675_LIMIT = Duration.ofSeconds(30);

    public IceOptions {
        servers = List.copyOf(servers);
        if (servers.size() > MAX_SERVERS) {
            throw new IllegalArgumentException(
                    "servers: at most " + MAX_SERVERS + ": " + servers.size());
        }
        positive("consentInterval", consentInterval);
        positive("disconnectedAfter", disconnectedAfter);
        positive("gatherTimeout", gatherTimeout);
        positive("checkTimeout", checkTimeout);
        if (consentTimeout.compareTo(consentInterval) <= 0
                || consentTimeout.compareTo(RFC_7675_LIMIT) > 0) {
            throw new IllegalArgumentException(
                    "consentTimeout: more than consentInterval, at most 30 s: " + consentTimeout);
        }
    }

    private static void positive(String name, Duration value) {
        if (value.isNegative() || value.isZero())
            throw new IllegalArgumentException(name + ": more than 0: " + value);
    }

    /** No servers; a lost peer is noticed after 8 s and given up after 15 s. */
    public static IceOptions defaults() {
        return new IceOptions(
                List.of(),
                false,
                Duration.ofSeconds(5),
                Duration.ofSeconds(8),
                Duration.ofSeconds(15),
                Duration.ofSeconds(8),
                Duration.ofSeconds(15),
                true);
    }

    public IceOptions withServers(List<IceServer> list) {
        return new IceOptions(
                list,
                relayOnly,
                consentInterval,
                disconnectedAfter,
                consentTimeout,
                gatherTimeout,
                checkTimeout,
                resolveMdns);
    }

    public IceOptions withRelayOnly(boolean only) {
        return new IceOptions(
                servers,
                only,
                consentInterval,
                disconnectedAfter,
                consentTimeout,
                gatherTimeout,
                checkTimeout,
                resolveMdns);
    }

    /** Three times of RFC 7675's kind: checked each, doubted after, given up after. */
    public IceOptions withConsent(Duration interval, Duration doubt, Duration timeout) {
        return new IceOptions(
                servers,
                relayOnly,
                interval,
                doubt,
                timeout,
                gatherTimeout,
                checkTimeout,
                resolveMdns);
    }

    public IceOptions withGatherTimeout(Duration timeout) {
        return new IceOptions(
                servers,
                relayOnly,
                consentInterval,
                disconnectedAfter,
                consentTimeout,
                timeout,
                checkTimeout,
                resolveMdns);
    }

    public IceOptions withCheckTimeout(Duration timeout) {
        return new IceOptions(
                servers,
                relayOnly,
                consentInterval,
                disconnectedAfter,
                consentTimeout,
                gatherTimeout,
                timeout,
                resolveMdns);
    }

    public IceOptions withResolveMdns(boolean resolve) {
        return new IceOptions(
                servers,
                relayOnly,
                consentInterval,
                disconnectedAfter,
                consentTimeout,
                gatherTimeout,
                checkTimeout,
                resolve);
    }
}
