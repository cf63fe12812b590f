package dev.peerline.server;

import java.net.Socket;
import java.security.cert.X509Certificate;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** What the server showed; the test looks at it instead of trusting it. */
final class AnyCertificate extends X509ExtendedTrustManager {
    private volatile X509Certificate[] chain = {};

    X509Certificate first() {
        return chain[0];
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
        this.chain = chain;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket on) {
        this.chain = chain;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
        this.chain = chain;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
        throw new AssertionError("a client trusts no clients");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket on) {
        throw new AssertionError("a client trusts no clients");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {
        throw new AssertionError("a client trusts no clients");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
