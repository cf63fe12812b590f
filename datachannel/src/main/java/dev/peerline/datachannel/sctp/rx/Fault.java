package dev.peerline.datachannel.sctp.rx;

/** What a peer did in DATA that ends the association. */
public enum Fault {
    /** A message is longer than was agreed. */
    MESSAGE_TOO_LONG,
    /** A fragment that contradicts its neighbours. */
    BAD_FRAGMENT,
    /** More unfinished messages than memory is set aside for. */
    OUT_OF_MEMORY
}
