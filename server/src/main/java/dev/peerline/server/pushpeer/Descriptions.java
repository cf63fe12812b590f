package dev.peerline.server.pushpeer;

import java.net.InetAddress;
import java.util.List;
import java.util.stream.Collectors;

/** What is left out of an offer, and put into an answer. */
final class Descriptions {
    private static final String CANDIDATE = "a=candidate:";

    /**
     * Below every host candidate (RFC 8445 §5.1.2.1: type 126, a low local preference, component
     * 1).
     */
    private static final long PRIORITY = (126L << 24) | (255 << 8) | 255;

    /** RFC 6544 §4.2: type 90, passive. */
    private static final long TCP_PRIORITY = (90L << 24) | (4 << 21) | (255 << 8) | 255;

    /** What is listened at; no TCP where that is 0. */
    record Ports(int udp, int tcp) {}

    private Descriptions() {}

    /** Whether there is a data channel in it, and so something to answer. */
    static boolean offersChannel(String offer) {
        return offer.lines()
                .anyMatch(
                        line ->
                                line.startsWith("m=application ")
                                        && line.endsWith(" webrtc-datachannel"));
    }

    /**
     * Without candidates: the server sends to nobody who has not sent to it first with the password
     * of the answer, so that no offer can have it knock at somebody else's door. A client's checks
     * tell where it is.
     */
    static String withoutCandidates(String offer) {
        return offer.lines()
                .filter(line -> !line.startsWith(CANDIDATE))
                .filter(line -> !line.equals("a=end-of-candidates"))
                .map(line -> line + "\r\n")
                .collect(Collectors.joining());
    }

    /**
     * With candidates for addresses that no interface has: a NAT sends on what comes to them.
     *
     * @param ports the same there
     */
    static String announcing(String answer, List<InetAddress> addresses, Ports ports) {
        StringBuilder out = new StringBuilder(answer.length() + addresses.size() * 80);
        boolean told = addresses.isEmpty();
        for (String line : answer.lines().toList()) {
            if (!told && line.startsWith(CANDIDATE)) {
                told = true;
                for (int i = 0; i < addresses.size(); i++) {
                    out.append(candidate(i, addresses.get(i), ports.udp));
                    if (ports.tcp != 0) out.append(passive(i, addresses.get(i), ports.tcp));
                }
            }
            out.append(line).append("\r\n");
        }
        return out.toString();
    }

    private static String candidate(int index, InetAddress address, int port) {
        return "a=candidate:announced%d 1 udp %d %s %d typ host\r\n"
                .formatted(index, PRIORITY - ((long) index << 8), plain(address), port);
    }

    private static String passive(int index, InetAddress address, int port) {
        return "a=candidate:announcedtcp%d 1 tcp %d %s %d typ host tcptype passive\r\n"
                .formatted(index, TCP_PRIORITY - ((long) index << 8), plain(address), port);
    }

    /** Without the interface's name, which IPv6 addresses may have. */
    private static String plain(InetAddress address) {
        return address.getHostAddress().replaceFirst("%.*", "");
    }
}
