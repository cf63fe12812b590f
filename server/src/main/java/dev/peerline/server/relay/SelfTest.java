package dev.peerline.server.relay;

import dev.peerline.turn.RelayServer;
import dev.peerline.turn.auth.Credentials;
import dev.peerline.turn.auth.StaticUsers;
import dev.peerline.turn.probe.TurnProbe;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * Two clients, one over UDP and one over TCP, that come to an announced address and send a packet
 * from one relayed address to the other. What fails is a warning: a router that does not take
 * packets back for its own address (no hairpin) fails this test, and may serve everybody else.
 */
final class SelfTest implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(SelfTest.class.getName());
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** A datagram may be lost on a machine that has just started. */
    private static final int ATTEMPTS = 2;

    private static final byte[] PACKET = "peerline".getBytes(StandardCharsets.UTF_8);

    private final TurnProbe.Login login;
    private final Tester tester;
    private final Credentials credentials;

    private SelfTest(Credentials others) {
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        String password = Base64.getUrlEncoder().encodeToString(random);
        login = new TurnProbe.Login("self-test-" + password.substring(0, 8), password);
        tester = new Tester(login);
        credentials = Credentials.anyOf(List.of(others, tester));
    }

    /** A user that is gone when the test is over. */
    private static final class Tester implements Credentials {
        private final StaticUsers user;
        private volatile boolean over;

        Tester(TurnProbe.Login login) {
            user = new StaticUsers(Map.of(login.user(), login.password()));
        }

        @Override
        public List<String> passwords(String username, long epochSeconds) {
            return over ? List.of() : user.passwords(username, epochSeconds);
        }

        @Override
        public boolean knowsUserHashes() {
            return true; // it needs none: clients may use them if the others know theirs
        }
    }

    /** What a relay is started with, so that it can be tested. */
    static SelfTest of(Credentials credentials) {
        return new SelfTest(credentials);
    }

    /** Those it was made of, and one more until the test is over. */
    Credentials credentials() {
        return credentials;
    }

    /** Tests in the background, and says what failed. */
    void start(RelayServer relay) {
        Thread.ofVirtual().name("relay-self-test").start(() -> run(relay));
    }

    /** Tests, and says what failed. */
    void run(RelayServer relay) {
        try {
            test(relay);
        } finally {
            close();
        }
    }

    /** The test's user is gone, and nothing more is said. */
    @Override
    public void close() {
        tester.over = true;
    }

    private void test(RelayServer relay) {
        int port = relay.addresses().getFirst().getPort();
        for (InetAddress announced : relay.announced()) {
            InetSocketAddress place = new InetSocketAddress(announced, port);
            String failure = failure(place);
            for (int attempt = 1; failure != null && attempt < ATTEMPTS; attempt++)
                failure = failure(place);
            if (failure != null && !tester.over) LOG.log(Level.WARNING, warning(place, failure));
        }
    }

    private static String warning(InetSocketAddress place, String failure) {
        String host = place.getAddress().getHostAddress();
        return ("event=self-test-failed address=%s port=%d why=\"%s\" hint=\"is that the public"
                        + " address? name another with --external-ip; do firewall and NAT pass UDP"
                        + " and TCP port %d and the relay ports? A router that takes no packets to"
                        + " its own address from inside fails here alone\"")
                .formatted(host, place.getPort(), failure, place.getPort());
    }

    /** What went wrong, or null. */
    private @Nullable String failure(InetSocketAddress place) {
        boolean ipv6 = place.getAddress() instanceof Inet6Address;
        String doing = "UDP";
        try (TurnProbe one = TurnProbe.udp(place, login, PATIENCE)) {
            InetSocketAddress oneRelayed = one.allocate(ipv6);
            doing = "TCP";
            try (TurnProbe other = TurnProbe.tcp(place, login, PATIENCE)) {
                InetSocketAddress otherRelayed = other.allocate(ipv6);
                doing = "relaying";
                other.permit(oneRelayed);
                one.permit(otherRelayed);
                one.send(otherRelayed, PACKET);
                other.receive();
                return null;
            } finally {
                one.release();
            }
        } catch (SocketTimeoutException _) {
            return doing + ": no answer";
        } catch (IOException problem) {
            return doing + ": " + (problem.getMessage() == null ? problem : problem.getMessage());
        }
    }
}
