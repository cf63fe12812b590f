package dev.peerline.server.grpc;

import dev.peerline.fallback.grpc.PushServer;
import dev.peerline.fallback.grpc.PushServer.Inside;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.BindException;

/** Opens gRPC as planned. */
public final class GrpcFace {
    private static final System.Logger LOG = System.getLogger(GrpcFace.class.getName());

    private GrpcFace() {}

    /**
     * Opens it; where the plan allows, on another port when the usual one is taken.
     *
     * @throws BindException when the port is not to be had; the message names it and the option
     */
    public static PushServer open(GrpcPlan plan, Inside inside) throws IOException {
        try {
            return open(plan, plan.port(), inside);
        } catch (BindException problem) {
            if (!plan.mayMove())
                throw new BindException(
                        problem.getMessage()
                                + " (choose another with --grpc-port, 0 for any free one, or"
                                + " --no-grpc)");
        }
        PushServer moved = open(plan, 0, inside);
        LOG.log(
                Level.WARNING,
                "event=grpc-port-taken wanted=%d taken=%d hint=\"--grpc-port says which\""
                        .formatted(plan.port(), moved.port()));
        return moved;
    }

    private static PushServer open(GrpcPlan plan, int port, Inside inside) throws IOException {
        PushServer.Place place = new PushServer.Place(plan.addresses(), port, plan.tls());
        return PushServer.open(place, inside, plan.limits());
    }
}
