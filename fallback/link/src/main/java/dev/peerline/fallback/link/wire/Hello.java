package dev.peerline.fallback.link.wire;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The first frame of a carrier.
 *
 * @param room {@code [A-Za-z0-9_-]{1,64}}
 * @param key 32 bytes that prove the id
 * @param token null where there is none
 * @param name at most 64 characters; null when the peer has none
 * @param cursor where the mailbox was read to, when resuming; null at first
 * @param base the lowest way-up number that will be sent, from 1
 * @param attempt rises with every carrier of this incarnation; 0 when it did not say
 * @param welcomed whether a {@code WELCOME} that says no more than the last may be left out (polls)
 * @param post rises with every POST of this incarnation; 0 on all that is none
 */
public record Hello(
        String room,
        Bytes key,
        long incarnation,
        @Nullable String token,
        @Nullable String name,
        @Nullable Cursor cursor,
        long base,
        long attempt,
        boolean welcomed,
        long post)
        implements UpFrame {
    static final int TYPE = 1;

    /** The version of the protocol that is spoken here. */
    public static final int VERSION = 1;

    /** Characters (code points) of a peer's name. */
    public static final int MAX_NAME_CHARACTERS = 64;

    private static final Pattern ROOM = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    /** On a carrier that is no poll and no POST. */
    public Hello(
            String room,
            Bytes key,
            long incarnation,
            @Nullable String token,
            @Nullable String name,
            @Nullable Cursor cursor,
            long base,
            long attempt) {
        this(room, key, incarnation, token, name, cursor, base, attempt, false, 0);
    }

    /** The same with another cursor. */
    public Hello at(Cursor newCursor) {
        return new Hello(
                room, key, incarnation, token, name, newCursor, base, attempt, welcomed, post);
    }

    /** The id that the key proves. */
    public Id id() {
        return Id.of(room, key);
    }

    static Hello read(WireReader reader) {
        Fields fields = Fields.read(reader);
        long version = fields.number(1, 0);
        String room = Objects.requireNonNullElse(fields.text(2), "");
        Bytes key = Objects.requireNonNullElse(fields.bytes(3), Bytes.EMPTY);
        long incarnation = fields.number(4, -1);
        String token = fields.text(5);
        String name = fields.text(6);
        Cursor cursor =
                fields.has(7) && fields.has(8)
                        ? new Cursor(fields.number(7, 0), fields.number(8, 0))
                        : null;
        long base = fields.number(9, 1);
        long attempt = fields.number(10, 0);
        boolean welcomed = fields.number(11, 0) == 1;
        long post = fields.number(12, 0);
        if (!reader.ok()) return new Hello("", Bytes.EMPTY, 0, null, null, null, 1, 0);

        if (version == 0) refuse(reader, "version");
        if (version != VERSION) reader.fail(ErrorCode.VERSION, "version " + version);
        if (!ROOM.matcher(room).matches()) refuse(reader, "room");
        if (key.length() != Id.KEY_BYTES) refuse(reader, "key of 32 bytes");
        if (incarnation < 0) refuse(reader, "incarnation");
        if (name != null && name.codePointCount(0, name.length()) > MAX_NAME_CHARACTERS) {
            refuse(reader, "name of at most 64 characters");
        }
        if (fields.has(7) != fields.has(8)) refuse(reader, "epoch and offset, or neither");
        if (base < 1) refuse(reader, "base from 1");
        return new Hello(
                room, key, incarnation, token, name, cursor, base, attempt, welcomed, post);
    }

    private static void refuse(WireReader reader, String needed) {
        reader.fail(ErrorCode.BAD_HELLO, "HELLO needs a " + needed);
    }

    @Override
    public int type() {
        return TYPE;
    }

    @Override
    public void writeBody(WireWriter writer) {
        Fields.Writer fields =
                new Fields.Writer()
                        .number(1, VERSION)
                        .text(2, room)
                        .bytes(3, key)
                        .number(4, incarnation)
                        .text(5, token)
                        .text(6, name);
        if (cursor != null) fields.number(7, cursor.epoch()).number(8, cursor.offset());
        fields.number(9, base);
        if (attempt > 0) fields.number(10, attempt);
        if (welcomed) fields.number(11, 1);
        if (post > 0) fields.number(12, post);
        fields.writeTo(writer);
    }

    /** Without key and token, which no log may see. */
    @Override
    public String toString() {
        return "Hello[room=%s, incarnation=%d, cursor=%s, base=%d, attempt=%d, post=%d]"
                .formatted(room, incarnation, cursor, base, attempt, post);
    }
}
