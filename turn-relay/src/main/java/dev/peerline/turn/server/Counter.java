package dev.peerline.turn.server;

/** What is counted. The names are the label values of metrics: a closed list. */
public enum Counter {
    CLIENT_PACKETS,
    CLIENT_BYTES,
    PEER_PACKETS,
    PEER_BYTES,
    ALLOCATIONS_MADE,
    ALLOCATIONS_ENDED,
    /** To another 5-tuple (RFC 8016). */
    ALLOCATIONS_MOVED,
    BINDING_REQUESTS,
    REQUESTS,
    CHALLENGES,
    WRONG_CREDENTIALS,
    STALE_NONCES,
    FORBIDDEN_PEERS,
    QUOTA_REACHED,
    NO_PORT,
    /** Not STUN, not ChannelData, or malformed. */
    MALFORMED,
    /** ChannelData or Send without an allocation, a channel or a permission. */
    NOT_PERMITTED,
    /** From peers without a permission. */
    UNWANTED,
    /** Beyond the bandwidth of a user or of all. */
    OVER_BANDWIDTH,
    /** Answers to strangers that were not given. */
    STRANGERS_LIMITED,
    /** TCP, TLS and DTLS, beyond the limits. */
    CONNECTIONS_REFUSED,
    ICMP_ERRORS
}
