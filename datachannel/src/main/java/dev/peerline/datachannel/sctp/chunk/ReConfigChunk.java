package dev.peerline.datachannel.sctp.chunk;

import java.util.ArrayList;
import java.util.List;

/**
 * RE-CONFIG (RFC 6525 §3.1): one or two parameters, each a request or a response.
 *
 * <pre>
 * +---------------+---------------+-------------------------------+
 * |  Type = 130   |  Chunk Flags  |          Chunk Length         |
 * +---------------+---------------+-------------------------------+
 * /                  Re-configuration Parameter                   /
 * /             Re-configuration Parameter (optional)             /
 * </pre>
 */
public record ReConfigChunk(List<Parameter> parameters) {
    /** A request or a response. */
    public sealed interface Parameter {}

    /**
     * §4.1: "my outgoing streams begin anew after this TSN". No streams means all.
     *
     * @param responseSequence the request of the peer that this one was asked for by, if any
     * @param lastTsn the last TSN the sender has assigned
     */
    public record OutgoingReset(
            int requestSequence, int responseSequence, int lastTsn, List<Integer> streams)
            implements Parameter {
        public OutgoingReset {
            streams = List.copyOf(streams);
        }
    }

    /** §4.2: "please reset your outgoing streams". No streams means all. */
    public record IncomingReset(int requestSequence, List<Integer> streams) implements Parameter {
        public IncomingReset {
            streams = List.copyOf(streams);
        }
    }

    /** §4.4: the answer, one of {@code Result}'s numbers. */
    public record Response(int responseSequence, int result) implements Parameter {}

    /** §4.3, §4.5, §4.6: TSN reset and more streams, which are refused. */
    public record Unsupported(int requestSequence) implements Parameter {}

    public static final int NOTHING_TO_DO = 0;
    public static final int PERFORMED = 1;
    public static final int DENIED = 2;
    public static final int WRONG_STREAM = 3;
    public static final int REQUEST_IN_PROGRESS = 4;
    public static final int BAD_SEQUENCE = 5;
    public static final int IN_PROGRESS = 6;

    private static final int OUTGOING_RESET = 13;
    private static final int INCOMING_RESET = 14;
    private static final int TSN_RESET = 15;
    private static final int RESPONSE = 16;
    private static final int ADD_OUTGOING = 17;
    private static final int ADD_INCOMING = 18;

    public ReConfigChunk {
        parameters = List.copyOf(parameters);
    }

    public static Parsed<ReConfigChunk> parse(ChunkCursor chunk) {
        byte[] bytes = chunk.bytes();
        List<Parameter> parameters = new ArrayList<>();
        ParameterCursor cursor = new ParameterCursor(bytes, chunk.valueStart(), chunk.end());
        while (cursor.next()) {
            if (parameters.size() == 2) return Parsed.bad(Malformed.TOO_MANY);
            int at = cursor.valueStart();
            int length = cursor.valueLength();
            if (length < 4) return Parsed.bad(Malformed.TOO_SHORT);
            int sequence = Bytes.i32(bytes, at);
            switch (cursor.type()) {
                case OUTGOING_RESET -> {
                    if (length < 12) return Parsed.bad(Malformed.TOO_SHORT);
                    parameters.add(
                            new OutgoingReset(
                                    sequence,
                                    Bytes.i32(bytes, at + 4),
                                    Bytes.i32(bytes, at + 8),
                                    streams(bytes, at + 12, at + length)));
                }
                case INCOMING_RESET ->
                        parameters.add(
                                new IncomingReset(sequence, streams(bytes, at + 4, at + length)));
                case RESPONSE -> {
                    if (length < 8) return Parsed.bad(Malformed.TOO_SHORT);
                    parameters.add(new Response(sequence, Bytes.i32(bytes, at + 4)));
                }
                case TSN_RESET, ADD_OUTGOING, ADD_INCOMING ->
                        parameters.add(new Unsupported(sequence));
                default -> {
                    return Parsed.bad(Malformed.BAD_VALUE);
                }
            }
        }
        if (cursor.malformed()) return Parsed.bad(Malformed.BAD_LENGTH);
        if (parameters.isEmpty()) return Parsed.bad(Malformed.MISSING_PARAMETER);
        return Parsed.good(new ReConfigChunk(parameters));
    }

    public void write(PacketWriter out) {
        out.beginChunk(ChunkType.RE_CONFIG, 0);
        for (Parameter parameter : parameters) {
            out.pad();
            write(out, parameter);
        }
        out.endChunk();
    }

    private static void write(PacketWriter out, Parameter parameter) {
        int start;
        switch (parameter) {
            case OutgoingReset reset -> {
                start = out.beginParameter(OUTGOING_RESET);
                out.put32(reset.requestSequence);
                out.put32(reset.responseSequence);
                out.put32(reset.lastTsn);
                for (int stream : reset.streams) out.put16(stream);
            }
            case IncomingReset reset -> {
                start = out.beginParameter(INCOMING_RESET);
                out.put32(reset.requestSequence);
                for (int stream : reset.streams) out.put16(stream);
            }
            case Response response -> {
                start = out.beginParameter(RESPONSE);
                out.put32(response.responseSequence);
                out.put32(response.result);
            }
            case Unsupported request -> {
                start = out.beginParameter(TSN_RESET);
                out.put32(request.requestSequence);
            }
        }
        out.endParameter(start);
    }

    private static List<Integer> streams(byte[] bytes, int from, int to) {
        List<Integer> streams = new ArrayList<>();
        for (int at = from; at + 2 <= to; at += 2) streams.add(Bytes.u16(bytes, at));
        return streams;
    }
}
