package dev.peerline.datachannel.ice;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;
import dev.peerline.net.udp.UdpDriver;
import dev.peerline.net.udp.UdpOptions;
import dev.peerline.net.udp.UdpReceived;
import dev.peerline.net.udp.UdpSocket;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/**
 * Asks the local network for {@code .local} names, behind which browsers hide their addresses: one
 * question from a port of our own, answered to it alone (RFC 6762 §5.1), twice again if nobody
 * answers. The first answer counts. Used on the loop's thread alone.
 */
final class MdnsQuery {
    /** Where all that have a name listen. */
    static final TransportAddress GROUP =
            TransportAddress.of(InetAddress.ofLiteral("224.0.0.251"), 5353);

    private static final List<Long> SENT_AT_NANOS = List.of(0L, 500_000_000L, 1_500_000_000L);
    private static final long PATIENCE_NANOS = 4_000_000_000L;
    private static final int MAX_NAMES = 256;
    private static final MutableAddress ANY = new MutableAddress();

    private final IceLoop loop;
    private final TransportAddress group;
    private final Map<String, Question> questions = new HashMap<>();
    private final ByteBuffer view;

    /** A name that is asked for, and who waits for it. */
    private static final class Question {
        private final int id = ThreadLocalRandom.current().nextInt(1, 0x10000);
        private final List<Consumer<InetAddress>> waiting = new ArrayList<>();
        private final UdpSocket socket;

        Question(UdpSocket socket) {
            this.socket = socket;
        }
    }

    MdnsQuery(IceLoop loop, TransportAddress group) {
        this.loop = loop;
        this.group = group;
        view = loop.driver().memory().duplicate();
    }

    /** Looks a name up; {@code then} is told only if somebody answers. */
    void resolve(String name, Consumer<InetAddress> then) {
        String key = name.toLowerCase(Locale.ROOT);
        Question asked = questions.get(key);
        if (asked != null) {
            asked.waiting.add(then);
            return;
        }
        byte[] labels = MdnsMessage.name(key);
        if (labels.length == 0 || questions.size() == MAX_NAMES) return;
        UdpSocket socket;
        try {
            InetSocketAddress any = new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 0);
            socket =
                    loop.bind(
                            UdpOptions.on(any).withBufferBytes(1 << 16),
                            (from, run) -> received(key, run));
        } catch (IOException _) {
            return; // as if nobody had answered
        }
        Question question = new Question(socket);
        question.waiting.add(then);
        questions.put(key, question);
        for (long at : SENT_AT_NANOS) loop.schedule(at, () -> send(key, question, labels));
        loop.schedule(PATIENCE_NANOS, () -> end(key, question));
    }

    private void send(String key, Question question, byte[] labels) {
        if (!question.equals(questions.get(key))) return;
        UdpDriver driver = loop.driver();
        byte[] message = MdnsMessage.query(question.id, labels);
        int at = driver.scratch(message.length);
        driver.memory().put(at, message);
        question.socket.send(
                driver.outgoing().of(at, message.length), new MutableAddress().set(group), ANY);
    }

    private void received(String key, UdpReceived run) {
        Question question = questions.get(key);
        if (question == null) return;
        int end = run.offset() + run.segmentBytes();
        ByteBuffer message = view.limit(end).position(run.offset()).slice();
        InetAddress address = MdnsMessage.address(message, question.id, key);
        if (address == null) return;
        end(key, question);
        question.waiting.forEach(each -> each.accept(address));
    }

    private void end(String key, Question question) {
        if (questions.remove(key, question)) question.socket.close();
    }

    void close() {
        questions.values().forEach(each -> each.socket.close());
        questions.clear();
    }
}
