package dev.peerline.fallback.link.wire;

/**
 * One life of a peer: a reload of a page is the same id with a higher incarnation.
 *
 * @param incarnation 0 … 2^53−1
 */
public record Member(Id id, long incarnation) {
    static final int MIN_BYTES = Id.BYTES + 1;

    static Member read(WireReader reader) {
        return new Member(reader.id(), reader.varint());
    }

    void write(WireWriter writer) {
        writer.id(id).varint(incarnation);
    }

    @Override
    public String toString() {
        return id.text() + "/" + incarnation;
    }
}
