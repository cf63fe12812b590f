package dev.peerline.signaling.messages;

import org.jspecify.annotations.Nullable;

import java.util.Locale;
import java.util.Objects;

/**
 * What two peers say to each other to connect directly: docs/protocol.md, section 4. The server
 * passes it on unread.
 */
public sealed interface Signal {
    /** What is accepted of an SDP, and of every other text. */
    int MAX_TEXT_BYTES = 128 * 1024;

    /** Which connection of the pair it is about: a higher one replaces it, a lower one is stale. */
    long connection();

    /** Reads the fields of a signal. */
    static Parsed parse(byte[] fields) {
        FieldReader reader = new FieldReader(fields);
        long connection = reader.number(Tag.CONNECTION);
        long kind = reader.number(Tag.KIND);
        Signal signal =
                switch ((int) Math.min(kind, Integer.MAX_VALUE)) {
                    case Description.KIND -> Description.read(connection, reader);
                    case Candidate.KIND -> Candidate.read(connection, reader);
                    case Decline.KIND ->
                            new Decline(
                                    connection,
                                    Objects.requireNonNullElse(reader.text(Tag.REASON), ""));
                    default -> null;
                };
        if (signal == null) reader.fail("a signal of no known kind");
        String problem = reader.problem();
        return problem == null && signal != null
                ? new Parsed.Good(signal)
                : new Parsed.Bad(Objects.requireNonNullElse(problem, "no signal"));
    }

    /** The fields of this signal. */
    byte[] encode();

    /** What came of reading. */
    sealed interface Parsed {
        /** A signal. */
        record Good(Signal signal) implements Parsed {}

        /** None, and why. */
        record Bad(String problem) implements Parsed {}
    }

    /** Names of a description's types: W3C webrtc-pc, RTCSdpType. */
    enum SdpType {
        OFFER,
        ANSWER,
        ROLLBACK;

        /** As on the wire. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        static @Nullable SdpType of(@Nullable String text) {
            for (SdpType type : values()) {
                if (type.text().equals(text)) return type;
            }
            return null;
        }
    }

    /**
     * A session description.
     *
     * @param sdp empty for a rollback
     */
    record Description(long connection, SdpType type, String sdp) implements Signal {
        static final int KIND = 1;

        static @Nullable Description read(long connection, FieldReader reader) {
            SdpType type = SdpType.of(reader.text(Tag.DESCRIPTION_TYPE));
            String sdp = Objects.requireNonNullElse(reader.text(Tag.SDP), "");
            if (type == null) {
                reader.fail("a description of no known type");
                return null;
            }
            if (sdp.isEmpty() && type != SdpType.ROLLBACK) {
                reader.fail("a description without SDP");
            }
            return new Description(connection, type, sdp);
        }

        @Override
        public byte[] encode() {
            return new FieldWriter()
                    .number(Tag.CONNECTION, connection)
                    .number(Tag.KIND, KIND)
                    .text(Tag.DESCRIPTION_TYPE, type.text())
                    .text(Tag.SDP, sdp.isEmpty() ? null : sdp)
                    .take();
        }
    }

    /**
     * An ICE candidate.
     *
     * @param candidate the line without {@code a=}; empty for the end of candidates
     * @param sdpMid null when it is not told
     * @param sdpMLineIndex -1 when it is not told
     * @param usernameFragment null when it is not told
     */
    record Candidate(
            long connection,
            String candidate,
            @Nullable String sdpMid,
            int sdpMLineIndex,
            @Nullable String usernameFragment)
            implements Signal {
        static final int KIND = 2;

        /** W3C webrtc-pc: an unsigned short. */
        private static final int MAX_INDEX = 65_535;

        static Candidate read(long connection, FieldReader reader) {
            long index = reader.number(Tag.SDP_M_LINE_INDEX);
            if (index > MAX_INDEX) reader.fail("sdpMLineIndex over " + MAX_INDEX);
            return new Candidate(
                    connection,
                    Objects.requireNonNullElse(reader.text(Tag.CANDIDATE), ""),
                    reader.text(Tag.SDP_MID),
                    reader.has(Tag.SDP_M_LINE_INDEX) ? (int) Math.min(index, MAX_INDEX) : -1,
                    reader.text(Tag.USERNAME_FRAGMENT));
        }

        /** Whether no more candidates follow. */
        public boolean isEnd() {
            return candidate.isEmpty();
        }

        @Override
        public byte[] encode() {
            FieldWriter fields =
                    new FieldWriter()
                            .number(Tag.CONNECTION, connection)
                            .number(Tag.KIND, KIND)
                            .text(Tag.CANDIDATE, candidate)
                            .text(Tag.SDP_MID, sdpMid);
            if (sdpMLineIndex >= 0) fields.number(Tag.SDP_M_LINE_INDEX, sdpMLineIndex);
            return fields.text(Tag.USERNAME_FRAGMENT, usernameFragment).take();
        }
    }

    /**
     * No direct connection is wanted.
     *
     * @param reason for the developer
     */
    record Decline(long connection, String reason) implements Signal {
        static final int KIND = 3;

        @Override
        public byte[] encode() {
            return new FieldWriter()
                    .number(Tag.CONNECTION, connection)
                    .number(Tag.KIND, KIND)
                    .text(Tag.REASON, reason.isEmpty() ? null : reason)
                    .take();
        }
    }
}
