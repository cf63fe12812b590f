package dev.peerline.datachannel.interop;

import java.util.EnumSet;

/** Firefox, without a window. */
final class FirefoxTest extends InteropTest {
    FirefoxTest() {
        super(ForeignPeer.node("firefox"), 256 << 10, EnumSet.allOf(Ability.class));
    }
}
