package dev.peerline.datachannel;

/**
 * A server gave no candidate (the W3C's RTCPeerConnectionIceErrorEvent).
 *
 * @param url of the server, with port and transport written out
 * @param errorCode as the server said it (RFC 8489 §14.8), 0 when there was no answer
 * @param errorText what to do about it
 */
public record IceCandidateError(String url, int errorCode, String errorText) {}
