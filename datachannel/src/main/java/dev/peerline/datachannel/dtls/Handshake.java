package dev.peerline.datachannel.dtls;

import org.bouncycastle.tls.DTLSClientProtocol;
import org.bouncycastle.tls.DTLSServerProtocol;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsFatalAlertReceived;
import org.bouncycastle.tls.TlsTimeoutException;

import java.io.IOException;

/** Runs BouncyCastle's handshake, on the thread that calls. */
final class Handshake {
    private Handshake() {}

    /** What came out of it. */
    sealed interface Outcome {
        record Done(KeyExport keys) implements Outcome {}

        record Failed(String reason) implements Outcome {}
    }

    static Outcome run(DtlsRole role, HandshakePeer peer, HandshakeChannel channel) {
        try {
            // What is returned would be BouncyCastle's record layer.
            var _ =
                    switch (role) {
                        case CLIENT -> new DTLSClientProtocol().connect(peer.new Client(), channel);
                        case SERVER -> new DTLSServerProtocol().accept(peer.new Server(), channel);
                    };
            channel.flush();
            return new Outcome.Done(peer.keys());
        } catch (IOException problem) {
            channel.flush();
            return new Outcome.Failed(reason(problem));
        } catch (RuntimeException problem) {
            // Bytes of the peer must not get through as an exception, whatever the library does.
            channel.flush();
            return new Outcome.Failed("the handshake broke: " + problem);
        }
    }

    private static String reason(IOException problem) {
        return switch (problem) {
            case TlsFatalAlertReceived alert ->
                    "the peer has refused the DTLS handshake: " + alert.getMessage();
            case TlsTimeoutException _ -> "the peer does not answer the DTLS handshake";
            case TlsFatalAlert alert -> "the DTLS handshake failed: " + alert.getMessage();
            default -> "the DTLS handshake failed: " + problem.getMessage();
        };
    }
}
