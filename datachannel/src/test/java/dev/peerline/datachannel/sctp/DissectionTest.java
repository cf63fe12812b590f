package dev.peerline.datachannel.sctp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.peerline.datachannel.sctp.tx.SendQueue.Options;
import dev.peerline.datachannel.sim.LinkSettings;
import dev.peerline.datachannel.sim.Pair;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * The packets of an association's whole life, taken apart by tshark: it finds nothing malformed and
 * all checksums right. Left out, with a word, where tshark is not installed.
 */
final class DissectionTest {
    private static final long MILLIS = LinkSettings.MILLIS;

    /** LINKTYPE_IPV4. */
    private static final int IPV4 = 228;

    private static final int SCTP = 132;
    private static final int IP_HEADER_BYTES = 20;

    private final List<byte[]> packets = new ArrayList<>();
    private final List<Long> times = new ArrayList<>();
    @TempDir private Path folder;

    private void record(Pair pair, byte[] packet, boolean fromA) {
        ByteBuffer ip = ByteBuffer.allocate(IP_HEADER_BYTES + packet.length);
        ip.put((byte) 0x45).put((byte) 0).putShort((short) ip.capacity()).putInt(0);
        ip.put((byte) 64).put((byte) SCTP).putShort((short) 0);
        ip.putInt(fromA ? 0x0a000001 : 0x0a000002).putInt(fromA ? 0x0a000002 : 0x0a000001);
        packets.add(ip.put(packet).array());
        times.add(pair.simulation.now());
    }

    /** Handshake, data of all kinds, losses, what is given up, resets, heartbeats, shutdown. */
    private void live(boolean interleaving) {
        SctpConfig config =
                SctpConfig.defaults().withInterleaving(interleaving).withZeroChecksum(false);
        Pair pair = new Pair(11, config, LinkSettings.perfect(20).withLoss(0.1));
        pair.a.tap(packet -> record(pair, packet, true));
        pair.b.tap(packet -> record(pair, packet, false));
        pair.a.association().connect(pair.simulation.now());
        pair.simulation.run(2 * Pair.SECONDS);
        for (int i = 0; i < 60; i++) {
            boolean unordered = i % 2 == 0;
            Options limited = new Options(53, unordered, Long.MAX_VALUE, 0);
            pair.a.association().send(i % 3, new byte[3000], limited);
            pair.b.association().send(i % 3, new byte[1 + i], Options.reliable(51));
            pair.simulation.run(10 * MILLIS);
        }
        pair.simulation.run(5 * Pair.SECONDS);
        assertTrue(pair.a.association().resetStreams(List.of(0, 2)));
        pair.simulation.drain();
        pair.simulation.run(40 * Pair.SECONDS);
        pair.a.association().shutdown(pair.simulation.now());
        pair.simulation.run(20 * Pair.SECONDS);
        assertEquals(State.CLOSED, pair.b.association().state());
    }

    private void abort() {
        Pair pair = new Pair(12, SctpConfig.defaults(), LinkSettings.perfect(20)).connect();
        pair.a.tap(packet -> record(pair, withChecksum(packet), true));
        pair.a.association().abort("no more");
        pair.simulation.drain();
    }

    private static byte[] withChecksum(byte[] packet) {
        return RawPeer.sealed(packet.clone());
    }

    private Path capture() throws IOException {
        int bytes = 24;
        for (byte[] packet : packets) bytes += 16 + packet.length;
        ByteBuffer out = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(0xa1b2c3d4).putShort((short) 2).putShort((short) 4);
        out.putLong(0).putInt(65535).putInt(IPV4);
        for (int i = 0; i < packets.size(); i++) {
            byte[] packet = packets.get(i);
            out.putInt((int) (times.get(i) / 1_000_000_000L));
            out.putInt((int) (times.get(i) % 1_000_000_000L / 1000));
            out.putInt(packet.length).putInt(packet.length).put(packet);
        }
        return Files.write(folder.resolve("association.pcap"), out.array());
    }

    private List<String> tshark(Path capture, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("tshark", "-n", "-r", capture.toString()));
        command.addAll(List.of("-o", "sctp.checksum:crc-32c"));
        command.addAll(List.of(arguments));
        Path answer = folder.resolve("answer");
        Process process =
                new ProcessBuilder(command)
                        .redirectOutput(answer.toFile())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        if (!process.waitFor(2, TimeUnit.MINUTES)) process.destroyForcibly();
        assertEquals(0, process.waitFor());
        return Files.readAllLines(answer, UTF_8);
    }

    private static boolean hasTshark() {
        String path = System.getenv().getOrDefault("PATH", "");
        for (String one : path.split(":", -1))
            if (!one.isEmpty() && Files.isExecutable(Path.of(one, "tshark"))) return true;
        System.out.println("SKIPPED: tshark is not installed");
        return false;
    }

    /** The chunk types that are to be seen, so that it is known what was looked at. */
    @ParameterizedTest
    @CsvSource({
        "true, '1 2 3 4 5 6 7 8 10 11 14 64 130 194'",
        "false, '0 1 2 3 4 5 6 7 8 10 11 14 130 192'"
    })
    void nothingIsMalformed(boolean interleaving, String types) throws Exception {
        Assumptions.assumeTrue(hasTshark());
        live(interleaving);
        abort();
        Path capture = capture();
        String wrong =
                "_ws.malformed || _ws.expert.severity >= 6291456 || sctp.checksum.status == 0";
        assertEquals(List.of(), tshark(capture, "-Y", wrong));
        List<String> good = tshark(capture, "-Y", "sctp.checksum.status == 1");
        assertEquals(packets.size(), good.size());
        Set<Integer> seen = new TreeSet<>();
        for (String line : tshark(capture, "-T", "fields", "-e", "sctp.chunk_type"))
            for (String type : line.split(",", -1)) seen.add(Integer.parseInt(type));
        Set<Integer> expected = new TreeSet<>();
        for (String type : types.split(" ", -1)) expected.add(Integer.parseInt(type));
        assertEquals(expected, seen);
    }
}
