package dev.peerline.sdk;

/**
 * Something of a peer will not come.
 *
 * @param channel empty for the one without a name
 * @param direct whether it was for this peer alone
 * @param count how many numbers; a message over 16 KiB has several
 * @param reason a sentence
 */
public record Gap(Peer peer, String channel, boolean direct, long count, String reason) {}
