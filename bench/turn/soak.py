#!/usr/bin/env python3
"""Ten minutes of half load while allocations come and go: is memory flat, is anything lost, how long do packets take?

  soak.py [--minutes 10] [--share 0.5] [--size 100] [--options '--native false']

Half of what the relay does in a closed loop, measured first. The load comes in runs of 20 s with new allocations each;
meanwhile 500 others are made, held and released, again and again. One JSON line a run, and a summary. In between the
same goes through a bare forwarder in C on the same core, for what the kernel, the machine and the generator take.

A packet that is lost is one that the relay dropped, or one that the kernel had no room for while the relay did not run
(kernel_dropped). That happens where another guest of the host has the core (stolen_ms, of the relay's core).
"""
import argparse, json, os, re, signal, statistics, subprocess, sys, tempfile, threading, time

from sidebyside import HERE, bench, forward, raw_bench, start, wait_for

RUN_SECS = 20
BARE_SECS = 5


def rss_kb(pid):
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))


def live_kb(pid):
    """What is live on the heap, after a collection of all of it."""
    jcmd = os.path.join(os.environ["JAVA_HOME"], "bin", "jcmd") if "JAVA_HOME" in os.environ else "jcmd"
    plain = {k: v for k, v in os.environ.items() if k != "JAVA_TOOL_OPTIONS"}
    command = [jcmd, str(pid), "GC.class_histogram"]
    told = subprocess.run(command, capture_output=True, text=True, check=True, env=plain).stdout
    # Fillers are what the collector leaves where it does not move things together.
    lines = [line.split() for line in told.splitlines() if re.match(r" *\d+: ", line)]
    return sum(int(of[2]) for of in lines if "FillerElement" not in of[3]) // 1024


def kernel_dropped():
    """Datagrams that found the buffer of their socket full, on this machine, since it runs."""
    with open("/proc/net/snmp") as f:
        names, values = [line.split() for line in f if line.startswith("Udp:")]
    return int(values[names.index("RcvbufErrors")])


def stolen_ms(core):
    """Time that the host took this core away, since it runs."""
    with open("/proc/stat") as f:
        ticks = re.search(rf"^cpu{core} (.*)", f.read(), re.M).group(1).split()
    return int(ticks[7]) * 1000 // os.sysconf("SC_CLK_TCK")


class Churn(threading.Thread):
    """Allocations that come and go, beside the load."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.made, self.failed, self.over = server, 0, 0, False

    def run(self):
        while not self.over:
            r = bench(self.server, setup_only=True, allocs=500, hold=1, concurrency=8, peers=1)
            self.made += r["allocs"] if r else 0
            self.failed += r["allocs_failed"] if r else 500


def pauses(log):
    """Milliseconds in which the JVM stood still for its collector."""
    with open(log) as f:
        return [float(m) for m in re.findall(r"Pause .* ([0-9.]+)ms$", f.read(), re.M)]


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--minutes", type=float, default=10)
    a.add_argument("--share", type=float, default=0.5)
    a.add_argument("--size", type=int, default=100)
    a.add_argument("--options", default="")
    o = a.parse_args()
    gc = os.path.join(tempfile.mkdtemp(prefix="turn-soak."), "gc.log")
    os.environ["JAVA_TOOL_OPTIONS"] = f"-Xlog:gc:file={gc}"
    server = start("peerline.sh", *o.options.split())
    forwarder, bare_port = forward()
    churn, core = Churn(server), int(os.environ.get("CORE", "0"))
    try:
        wait_for(server)
        load = dict(mode="channel", size=o.size, allocs=20, warmup=1)
        most = [bench(server, **load, rate=0, window=128, secs=5)["relayed_pps"] for _ in range(3)]
        rate = int(statistics.median(most) * o.share)
        print(f"{rate:,} packets/s, of {statistics.median(most):,.0f}; load {os.getloadavg()[0]:.1f}", flush=True)
        churn.start()
        runs, bare, end = [], [], time.time() + o.minutes * 60
        while time.time() < end:
            before = kernel_dropped(), stolen_ms(core)
            r = bench(server, **load, rate=rate, secs=RUN_SECS, nap=True)
            if not r:
                raise SystemExit("a run failed")
            r["kernel_dropped"], r["stolen_ms"] = kernel_dropped() - before[0], stolen_ms(core) - before[1]
            if not runs:
                live = [live_kb(server[0])]
            r["rss_kb"], r["machine_load"] = rss_kb(server[0]), os.getloadavg()[0]
            runs.append(r)
            bare.append(raw_bench(bare_port, rate=rate, size=o.size, warmup=0.3, secs=BARE_SECS))
            print(json.dumps({k: r[k] for k in ("relayed_pps", "lost", "corrupted", "duplicated", "up_us", "down_us",
                                                "server_cpu_pct", "rss_kb", "kernel_dropped", "stolen_ms",
                                                "machine_load")}), flush=True)
        churn.over = True
        churn.join()
        stops = pauses(gc)
        summary(runs, bare, churn, stops, live + [live_kb(server[0])])
    finally:
        for pid in (server[0], forwarder):
            os.kill(pid, signal.SIGTERM)


def summary(runs, bare, churn, stops, live):
    sent, lost = sum(r["sent"] for r in runs), sum(r["lost"] for r in runs)
    rss = [r["rss_kb"] / 1024 for r in runs]
    third = max(1, len(rss) // 3)
    print(f"packets: {sent:,} sent, {lost:,} lost ({100 * lost / sent:.5f} %), "
          f"{sum(r['corrupted'] + r['duplicated'] for r in runs)} corrupted or doubled; "
          f"dropped by the kernel for want of room: {sum(r['kernel_dropped'] for r in runs):,}")
    print(f"allocations that came and went: {churn.made:,}, failed: {churn.failed}")
    print(f"RSS: first third {statistics.median(rss[:third]):.0f} MB, last third {statistics.median(rss[-third:]):.0f} MB, "
          f"most {max(rss):.0f} MB; live on the heap after the first run {live[0]:,} KB, at the end {live[1]:,} KB")
    print(f"GC: {len(stops)} pauses, {sum(stops):.0f} ms in all, longest {max(stops, default=0):.1f} ms")
    for who, those in (("relay", runs), ("forwarder", bare)):
        times = {p: statistics.median(r["up_us"][p] for r in those if r) for p in ("p50", "p90", "p99", "p999")}
        print(f"one way, {who}: " + ", ".join(f"{p} {us:.0f} us" for p, us in times.items()))
    print(f"machine load: {min(r['machine_load'] for r in runs):.1f} to {max(r['machine_load'] for r in runs):.1f}")


if __name__ == "__main__":
    main()
