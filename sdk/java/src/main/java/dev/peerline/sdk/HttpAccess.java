package dev.peerline.sdk;

import org.jspecify.annotations.Nullable;

import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.time.Duration;

import javax.net.ssl.SSLContext;

/**
 * What opens connections.
 *
 * @param release when what it is for is closed
 */
record HttpAccess(HttpClient http, Runnable release) {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(15);

    /** For all that say nothing of TLS and proxies. */
    private static final class Shared {
        static final HttpClient CLIENT = builder().build();
    }

    static HttpAccess of(@Nullable SSLContext sslContext, @Nullable ProxySelector proxies) {
        if (sslContext == null && proxies == null) return new HttpAccess(Shared.CLIENT, () -> {});
        HttpClient.Builder builder = builder();
        if (sslContext != null) builder.sslContext(sslContext);
        if (proxies != null) builder.proxy(proxies);
        HttpClient own = builder.build();
        // It waits for its threads.
        return new HttpAccess(own, () -> Thread.startVirtualThread(own::shutdownNow));
    }

    /** HTTP/1.1: no preface to be misunderstood on the way, and no carrier behind another. */
    private static HttpClient.Builder builder() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .executor(Thread::startVirtualThread);
    }
}
