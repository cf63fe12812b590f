package dev.peerline.sdk;

/**
 * What passed between this peer and another since it was first seen.
 *
 * @param bytesSent payload
 * @param bytesReceived payload
 * @param moves changes of the path
 */
public record Stats(
        long messagesSent, long messagesReceived, long bytesSent, long bytesReceived, long moves) {}
