package dev.peerline.datachannel.ice;

/** Who nominates (RFC 8445 §6.1.1). Both sides may start with one role: checks settle it. */
public enum IceRole {
    /** The offerer's, unless it is ICE lite. */
    CONTROLLING,
    CONTROLLED
}
