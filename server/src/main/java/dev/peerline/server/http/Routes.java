package dev.peerline.server.http;

import dev.peerline.fallback.http.LinkHandler;
import dev.peerline.fallback.http.topics.TopicHandler;
import dev.peerline.server.metrics.Route;
import dev.peerline.server.token.Names;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import io.undertow.util.StatusCodes;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which handler a path belongs to. Immutable. */
final class Routes implements HttpHandler {
    /** What the request is counted as. */
    static final AttachmentKey<Route> ROUTE = AttachmentKey.create(Route.class);

    private static final Set<HttpString> READ = Set.of(Methods.GET, Methods.HEAD);
    private static final String SDK = "/sdk/";
    private static final String LINK = "/v1/link";
    private static final String COMPARE = "/compare";

    /**
     * A handler at a fixed path.
     *
     * @param methods what it answers
     */
    record Door(Route route, Set<HttpString> methods, HttpHandler handler) {
        static Door reading(Route route, HttpHandler handler) {
            return new Door(route, READ, handler);
        }
    }

    private final Map<String, Door> doors;
    private final HttpHandler link;
    private final HttpHandler topics;
    private final Pages pages;

    /**
     * @param doors handlers by their exact path
     * @param link handles {@code /v1/link}, and all methods there
     * @param topics handles what is below {@code /v1/topics/}, in the same way
     */
    Routes(Map<String, Door> doors, HttpHandler link, HttpHandler topics, Pages pages) {
        this.doors = Map.copyOf(doors);
        this.link = link;
        this.topics = topics;
        this.pages = pages;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        String path = exchange.getRequestPath();
        if (path.equals(LINK)) {
            exchange.putAttachment(ROUTE, Route.LINK);
            link.handleRequest(exchange);
            return;
        }
        if (isTopic(exchange)) {
            exchange.putAttachment(ROUTE, Route.TOPICS);
            topics.handleRequest(exchange);
            return;
        }
        Door door = doors.get(path);
        if (door == null) door = fileOrPage(path);
        if (door == null) {
            Problem.notFound().send(exchange);
        } else if (!door.methods().contains(exchange.getRequestMethod())) {
            refuseMethod(exchange, door.methods());
        } else {
            exchange.putAttachment(ROUTE, door.route());
            door.handler().handleRequest(exchange);
        }
    }

    /** Whether a request is answered with packets, refusals too. */
    static boolean isLinkOfPackets(HttpServerExchange exchange) {
        return exchange.getRequestPath().equals(LINK) && !LinkHandler.isUpgrade(exchange);
    }

    /** Whether a request is about a topic: these have limits of their own. */
    static boolean isTopic(HttpServerExchange exchange) {
        return exchange.getRequestPath().startsWith(TopicHandler.PREFIX);
    }

    private @Nullable Door fileOrPage(String path) {
        if (path.startsWith(SDK)) {
            Resource module = pages.sdk(path.substring(SDK.length()));
            return module == null
                    ? null
                    : Door.reading(Route.SDK, exchange -> ResourceSender.send(exchange, module));
        }
        Resource asset = pages.asset(path.substring(1));
        if (asset != null)
            return Door.reading(Route.ASSET, exchange -> ResourceSender.send(exchange, asset));
        if (path.equals("/") || Names.isRoom(path.substring(1)))
            return Door.reading(Route.PAGE, pages);
        if (path.equals(COMPARE)) return Door.reading(Route.PAGE, pages::compare);
        boolean slashed =
                path.equals(COMPARE + "/")
                        || (path.endsWith("/")
                                && Names.isRoom(path.substring(1, path.length() - 1)));
        return slashed ? Door.reading(Route.PAGE, exchange -> redirect(exchange, path)) : null;
    }

    /** From {@code /room/} to the room; the name was checked, so it leads nowhere else. */
    private static void redirect(HttpServerExchange exchange, String path) {
        exchange.setStatusCode(StatusCodes.PERMANENT_REDIRECT);
        exchange.getResponseHeaders().put(Headers.LOCATION, path.substring(0, path.length() - 1));
        exchange.endExchange();
    }

    private static void refuseMethod(HttpServerExchange exchange, Set<HttpString> methods) {
        List<String> names = methods.stream().map(HttpString::toString).sorted().toList();
        exchange.getResponseHeaders().put(Headers.ALLOW, String.join(", ", names));
        new Problem(
                        StatusCodes.METHOD_NOT_ALLOWED,
                        "METHOD_NOT_ALLOWED",
                        "This answers " + String.join(" and ", names) + ".")
                .send(exchange);
    }
}
