package dev.peerline.datachannel.sctp.chunk;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A cause in ERROR and ABORT (RFC 9260 §3.3.10).
 *
 * @param code one of the constants, or what the peer sent
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ErrorCause(int code, byte[] information) {
    public static final int INVALID_STREAM = 1;
    public static final int MISSING_PARAMETER = 2;
    public static final int STALE_COOKIE = 3;
    public static final int OUT_OF_RESOURCE = 4;
    public static final int UNRECOGNIZED_CHUNK = 6;
    public static final int INVALID_PARAMETER = 7;
    public static final int UNRECOGNIZED_PARAMETERS = 8;
    public static final int NO_USER_DATA = 9;
    public static final int COOKIE_WHILE_SHUTTING_DOWN = 10;
    public static final int USER_INITIATED_ABORT = 12;
    public static final int PROTOCOL_VIOLATION = 13;

    /** More causes than this in one chunk are ignored. */
    private static final int MAX_CAUSES = 16;

    /** Of an unknown chunk or parameter, or of a reason, at most this much is sent. */
    private static final int MAX_INFORMATION_BYTES = 256;

    public static ErrorCause of(int code) {
        return new ErrorCause(code, new byte[0]);
    }

    /** At most so much of the text that a chunk fits any packet. */
    public static ErrorCause withText(int code, String text) {
        return withBytes(code, text.getBytes(StandardCharsets.UTF_8));
    }

    public static ErrorCause withBytes(int code, byte[] bytes) {
        return new ErrorCause(
                code, Arrays.copyOf(bytes, Math.min(bytes.length, MAX_INFORMATION_BYTES)));
    }

    public static ErrorCause invalidStream(int streamId) {
        return new ErrorCause(
                INVALID_STREAM, new byte[] {(byte) (streamId >> 8), (byte) streamId, 0, 0});
    }

    /** §3.3.10.3: the "Measure of Staleness", by how much it came too late. */
    public static ErrorCause staleCookie(long micros) {
        byte[] measure = new byte[4];
        Bytes.put32(measure, 0, (int) Math.min(micros, 0xffff_ffffL));
        return new ErrorCause(STALE_COOKIE, measure);
    }

    /** What it takes in a chunk, padding included. */
    public int paddedBytes() {
        return Bytes.padded(4 + information.length);
    }

    /** The information as text, where it is some. */
    public String text() {
        return new String(information, StandardCharsets.UTF_8);
    }

    /** The causes under the cursor; what is malformed ends the list. */
    public static List<ErrorCause> parse(ChunkCursor chunk) {
        List<ErrorCause> causes = new ArrayList<>();
        ParameterCursor cause = new ParameterCursor(chunk.bytes(), chunk.valueStart(), chunk.end());
        while (causes.size() < MAX_CAUSES && cause.next())
            causes.add(new ErrorCause(cause.type(), cause.value()));
        return causes;
    }

    /** Writes an ABORT. {@code reflected}: the T bit, the tag is the one the peer sent. */
    public static void writeAbort(PacketWriter out, boolean reflected, List<ErrorCause> causes) {
        writeChunk(out.beginChunk(ChunkType.ABORT, reflected ? 1 : 0), causes);
    }

    public static void writeError(PacketWriter out, List<ErrorCause> causes) {
        writeChunk(out.beginChunk(ChunkType.ERROR, 0), causes);
    }

    private static void writeChunk(PacketWriter out, List<ErrorCause> causes) {
        for (ErrorCause cause : causes) {
            out.pad();
            int start = out.beginParameter(cause.code);
            out.put(cause.information);
            out.endParameter(start);
        }
        out.endChunk();
    }
}
