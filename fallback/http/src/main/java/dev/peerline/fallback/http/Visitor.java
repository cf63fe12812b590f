package dev.peerline.fallback.http;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;

/**
 * Who opened a carrier, as far as HTTP tells.
 *
 * @param address the client's address, as the handlers before this one have set it (a trusted
 *     proxy's header was applied already)
 * @param origin the {@code Origin} header; null when there is none, as from a program
 * @param host the {@code Host} header with its port; null when there is none
 * @param secure whether it came by TLS, here or at a trusted proxy
 */
public record Visitor(
        InetAddress address, @Nullable String origin, @Nullable String host, boolean secure) {}
