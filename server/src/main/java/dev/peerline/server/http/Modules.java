package dev.peerline.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.undertow.server.HttpServerExchange;
import io.undertow.server.ServerConnection;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The modules that a page needs before it can join, sent along with it: pushed (RFC 9113 §8.4) to
 * clients that take pushes, named in a {@code Link} to all others. Immutable.
 */
final class Modules {
    private static final HttpString LINK = HttpString.tryFromString("Link");

    /** More than there are; an import in a circle ends by itself. */
    private static final int MAX_MODULES = 64;

    private static final Pattern IMPORT =
            Pattern.compile(
                    "^(?:import|export)\\s(?:[^'\";]*\\sfrom\\s+)?'(\\.[^']+)'", Pattern.MULTILINE);

    private final List<String> paths;
    private final String link;

    /**
     * @param folder where the modules are served
     * @param entry the first of them, below that
     * @param files modules by their path below the folder; null for none
     */
    Modules(String folder, String entry, Function<String, @Nullable Resource> files) {
        Set<String> found = new LinkedHashSet<>();
        collect(URI.create(folder), URI.create(folder + entry), files, found);
        paths = List.copyOf(found);
        link = String.join(", ", paths.stream().map("<%s>; rel=modulepreload"::formatted).toList());
    }

    /** What a module imports statically comes after it, as a browser would find it. */
    private static void collect(
            URI folder, URI module, Function<String, @Nullable Resource> files, Set<String> found) {
        Resource file = files.apply(folder.relativize(module).getPath());
        if (file == null) throw new IllegalStateException(module + " is missing");
        if (found.size() == MAX_MODULES || !found.add(module.getPath())) return;
        Matcher imports = IMPORT.matcher(UTF_8.decode(file.plain().duplicate()));
        while (imports.find()) collect(folder, module.resolve(imports.group(1)), files, found);
    }

    /** Their paths, the entry first. */
    List<String> paths() {
        return paths;
    }

    /** Sends them along with a page that is about to be answered. */
    void accompany(HttpServerExchange exchange) {
        // Who asks whether the page has changed has them, and asks for each.
        if (exchange.getRequestHeaders().contains(Headers.IF_NONE_MATCH)) return;
        ServerConnection connection = exchange.getConnection();
        if (!exchange.getRequestMethod().equals(Methods.GET) || !connection.isPushSupported()) {
            exchange.getResponseHeaders().add(LINK, link);
            return;
        }
        for (String path : paths) {
            // The client's limit of streams: it asks for the rest.
            if (!connection.pushResource(path, Methods.GET, asked(exchange))) return;
        }
    }

    /** The headers that the client would have sent. */
    private static HeaderMap asked(HttpServerExchange exchange) {
        HeaderMap headers = new HeaderMap();
        headers.put(Headers.HOST, exchange.getHostAndPort());
        String coding = exchange.getRequestHeaders().getFirst(Headers.ACCEPT_ENCODING);
        if (coding != null) headers.put(Headers.ACCEPT_ENCODING, coding);
        return headers;
    }
}
