package dev.peerline.datachannel.interop;

import java.util.EnumSet;

/** libwebrtc, as in Chromium. */
final class ChromiumTest extends InteropTest {
    ChromiumTest() {
        super(ForeignPeer.node("chromium"), 256 << 10, EnumSet.allOf(Ability.class));
    }
}
