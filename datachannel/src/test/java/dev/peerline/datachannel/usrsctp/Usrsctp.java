package dev.peerline.datachannel.usrsctp;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.HashMap;
import java.util.Map;

/**
 * The functions of libusrsctp 0.9.5 (Debian's libusrsctp2) that the tests call, without its
 * threads: time is what {@code handleTimers} says. One thread only.
 */
@SuppressWarnings("restricted") // native calls are what this is for
final class Usrsctp {
    /** Gets the packets that a socket sends. */
    interface Output {
        void packet(byte[] packet);
    }

    static final int AF_CONN = 123;
    static final int SOCK_STREAM = 1;
    static final int IPPROTO_SCTP = 132;

    private static final @Nullable Usrsctp LIBRARY = load();
    private static final Map<Long, Output> OUTPUTS = new HashMap<>();

    private final SymbolLookup lookup;
    private final Map<String, MethodHandle> handles = new HashMap<>();

    private Usrsctp(SymbolLookup lookup) {
        this.lookup = lookup;
    }

    /** The library, or null where it is not installed. */
    static @Nullable Usrsctp library() {
        return LIBRARY;
    }

    private static @Nullable Usrsctp load() {
        SymbolLookup lookup;
        try {
            lookup = SymbolLookup.libraryLookup("libusrsctp.so.2", Arena.global());
        } catch (IllegalArgumentException notInstalled) {
            return null;
        }
        Usrsctp library = new Usrsctp(lookup);
        library.init();
        return library;
    }

    private void init() {
        MethodHandle output;
        try {
            output =
                    MethodHandles.lookup()
                            .findStatic(
                                    Usrsctp.class,
                                    "output",
                                    MethodType.methodType(
                                            int.class,
                                            MemorySegment.class,
                                            MemorySegment.class,
                                            long.class,
                                            byte.class,
                                            byte.class));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("output", e);
        }
        MemorySegment stub =
                Linker.nativeLinker()
                        .upcallStub(
                                output,
                                FunctionDescriptor.of(
                                        JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, JAVA_BYTE,
                                        JAVA_BYTE),
                                Arena.global());
        callVoid("usrsctp_init_nothreads", (short) 0, stub, MemorySegment.NULL);
        for (String off : new String[] {"ecn", "asconf", "nrsack"})
            call("usrsctp_sysctl_set_sctp_" + off + "_enable", 0);
        call("usrsctp_sysctl_set_sctp_delayed_sack_time_default", 10);
        // Its seconds of back-off, made for 1980, only make the tests long.
        call("usrsctp_sysctl_set_sctp_rto_min_default", 40);
        call("usrsctp_sysctl_set_sctp_rto_initial_default", 100);
        call("usrsctp_sysctl_set_sctp_rto_max_default", 300);
        call("usrsctp_sysctl_set_sctp_init_rto_max_default", 300);
    }

    @SuppressWarnings("unused") // called from C
    private static int output(
            MemorySegment address, MemorySegment buffer, long length, byte tos, byte df) {
        Output output = OUTPUTS.get(address.address());
        if (output != null) output.packet(buffer.reinterpret(length).toArray(JAVA_BYTE));
        return 0;
    }

    void register(long address, Output output) {
        OUTPUTS.put(address, output);
        callVoid("usrsctp_register_address", MemorySegment.ofAddress(address));
    }

    void deregister(long address) {
        callVoid("usrsctp_deregister_address", MemorySegment.ofAddress(address));
        OUTPUTS.remove(address);
    }

    /** Calls a function that returns int, or a size as int. */
    int call(String name, Object... arguments) {
        return ((Number) invoke(name, JAVA_INT, arguments)).intValue();
    }

    void callVoid(String name, Object... arguments) {
        invoke(name, null, arguments);
    }

    MemorySegment callForPointer(String name, Object... arguments) {
        return (MemorySegment) invoke(name, ADDRESS, arguments);
    }

    private Object invoke(String name, @Nullable MemoryLayout result, Object... arguments) {
        MethodHandle handle = handles.get(name);
        if (handle == null) {
            handle = handle(name, result, arguments);
            handles.put(name, handle);
        }
        try {
            Object value = handle.invokeWithArguments(arguments);
            return value == null ? 0 : value;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(name, e);
        }
    }

    /** C's types are those of the arguments. */
    private MethodHandle handle(String name, @Nullable MemoryLayout result, Object... arguments) {
        MemoryLayout[] layouts = new MemoryLayout[arguments.length];
        for (int i = 0; i < layouts.length; i++)
            layouts[i] =
                    switch (arguments[i]) {
                        case Integer _ -> JAVA_INT;
                        case Long _ -> JAVA_LONG;
                        case Short _ -> JAVA_SHORT;
                        case Byte _ -> JAVA_BYTE;
                        default -> ADDRESS;
                    };
        FunctionDescriptor descriptor =
                result == null
                        ? FunctionDescriptor.ofVoid(layouts)
                        : FunctionDescriptor.of(result, layouts);
        return Linker.nativeLinker().downcallHandle(lookup.findOrThrow(name), descriptor);
    }
}
