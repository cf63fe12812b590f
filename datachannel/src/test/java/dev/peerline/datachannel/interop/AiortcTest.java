package dev.peerline.datachannel.interop;

import java.util.EnumSet;

/**
 * aiortc (Python), of Debian. It wants to be asked by {@code actpass}, and numbers its channels by
 * the role of ICE, not of DTLS: with its offer only an active answerer fits that.
 */
final class AiortcTest extends InteropTest {
    AiortcTest() {
        super(ForeignPeer.python(), 64 << 10, EnumSet.of(Ability.EMPTY, Ability.OFFER));
    }
}
