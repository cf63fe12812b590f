package dev.peerline.server.options;

import dev.peerline.fallback.http.topics.ReaderLimits;
import dev.peerline.fallback.link.topic.TopicLimits;
import dev.peerline.fallback.link.topic.TopicPattern;
import dev.peerline.server.config.DurationConverter;
import dev.peerline.server.config.Numbers;
import dev.peerline.server.config.Settings;
import dev.peerline.server.http.TopicConfig;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Topics: who may read them without a token, what is kept, and what anybody may use. */
public final class TopicOptions {
    private static final String DEFAULT = "Default: ${DEFAULT-VALUE}.";
    private static final TopicLimits KEPT = TopicLimits.DEFAULT;
    private static final ReaderLimits READERS = ReaderLimits.DEFAULT;
    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;

    @Option(
            names = "--open-topics",
            paramLabel = "PATTERN",
            split = Settings.SEPARATOR,
            splitSynopsisLabel = " ",
            converter = Pattern.class,
            description = "Topics that anybody may read, where tokens are needed otherwise.")
    List<String> openTopics = new ArrayList<>();

    @Option(
            names = "--topic-age",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How long a message is kept. Default: 24h.")
    Duration topicAge = KEPT.maxAge();

    @Option(
            names = "--topic-messages",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description = "Messages kept of all topics with one first segment. " + DEFAULT)
    int topicMessages = KEPT.maxMessages();

    @Option(
            names = "--topic-mib",
            converter = Numbers.Mebibytes.class,
            paramLabel = "N",
            description = "What these may take. " + DEFAULT)
    int topicMib = (int) (KEPT.maxBytes() / MIB);

    @Option(
            names = "--all-topics-mib",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description = "What all topics may take together. " + DEFAULT)
    int allTopicsMib = (int) (KEPT.allBytes() / MIB);

    @Option(
            names = "--max-topics",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description = "Topics. " + DEFAULT)
    int maxTopics = KEPT.maxTopics();

    @Option(
            names = "--max-message-kib",
            converter = Numbers.Mebibytes.class,
            paramLabel = "N",
            description = "The body of a message on a topic. " + DEFAULT)
    int maxMessageKib = READERS.maxMessageBytes() / KIB;

    @Option(
            names = "--max-topic-readers",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description = "Streams, WebSockets and long polls that read topics. " + DEFAULT)
    int maxReaders = READERS.maxReaders();

    @Option(
            names = "--topic-readers-per-address",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description = "The same from one address, or by one token. " + DEFAULT)
    int readersPerAddress = READERS.readersPerKey();

    @Option(
            names = "--publishes-per-second",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description = "Messages that one address or token may publish a second. " + DEFAULT)
    int publishesPerSecond = 200;

    @Option(
            names = "--topic-requests-per-second",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description =
                    "Requests to read topics, each poll one, of one address or token a second. "
                            + DEFAULT)
    int requestsPerSecond = 200;

    @Option(
            names = "--topic-heartbeat",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How often a stream without messages shows that it lives. Default: 25s.")
    Duration heartbeat = READERS.heartbeat();

    /** What they come to. */
    public TopicConfig config() {
        return new TopicConfig(
                new TopicLimits(
                        topicAge,
                        topicMessages,
                        (long) topicMib * MIB,
                        (long) allTopicsMib * MIB,
                        maxTopics,
                        KEPT.maxKeys()),
                new ReaderLimits(
                        maxMessageKib * KIB,
                        maxReaders,
                        readersPerAddress,
                        heartbeat,
                        READERS.writeTimeout()),
                openTopics.stream().map(TopicPattern::parse).toList(),
                publishesPerSecond,
                requestsPerSecond);
    }

    /** A topic or a pattern of topics. */
    public static final class Pattern implements ITypeConverter<String> {
        @Override
        public String convert(String text) {
            if (TopicPattern.parse(text) == null)
                throw new TypeConversionException(
                        "\"" + text + "\" is no topic pattern: write news.sport, news.* or news.>");
            return text;
        }
    }
}
