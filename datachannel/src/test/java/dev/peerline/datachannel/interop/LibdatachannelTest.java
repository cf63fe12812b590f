package dev.peerline.datachannel.interop;

import java.util.EnumSet;

/**
 * libdatachannel with usrsctp, as node-datachannel binds it. It tells nothing of maxPacketLifeTime.
 */
final class LibdatachannelTest extends InteropTest {
    LibdatachannelTest() {
        super(
                ForeignPeer.node("libdatachannel"),
                256 << 10,
                EnumSet.of(Ability.EMPTY, Ability.OFFER, Ability.BOTH_ROLES));
    }
}
