package dev.peerline.datachannel.ice;

import java.net.InetAddress;
import java.util.List;

/**
 * Two sessions, one of which finds itself on another network in the middle. A program, for a
 * network namespace of its own.
 */
final class RoamingNetwork {
    private static final String STAYS = "10.77.0.9";
    private static final String BEFORE = "10.77.0.1";
    private static final String AFTER = "10.77.0.2";

    private RoamingNetwork() {}

    public static void main(String[] arguments) throws Exception {
        address("add", STAYS);
        address("add", BEFORE);
        InetAddress stays = InetAddress.ofLiteral(STAYS);
        IcePortOptions options = IcePortOptions.defaults();
        try (IcePort left = IcePort.open(options.withAddresses(it -> !it.equals(stays)));
                IcePort right = IcePort.open(options.withAddresses(stays::equals), left.loop());
                TestPeer first = new TestPeer(left, IceOptions.defaults());
                TestPeer second = new TestPeer(right, IceOptions.defaults())) {
            TestPeer.connect(first, second);
            first.awaitConnected();
            second.awaitConnected();
            expect(first, BEFORE);
            address("del", BEFORE);
            address("add", AFTER);
            first.session.restart();
            second.session.restart();
            TestPeer.exchange(first, second);
            first.await("another address", () -> host(first).equals(AFTER));
            second.await(
                    "the same",
                    () -> second.pair().remoteAddress().equals(first.pair().localAddress()));
            if (!first.send("here") || !second.receive().equals("here"))
                throw new AssertionError("not sent: " + first);
            expect(first, AFTER);
        }
    }

    private static String host(TestPeer peer) {
        return peer.pair().localAddress().getHostString();
    }

    private static void expect(TestPeer peer, String address) {
        if (!host(peer).equals(address))
            throw new AssertionError("not at " + address + ": " + peer);
        System.out.println("connected at " + address);
    }

    private static void address(String what, String address) throws Exception {
        List<String> command = List.of("ip", "address", what, address + "/32", "dev", "lo");
        if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0)
            throw new AssertionError("failed: " + command);
    }
}
