package dev.peerline.datachannel.ice;

/** An end of ours whose packets go over TCP (RFC 6544). */
interface TcpEnd extends LocalEnd {
    @Override
    default IceCandidate.Kind kind() {
        return IceCandidate.Kind.HOST;
    }

    @Override
    default IceCandidate.Protocol protocol() {
        return IceCandidate.Protocol.TCP;
    }

    @Override
    default int typePreference() {
        return CandidatePriority.HOST_TCP;
    }

    @Override
    default int reflexivePreference() {
        return CandidatePriority.PRFLX_TCP;
    }
}
