package dev.peerline.datachannel.sdp;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * What a description says about the transport of a section, or of the whole session; whatever is
 * not said is null or empty.
 *
 * @param ufrag {@code a=ice-ufrag} (RFC 8839)
 * @param password {@code a=ice-pwd}
 * @param fingerprints {@code a=fingerprint} (RFC 8122)
 * @param setup {@code a=setup}
 */
public record TransportDescription(
        @Nullable String ufrag,
        @Nullable String password,
        List<Fingerprint> fingerprints,
        @Nullable Setup setup) {
    public TransportDescription {
        fingerprints = List.copyOf(fingerprints);
    }

    static final TransportDescription NOTHING =
            new TransportDescription(null, null, List.of(), null);

    /** What is not said here is taken from there. */
    TransportDescription orElse(TransportDescription other) {
        // The two halves of the credentials belong together.
        boolean own = ufrag != null || password != null;
        return new TransportDescription(
                own ? ufrag : other.ufrag,
                own ? password : other.password,
                fingerprints.isEmpty() ? other.fingerprints : fingerprints,
                setup == null ? other.setup : setup);
    }
}
