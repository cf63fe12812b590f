package dev.peerline.datachannel.bench;

import dev.peerline.datachannel.sctp.SctpConfig;
import dev.peerline.datachannel.sctp.congestion.CongestionControl.Algorithm;
import dev.peerline.datachannel.sctp.tx.SendQueue.Options;
import dev.peerline.datachannel.sim.Link;
import dev.peerline.datachannel.sim.LinkSettings;
import dev.peerline.datachannel.sim.Pair;
import dev.peerline.datachannel.sim.SctpHost;
import dev.peerline.datachannel.sim.Simulation;

/**
 * What each congestion control makes of a simulated path, in virtual time: alone, by loss, and
 * beside Reno, by the length of the queue. The same figures on every machine.
 */
public final class SimulatedPathBenchmark {
    private static final long MILLIS = LinkSettings.MILLIS;
    private static final int SECONDS = 10;

    private SimulatedPathBenchmark() {}

    public static void main(String[] args) {
        System.out.println("500 Mbit/s, 50 ms, a queue of one product, 10 s, Mbit/s:");
        for (double loss : new double[] {0, 0.001, 0.01, 0.05})
            for (Algorithm algorithm : Algorithm.values())
                System.out.printf(
                        "%4.1f %% %s %.1f%n", loss * 100, algorithm, alone(algorithm, loss));
        System.out.println("20 Mbit/s, 40 ms, 60 s: share of the first beside RENO:");
        for (double products : new double[] {0.5, 1, 2, 4})
            for (Algorithm algorithm : Algorithm.values())
                System.out.printf(
                        "queue of %.1f products: %s %.0f %%%n",
                        products, algorithm, 100 * besideReno(algorithm, products));
    }

    private static void fill(SctpHost host, byte[] message) {
        while (host.association().bufferedAmount(1) < 8 << 20)
            host.association().send(1, message, Options.reliable(53));
    }

    private static double alone(Algorithm algorithm, double loss) {
        LinkSettings path =
                LinkSettings.perfect(25).withBandwidth(62_500_000, 3_125_000).withLoss(loss);
        Pair pair = new Pair(7, SctpConfig.defaults().withCongestion(algorithm), path).connect();
        long[] received = {0};
        pair.b.onMessage(message -> received[0] += message.data().length);
        byte[] message = new byte[16 << 10];
        for (int i = 0; i < SECONDS * 200; i++) {
            fill(pair.a, message);
            pair.simulation.run(5 * MILLIS);
        }
        return received[0] * 8 / 1e6 / SECONDS;
    }

    private static double besideReno(Algorithm algorithm, double products) {
        Simulation simulation = new Simulation(3);
        long queue = (long) (100_000 * products);
        Link there = simulation.link(LinkSettings.perfect(20).withBandwidth(2_500_000, queue));
        Link back = simulation.link(LinkSettings.perfect(20));
        long[] received = new long[2];
        SctpHost[] senders = new SctpHost[2];
        Algorithm[] both = {algorithm, Algorithm.RENO};
        for (int i = 0; i < 2; i++) {
            int flow = i;
            SctpConfig config = SctpConfig.defaults().withCongestion(both[i]);
            senders[i] = new SctpHost(config, simulation.random().nextLong());
            SctpHost to = new SctpHost(config, simulation.random().nextLong());
            to.onMessage(message -> received[flow] += message.data().length);
            simulation.attach(senders[i], to, there, back);
            senders[i].association().connect(simulation.now());
        }
        byte[] message = new byte[16 << 10];
        for (int i = 0; i < 60 * 50; i++) {
            for (SctpHost sender : senders) fill(sender, message);
            simulation.run(20 * MILLIS);
        }
        return (double) received[0] / (received[0] + received[1]);
    }
}
