package dev.peerline.server.reload;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/**
 * SIGHUP, where there is such a thing. The JDK's only way to it is not part of Java, so that it is
 * asked for by name.
 */
final class HangUp {
    private HangUp() {}

    /** Has it run this, on a thread of its own; false where that cannot be had. */
    static boolean runs(Runnable task) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler answer =
                    (proxy, method, arguments) ->
                            switch (method.getName()) {
                                case "handle" -> {
                                    task.run();
                                    yield null;
                                }
                                case "equals" -> proxy.hashCode() == arguments[0].hashCode();
                                case "hashCode" -> System.identityHashCode(proxy);
                                default -> "HangUp";
                            };
            Object made =
                    Proxy.newProxyInstance(
                            HangUp.class.getClassLoader(), new Class<?>[] {handler}, answer);
            Object hup = signal.getConstructor(String.class).newInstance("HUP");
            signal.getMethod("handle", signal, handler).invoke(null, hup, made);
            return true;
        } catch (ReflectiveOperationException | IllegalArgumentException _) {
            return false;
        }
    }
}
