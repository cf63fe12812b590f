package dev.peerline.signaling.rooms.room;

import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.TopicUp;

/** A message that a member publishes: done and answered without the room's lock. */
public record Publishing(Member from, TopicUp.Publish what, TopicRights rights) {}
