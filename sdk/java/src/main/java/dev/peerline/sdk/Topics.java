package dev.peerline.sdk;

import dev.peerline.fallback.link.topic.TopicPattern;
import dev.peerline.sdk.push.TopicRequests;

import java.net.URI;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The topics of one server, for processes that are in no room: see {@link Peerline#topics}. They
 * are read by a stream of server-sent events each; where streams do not get through, by long polls;
 * where these are cut, by polls. On each they go on after the last message that was read.
 * Thread-safe.
 */
public final class Topics implements AutoCloseable {
    private final TopicsOptions options;
    private final HttpAccess access;
    private final TopicRequests requests;
    private final TopicPosts posts;
    private final Set<Topic> open = ConcurrentHashMap.newKeySet();

    Topics(URI url, TopicsOptions options) {
        this.options = options;
        String base = base(url);
        access = HttpAccess.of(options.sslContext, options.proxies);
        requests = new TopicRequests(access.http(), base, options.token, options.tokenSource);
        posts = new TopicPosts(requests);
    }

    private static String base(URI url) {
        String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
        if (!scheme.matches("https?") || url.getHost() == null) {
            throw PeerlineException.badArgument("url: https://host, not " + url);
        }
        String path = url.getRawPath() == null ? "" : url.getRawPath();
        return "%s://%s%s/".formatted(scheme, url.getRawAuthority(), path.replaceFirst("/+$", ""));
    }

    /** {@link #topic(String, String)} from now on. */
    public Topic topic(String name) {
        return topic(name, "now");
    }

    /**
     * A topic or pattern. It is read from the first message listener or subscriber on.
     *
     * @param name such as {@code prices.eur}, {@code prices.*} or {@code prices.>}
     * @param after where reading begins: {@code now}, {@code oldest} (of what is kept), or a cursor
     *     of a message or of {@link Topic#cursor}
     * @throws PeerlineException {@code BAD_ARGUMENT}
     */
    public Topic topic(String name, String after) {
        // Each topic tells its listeners by itself: who is slow holds up no other.
        Dispatcher dispatcher = new Dispatcher(options.executor, Integer.MAX_VALUE, () -> {});
        Topic[] self = new Topic[1];
        HttpTopic source =
                new HttpTopic(
                        requests, posts::publish, options.patience, () -> open.remove(self[0]));
        Topic topic = new Topic(name, after, source, dispatcher);
        self[0] = topic;
        open.add(topic);
        return topic;
    }

    /** See {@link #publish(String, Data, PublishOptions)}. */
    public CompletableFuture<String> publish(String topic, String text) {
        return publish(topic, Data.text(text), PublishOptions.DEFAULT);
    }

    /** See {@link #publish(String, Data, PublishOptions)}. */
    public CompletableFuture<String> publish(String topic, Data data) {
        return publish(topic, data, PublishOptions.DEFAULT);
    }

    /**
     * Publishes; messages of one topic in the order of the calls, so one at a time. With a key, a
     * message that nobody knows the fate of is sent again until the server answers.
     *
     * @return completes with the message's id when it is in the log. Fails with {@link
     *     PeerlineException}: {@code FORBIDDEN_SCOPE}, {@code MESSAGE_TOO_LARGE}, {@code
     *     QUEUE_FULL} (retriable), {@code CLOSED}; {@code UNREACHABLE} (retriable) where nobody
     *     knows whether it was published, which a key avoids
     */
    public CompletableFuture<String> publish(String topic, Data data, PublishOptions how) {
        TopicPattern pattern = TopicPattern.parse(topic);
        if (pattern == null || !pattern.isTopic()) {
            return CompletableFuture.failedFuture(
                    PeerlineException.badArgument(
                            "topic: messages are published to one, not to " + topic));
        }
        return posts.publish(HttpTopic.posting(topic, data, how));
    }

    /** Reads nothing more; what is not published by now fails with {@code CLOSED}. */
    @Override
    public void close() {
        for (Topic topic : open) topic.close();
        posts.close();
        access.release().run();
    }
}
