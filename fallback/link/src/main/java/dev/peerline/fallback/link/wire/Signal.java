package dev.peerline.fallback.link.wire;

import org.jspecify.annotations.Nullable;

/**
 * What two peers tell each other about their direct connection: docs/protocol.md, section 4.
 *
 * @param connection a higher number replaces the pair's connection, a lower one is stale
 * @param descriptionType {@code offer}, {@code answer} or {@code rollback}
 * @param candidate empty: the end of the candidates
 * @param sdpMLineIndex −1 when it is not there
 * @param reason of a decline
 */
public record Signal(
        long connection,
        Kind kind,
        @Nullable String descriptionType,
        @Nullable String sdp,
        @Nullable String candidate,
        @Nullable String sdpMid,
        long sdpMLineIndex,
        @Nullable String usernameFragment,
        @Nullable String reason) {

    /** What a signal says. */
    public enum Kind {
        DESCRIPTION(1),
        CANDIDATE(2),
        DECLINE(3);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        static @Nullable Kind of(long number) {
            for (Kind kind : values()) {
                if (kind.number == number) return kind;
            }
            return null;
        }
    }

    /** Reads what {@link #encode} wrote. */
    public static Parsed<Signal> read(Bytes bytes) {
        WireReader reader = bytes.reader();
        Fields fields = Fields.read(reader);
        long number = fields.number(2, 0);
        Kind kind = Kind.of(number);
        if (kind == null) reader.fail("a signal of kind " + number);
        Signal signal =
                new Signal(
                        fields.number(1, 0),
                        kind == null ? Kind.DECLINE : kind,
                        fields.text(3),
                        fields.text(4),
                        fields.text(5),
                        fields.text(6),
                        fields.number(7, -1),
                        fields.text(8),
                        fields.text(9));
        if (!reader.atEnd()) reader.fail("bytes left over");
        return reader.result(signal);
    }

    /** The fields, as {@code SIGNAL} carries them. */
    public Bytes encode() {
        Fields.Writer fields =
                new Fields.Writer()
                        .number(1, connection)
                        .number(2, kind.number)
                        .text(3, descriptionType)
                        .text(4, sdp)
                        .text(5, candidate)
                        .text(6, sdpMid);
        if (sdpMLineIndex >= 0) fields.number(7, sdpMLineIndex);
        fields.text(8, usernameFragment).text(9, reason);
        WireWriter writer = new WireWriter();
        fields.writeTo(writer);
        return writer.take();
    }
}
