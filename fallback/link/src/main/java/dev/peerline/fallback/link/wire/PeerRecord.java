package dev.peerline.fallback.link.wire;

/**
 * A peer as others see it.
 *
 * @param away without a carrier for a while, but not gone
 * @param carrier what it was last seen on
 * @param name at most 64 characters; empty when it has none
 */
public record PeerRecord(Member member, boolean away, CarrierKind carrier, String name) {
    static final int MIN_BYTES = Member.MIN_BYTES + 3;

    private static final int HERE = 1;
    private static final int AWAY = 2;

    static PeerRecord read(WireReader reader) {
        Member member = Member.read(reader);
        long state = reader.varint();
        CarrierKind carrier = CarrierKind.of(reader.varint());
        return new PeerRecord(member, state == AWAY, carrier, reader.text());
    }

    void write(WireWriter writer) {
        member.write(writer);
        writer.varint(away ? AWAY : HERE).varint(carrier.number()).text(name);
    }
}
