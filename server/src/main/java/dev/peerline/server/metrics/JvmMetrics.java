package dev.peerline.server.metrics;

import com.sun.management.UnixOperatingSystemMXBean;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;

/** What the process itself uses, under the names that dashboards know. */
public final class JvmMetrics {
    private JvmMetrics() {}

    /** The same with the version that runs, as text for Prometheus. */
    public static String text(String version) {
        Exposition out = new Exposition();
        out.family("peerline_build_info", "gauge", "The version that runs.");
        out.sample("peerline_build_info", "version", version, 1);
        write(out);
        return out.toString();
    }

    static void write(Exposition out) {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        out.family("jvm_memory_used_bytes", "gauge", "Memory in use.");
        out.sample("jvm_memory_used_bytes", "area", "heap", memory.getHeapMemoryUsage().getUsed());
        out.sample(
                "jvm_memory_used_bytes",
                "area",
                "nonheap",
                memory.getNonHeapMemoryUsage().getUsed());
        out.single("jvm_memory_heap_max_bytes", "gauge", memory.getHeapMemoryUsage().getMax());
        out.single(
                "jvm_threads_current",
                "gauge",
                ManagementFactory.getThreadMXBean().getThreadCount());
        collections(out);
        double started = ManagementFactory.getRuntimeMXBean().getStartTime() / 1000.0;
        out.single("process_start_time_seconds", "gauge", started);
        if (ManagementFactory.getOperatingSystemMXBean()
                instanceof UnixOperatingSystemMXBean system) {
            double cpu = system.getProcessCpuTime() / 1e9;
            out.single("process_cpu_seconds_total", "counter", cpu);
            out.single("process_open_fds", "gauge", system.getOpenFileDescriptorCount());
            out.single("process_max_fds", "gauge", system.getMaxFileDescriptorCount());
        }
    }

    private static void collections(Exposition out) {
        long count = 0;
        long millis = 0;
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            count += Math.max(0, collector.getCollectionCount());
            millis += Math.max(0, collector.getCollectionTime());
        }
        out.single("jvm_gc_collections_total", "counter", count);
        out.single("jvm_gc_collection_seconds_total", "counter", millis / 1000.0);
    }
}
