package dev.peerline.fallback.link.wire;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/**
 * The answer to {@code HELLO}.
 *
 * @param cursor reading goes on after it
 * @param up the highest way-up number that was taken
 * @param resumed true: nothing was lost; false: the session begins anew
 * @param iceServers JSON as {@code GET /v1/ice-servers} answers
 * @param expiresAtMillis Unix ms of the token's end; 0 when it has none
 */
public record Welcome(
        Id id,
        String name,
        Cursor cursor,
        long up,
        boolean resumed,
        Terms terms,
        @Nullable String iceServers,
        long expiresAtMillis)
        implements DownFrame {
    static final int TYPE = 17;

    /**
     * What is the same for every client of a server.
     *
     * @param awayMillis how long a peer that is away is waited for
     * @param pingMillis after so long without a sign of life a client pings
     * @param server name and version
     * @param topics how many a session may subscribe to; 0 for none
     * @param takesOffers whether the server answers offers of a data channel to itself
     */
    public record Terms(
            long awayMillis,
            long pingMillis,
            int maxPacketBytes,
            String server,
            int topics,
            boolean takesOffers) {
        /** Those of a server whose sessions carry no topics. */
        public Terms(long awayMillis, long pingMillis, int maxPacketBytes, String server) {
            this(awayMillis, pingMillis, maxPacketBytes, server, 0);
        }

        /** Those of a server that takes no offers. */
        public Terms(
                long awayMillis, long pingMillis, int maxPacketBytes, String server, int topics) {
            this(awayMillis, pingMillis, maxPacketBytes, server, topics, false);
        }
    }

    static Welcome read(WireReader reader) {
        Fields fields = Fields.read(reader);
        if (fields.number(1, 0) != Hello.VERSION) reader.fail("WELCOME of another version");
        Bytes id = Objects.requireNonNullElse(fields.bytes(2), Bytes.EMPTY);
        WireReader idReader = id.reader();
        Terms terms =
                new Terms(
                        fields.number(8, 0),
                        fields.number(9, 0),
                        (int) Math.min(fields.number(10, 0), Integer.MAX_VALUE),
                        Objects.requireNonNullElse(fields.text(13), ""),
                        (int) Math.min(fields.number(14, 0), Integer.MAX_VALUE),
                        fields.number(15, 0) == 1);
        Welcome welcome =
                new Welcome(
                        idReader.id(),
                        Objects.requireNonNullElse(fields.text(3), ""),
                        new Cursor(fields.number(4, 0), fields.number(5, 0)),
                        fields.number(6, 0),
                        fields.number(7, 0) == 1,
                        terms,
                        fields.text(11),
                        fields.number(12, 0));
        if (!idReader.ok() || !idReader.atEnd()) reader.fail("WELCOME needs an id of 16 bytes");
        return welcome;
    }

    @Override
    public int type() {
        return TYPE;
    }

    @Override
    public void writeBody(WireWriter writer) {
        Fields.Writer fields =
                new Fields.Writer()
                        .number(1, Hello.VERSION)
                        .bytes(2, new WireWriter(Id.BYTES).id(id).take())
                        .text(3, name)
                        .number(4, cursor.epoch())
                        .number(5, cursor.offset())
                        .number(6, up)
                        .number(7, resumed ? 1 : 0)
                        .number(8, terms.awayMillis())
                        .number(9, terms.pingMillis())
                        .number(10, terms.maxPacketBytes())
                        .text(11, iceServers);
        if (expiresAtMillis > 0) fields.number(12, expiresAtMillis);
        fields.text(13, terms.server());
        if (terms.topics() > 0) fields.number(14, terms.topics());
        if (terms.takesOffers()) fields.number(15, 1);
        fields.writeTo(writer);
    }
}
