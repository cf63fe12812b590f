package dev.peerline.datachannel.interop;

/** libwebrtc, as in Chromium. */
final class ChromiumTest extends InteropTest {
    ChromiumTest() {
        super(ForeignPeer.node("chromium"), 256 << 10);
    }
}
