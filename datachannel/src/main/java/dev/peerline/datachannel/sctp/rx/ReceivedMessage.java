package dev.peerline.datachannel.sctp.rx;

/**
 * A whole message of the peer.
 *
 * @param payloadProtocol the payload protocol identifier
 * @param data the receiver's own from now on
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ReceivedMessage(int streamId, int payloadProtocol, boolean unordered, byte[] data) {}
