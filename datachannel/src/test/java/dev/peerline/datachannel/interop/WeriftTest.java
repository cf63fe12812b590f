package dev.peerline.datachannel.interop;

import java.util.Set;

/**
 * werift (TypeScript). It takes 64 KiB less one byte; what has no content does not come back, among
 * its like neither; and its program ends with an error where an offer of its own is answered.
 */
final class WeriftTest extends InteropTest {
    WeriftTest() {
        super(ForeignPeer.node("werift"), (64 << 10) - 1, Set.of());
    }
}
