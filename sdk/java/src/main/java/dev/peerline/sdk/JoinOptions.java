package dev.peerline.sdk;

import org.jspecify.annotations.Nullable;

import java.net.ProxySelector;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;

import javax.net.ssl.SSLContext;

/** How a room is joined. Immutable: each {@code with} makes another. */
public final class JoinOptions {
    /** No name, no token, all paths, an id of its own for this time. */
    public static final JoinOptions DEFAULT = new JoinOptions();

    private static final int MAX_NAME_CHARACTERS = 64;

    @Nullable String name;
    @Nullable String token;
    @Nullable Callable<String> tokenSource;
    Set<PathKind> paths = Collections.unmodifiableSet(EnumSet.allOf(PathKind.class));
    int maxDirect = 8;
    @Nullable Identity identity;
    @Nullable Executor executor;
    @Nullable SSLContext sslContext;
    @Nullable ProxySelector proxies;
    Limits limits = Limits.DEFAULT;
    Duration patience = Duration.ofSeconds(30);

    private JoinOptions() {}

    private JoinOptions(JoinOptions other) {
        name = other.name;
        token = other.token;
        tokenSource = other.tokenSource;
        paths = other.paths;
        maxDirect = other.maxDirect;
        identity = other.identity;
        executor = other.executor;
        sslContext = other.sslContext;
        proxies = other.proxies;
        limits = other.limits;
        patience = other.patience;
    }

    /** {@link #DEFAULT} with a name. */
    public static JoinOptions named(String name) {
        return DEFAULT.withName(name);
    }

    /** Shown to others, at most 64 characters; a token that names its holder beats it. */
    public JoinOptions withName(String value) {
        if (value.codePointCount(0, value.length()) > MAX_NAME_CHARACTERS) {
            throw PeerlineException.badArgument("name: has at most 64 characters");
        }
        JoinOptions copy = new JoinOptions(this);
        copy.name = value;
        return copy;
    }

    /** A token that is not renewed: when it expires, the room is closed. */
    public JoinOptions withToken(String value) {
        JoinOptions copy = new JoinOptions(this);
        copy.token = value;
        copy.tokenSource = null;
        return copy;
    }

    /**
     * Asked for a token before the room is joined, again in the last quarter of its time (a minute
     * before its end at the earliest), and once when the server refuses it. May wait: it is called
     * on a virtual thread.
     */
    public JoinOptions withToken(Callable<String> source) {
        JoinOptions copy = new JoinOptions(this);
        copy.token = null;
        copy.tokenSource = source;
        return copy;
    }

    /**
     * The kinds of paths that messages may take; all by default. Where none of them goes through
     * the server, it is used for joining and for finding the others alone.
     */
    public JoinOptions withPaths(Collection<PathKind> kinds) {
        if (kinds.isEmpty()) throw PeerlineException.badArgument("paths: needs one at least");
        JoinOptions copy = new JoinOptions(this);
        copy.paths = Collections.unmodifiableSet(EnumSet.copyOf(kinds));
        return copy;
    }

    /** See {@link #withPaths(Collection)}. */
    public JoinOptions withPaths(PathKind... kinds) {
        return withPaths(Set.of(kinds));
    }

    /**
     * At most so many direct or relayed paths at a time, 8 by default: the most active peers get
     * them, the others are reached through the server.
     *
     * @param most 0 or more
     */
    public JoinOptions withMaxDirect(int most) {
        if (most < 0)
            throw PeerlineException.badArgument("maxDirect: must not be below 0: " + most);
        JoinOptions copy = new JoinOptions(this);
        copy.maxDirect = most;
        return copy;
    }

    /** By default a new one for each room that is joined. */
    public JoinOptions withIdentity(Identity value) {
        JoinOptions copy = new JoinOptions(this);
        copy.identity = value;
        return copy;
    }

    /** Where listeners run, one at a time; by default one virtual thread a room. */
    public JoinOptions withExecutor(Executor value) {
        JoinOptions copy = new JoinOptions(this);
        copy.executor = value;
        return copy;
    }

    /** Whom TLS trusts; by default those of the JVM. */
    public JoinOptions withSslContext(SSLContext value) {
        JoinOptions copy = new JoinOptions(this);
        copy.sslContext = value;
        return copy;
    }

    /** By default {@link ProxySelector#getDefault}. */
    public JoinOptions withProxies(ProxySelector value) {
        JoinOptions copy = new JoinOptions(this);
        copy.proxies = value;
        return copy;
    }

    public JoinOptions withLimits(Limits value) {
        JoinOptions copy = new JoinOptions(this);
        copy.limits = value;
        return copy;
    }

    /**
     * How long joining is tried while no server answers; 30 s by default. A room that was joined
     * tries for ever.
     */
    public JoinOptions withPatience(Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw PeerlineException.badArgument("patience: must be more than 0, not " + value);
        }
        JoinOptions copy = new JoinOptions(this);
        copy.patience = value;
        return copy;
    }
}
