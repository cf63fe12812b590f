package dev.peerline.fallback.link.wire;

import org.jspecify.annotations.Nullable;

/**
 * The answer to {@link TopicUp.Publish}, in the mailbox of whoever asked.
 *
 * @param id of the message; null when it was refused
 * @param fault why it was refused; null when it is in the log
 */
public record Published(long request, @Nullable Cursor id, @Nullable TopicFault fault)
        implements EntryBody {
    static final int KIND = 5;

    private static final int FAULT_TAG = 4;

    static Published read(WireReader reader) {
        Fields fields = Fields.read(reader);
        long request = fields.number(1, 0);
        if (fields.has(2) && fields.has(3)) {
            return new Published(
                    request, new Cursor(fields.number(2, 0), fields.number(3, 0)), null);
        }
        return new Published(request, null, TopicFault.read(fields, FAULT_TAG));
    }

    @Override
    public void write(WireWriter writer) {
        Fields.Writer fields = new Fields.Writer().number(1, request);
        if (id != null) fields.number(2, id.epoch()).number(3, id.offset());
        if (fault != null) fault.write(fields, FAULT_TAG);
        fields.writeTo(writer.varint(KIND));
    }
}
