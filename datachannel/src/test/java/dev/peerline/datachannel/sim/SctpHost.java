package dev.peerline.datachannel.sim;

import dev.peerline.datachannel.sctp.Association;
import dev.peerline.datachannel.sctp.AssociationEvent;
import dev.peerline.datachannel.sctp.AssociationEvent.Message;
import dev.peerline.datachannel.sctp.SctpConfig;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** An association in a simulation, and what it told. */
public final class SctpHost implements Host {
    private final Association association;
    private final byte[] buffer;
    private final List<Message> messages = new ArrayList<>();
    private final List<AssociationEvent> events = new ArrayList<>();
    private Consumer<Message> onMessage = messages::add;
    private boolean reading = true;
    private @Nullable Consumer<byte[]> tap;

    public SctpHost(SctpConfig config, long entropy) {
        association = new Association(config, entropy);
        buffer = new byte[config.maxPacketBytes()];
    }

    public Association association() {
        return association;
    }

    /** Messages received, unless {@link #onMessage} took them. */
    public List<Message> messages() {
        return messages;
    }

    /** Everything else that happened. */
    public List<AssociationEvent> events() {
        return events;
    }

    public void onMessage(Consumer<Message> consumer) {
        onMessage = consumer;
    }

    /** Sees each packet that is sent. */
    public void tap(Consumer<byte[]> observer) {
        tap = observer;
    }

    /** Whether the application takes what arrives. */
    public void reading(boolean yes) {
        reading = yes;
    }

    @Override
    public void receive(byte[] packet, long nowNanos) {
        association.receive(packet, 0, packet.length, nowNanos);
    }

    @Override
    public void advance(long nowNanos) {
        association.advance(nowNanos);
    }

    @Override
    public long deadlineNanos() {
        return association.deadlineNanos();
    }

    @Override
    public byte @Nullable [] transmit(long nowNanos) {
        takeEvents();
        int length = association.transmit(buffer, 0, nowNanos);
        if (length == 0) return null;
        byte[] packet = Arrays.copyOf(buffer, length);
        if (tap != null) tap.accept(packet);
        return packet;
    }

    private void takeEvents() {
        while (reading) {
            AssociationEvent event = association.nextEvent();
            if (event == null) return;
            if (event instanceof Message message) onMessage.accept(message);
            else events.add(event);
        }
    }
}
