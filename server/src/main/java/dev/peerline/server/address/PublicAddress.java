package dev.peerline.server.address;

import dev.peerline.server.config.HostAndPort;
import dev.peerline.turn.probe.TurnProbe;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;

/**
 * The public address of this machine, and who said so.
 *
 * @param source for the log: {@code stun}, or the cloud
 */
public record PublicAddress(InetAddress address, String source) {
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    /**
     * Asks whom the options name; null when they name nobody.
     *
     * @throws IOException when who is asked does not answer; the message is a sentence
     */
    public static @Nullable PublicAddress ask(@Nullable Cloud cloud, @Nullable HostAndPort stun)
            throws IOException {
        if (cloud != null) return ask(cloud, Cloud.PLACE);
        return stun == null ? null : ask(stun);
    }

    static PublicAddress ask(Cloud cloud, URI place) throws IOException {
        try {
            return new PublicAddress(cloud.publicAddress(place), cloud.toString());
        } catch (IOException problem) {
            throw new IOException(
                    "The metadata of %s do not tell the public address (%s): name it with"
                                    .formatted(cloud, said(problem))
                            + " --external-ip",
                    problem);
        }
    }

    private static PublicAddress ask(HostAndPort server) throws IOException {
        try {
            InetAddress host = server.address();
            if (host == null) host = InetAddress.getByName(server.host());
            InetSocketAddress place = new InetSocketAddress(host, server.port());
            return new PublicAddress(TurnProbe.reflexive(place, PATIENCE).getAddress(), "stun");
        } catch (IOException problem) {
            throw new IOException(
                    "The STUN server %s does not tell the public address (%s): name it with"
                                    .formatted(server, said(problem))
                            + " --external-ip",
                    problem);
        }
    }

    private static String said(IOException problem) {
        String message = problem.getMessage();
        return message == null ? problem.getClass().getSimpleName() : message;
    }
}
