package dev.peerline.datachannel.dtls;

/**
 * What one direction of AES-GCM needs (RFC 5288 §3).
 *
 * @param key 16 or 32 bytes
 * @param salt the 4 bytes that every nonce begins with
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record TrafficKeys(byte[] key, byte[] salt) {}
