package dev.peerline.datachannel.interop;

/** libwebrtc, as in Chromium. */
final class ChromiumTest extends InteropTest {
    ChromiumTest() {
        super(ForeignPeer.node("chromium"), new Abilities(256 << 10, true, true, true));
    }
}
