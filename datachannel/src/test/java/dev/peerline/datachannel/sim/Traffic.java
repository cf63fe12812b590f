package dev.peerline.datachannel.sim;

import dev.peerline.datachannel.sctp.AssociationEvent.Message;
import dev.peerline.datachannel.sctp.SendResult;
import dev.peerline.datachannel.sctp.chunk.Bytes;
import dev.peerline.datachannel.sctp.tx.SendQueue.Options;

import java.util.BitSet;
import java.util.SplittableRandom;

/**
 * Messages that know who they are: stream, number, and contents that follow from them. Checks that
 * what arrives was sent, arrives once, and in order where order was asked for.
 */
public final class Traffic {
    private static final int HEAD_BYTES = 12;

    private final int streams;
    private final int[] sent;
    private final int[] lastOrdered;
    private final BitSet[] arrived;
    private final boolean[] unordered;
    private long arrivedMessages;
    private long sentMessages;
    private long sentBytes;

    /** Half of the streams are unordered. */
    public Traffic(int streams) {
        this.streams = streams;
        sent = new int[streams];
        lastOrdered = new int[streams];
        arrived = new BitSet[streams];
        unordered = new boolean[streams];
        for (int i = 0; i < streams; i++) {
            arrived[i] = new BitSet();
            lastOrdered[i] = -1;
            unordered[i] = i % 2 == 1;
        }
    }

    /** Sends one message of the length on a random stream; false when the queue is full. */
    public boolean send(SctpHost from, SplittableRandom random, int length) {
        return send(from, random.nextInt(streams), length, Long.MAX_VALUE, Options.UNLIMITED);
    }

    public boolean send(SctpHost from, int stream, int length, long expires, int retransmissions) {
        byte[] data = new byte[Math.max(length, HEAD_BYTES)];
        Bytes.put32(data, 0, stream);
        Bytes.put32(data, 4, sent[stream]);
        Bytes.put32(data, 8, data.length);
        fill(data, stream, sent[stream]);
        Options options = new Options(53, unordered[stream], expires, retransmissions);
        if (from.association().send(stream, data, options) != SendResult.QUEUED) return false;
        sent[stream]++;
        sentMessages++;
        sentBytes += data.length;
        return true;
    }

    private static void fill(byte[] data, int stream, int number) {
        int value = stream * 31 + number * 7;
        for (int i = HEAD_BYTES; i < data.length; i++) data[i] = (byte) (value + 13 * i);
    }

    /** Takes what arrives; throws when it is not what was sent. */
    public void receive(Message message) {
        byte[] data = message.data();
        int stream = Bytes.i32(data, 0);
        int number = Bytes.i32(data, 4);
        require(stream == message.streamId(), "on the wrong stream");
        require(message.payloadProtocol() == 53, "with another PPID");
        require(message.unordered() == unordered[stream], "with another order");
        require(Bytes.i32(data, 8) == data.length, "with another length");
        require(number < sent[stream], "that was never sent");
        byte[] expected = data.clone();
        fill(expected, stream, number);
        require(java.util.Arrays.equals(expected, data), "with other contents");
        require(!arrived[stream].get(number), "twice");
        require(unordered[stream] || number > lastOrdered[stream], "out of order");
        arrived[stream].set(number);
        lastOrdered[stream] = number;
        arrivedMessages++;
    }

    private static void require(boolean condition, String what) {
        if (!condition) throw new AssertionError("a message arrived " + what);
    }

    public boolean isComplete() {
        return arrivedMessages == sentMessages;
    }

    public long arrivedMessages() {
        return arrivedMessages;
    }

    public long sentMessages() {
        return sentMessages;
    }

    public long sentBytes() {
        return sentBytes;
    }
}
