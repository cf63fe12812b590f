package dev.peerline.fallback.http;

/** Whoever keeps the sessions that carriers carry. */
public interface Sessions {}
