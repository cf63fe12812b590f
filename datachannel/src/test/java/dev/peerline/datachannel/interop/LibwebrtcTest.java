package dev.peerline.datachannel.interop;

import java.util.EnumSet;

/** libwebrtc, as webrtc-java binds it. */
final class LibwebrtcTest extends InteropTest {
    LibwebrtcTest() {
        super(
                ForeignPeer.java(LibwebrtcPeer.class),
                256 << 10,
                EnumSet.complementOf(EnumSet.of(Ability.AUDIO)));
    }
}
