package dev.peerline.sdk;

import dev.peerline.sdk.push.TopicReading;

import org.jspecify.annotations.Nullable;

import java.net.ProxySelector;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;

import javax.net.ssl.SSLContext;

/** How topics of a server are reached. Immutable: each {@code with} makes another. */
public final class TopicsOptions {
    /** No token. */
    public static final TopicsOptions DEFAULT = new TopicsOptions();

    @Nullable String token;
    @Nullable Callable<String> tokenSource;
    @Nullable Executor executor;
    @Nullable SSLContext sslContext;
    @Nullable ProxySelector proxies;

    /** For tests, which are in a hurry. */
    TopicReading.Patience patience = TopicReading.Patience.DEFAULT;

    private TopicsOptions() {}

    private TopicsOptions(TopicsOptions other) {
        token = other.token;
        tokenSource = other.tokenSource;
        executor = other.executor;
        sslContext = other.sslContext;
        proxies = other.proxies;
        patience = other.patience;
    }

    /** A token that is not renewed: when it expires, topics end. */
    public TopicsOptions withToken(String value) {
        TopicsOptions copy = new TopicsOptions(this);
        copy.token = value;
        copy.tokenSource = null;
        return copy;
    }

    /**
     * Asked for a token before the first request, and again when the server wants another. May
     * wait: it is called on a virtual thread.
     */
    public TopicsOptions withToken(Callable<String> source) {
        TopicsOptions copy = new TopicsOptions(this);
        copy.token = null;
        copy.tokenSource = source;
        return copy;
    }

    /** Where listeners run, those of one topic one at a time; by default virtual threads. */
    public TopicsOptions withExecutor(Executor value) {
        TopicsOptions copy = new TopicsOptions(this);
        copy.executor = value;
        return copy;
    }

    /** Whom TLS trusts; by default those of the JVM. */
    public TopicsOptions withSslContext(SSLContext value) {
        TopicsOptions copy = new TopicsOptions(this);
        copy.sslContext = value;
        return copy;
    }

    /** By default {@link ProxySelector#getDefault}. */
    public TopicsOptions withProxies(ProxySelector value) {
        TopicsOptions copy = new TopicsOptions(this);
        copy.proxies = value;
        return copy;
    }

    TopicsOptions withPatience(TopicReading.Patience value) {
        TopicsOptions copy = new TopicsOptions(this);
        copy.patience = value;
        return copy;
    }
}
