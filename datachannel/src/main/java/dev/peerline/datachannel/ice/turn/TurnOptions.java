package dev.peerline.datachannel.ice.turn;

/**
 * One client of one server.
 *
 * @param stream over TCP or TLS: nothing is lost, so nothing is sent again, and ChannelData is
 *     padded
 * @param ipv6 whether the relayed address should be an IPv6 one
 * @param timeoutNanos how long an answer is waited for
 */
public record TurnOptions(
        String username, String password, boolean stream, boolean ipv6, long timeoutNanos) {
    @Override
    public String toString() {
        return "TurnOptions " + username;
    }
}
