package dev.peerline.datachannel;

import dev.peerline.datachannel.ice.IceStats;
import dev.peerline.datachannel.sctp.AssociationStats;

import org.jspecify.annotations.Nullable;

/**
 * Counters since the beginning, and how things are (after the W3C's RTCStats, by layer).
 *
 * @param dtlsCipherSuite as IANA numbers it, 0 before the handshake is over
 * @param dtlsRefusedRecords malformed, replayed, not authentic, or of no use
 * @param sctp null before there is an association
 * @param channelsOpened since the beginning
 * @param channelsClosed since the beginning
 */
public record PeerConnectionStats(
        IceStats ice,
        int dtlsCipherSuite,
        long dtlsRefusedRecords,
        @Nullable AssociationStats sctp,
        long channelsOpened,
        long channelsClosed) {}
