#!/usr/bin/env python3
"""Ten minutes of half load while allocations come and go: is memory flat, is anything lost, how long do packets take?

  soak.py [--minutes 10] [--share 0.5] [--size 100] [--options '--native false']

Half of what the relay does in a closed loop, measured first. The load comes in runs of 20 s with new allocations each;
meanwhile 500 others are made, held and released, again and again. One JSON line a run, and a summary. In between the
same goes through a bare forwarder in C on the same core, for what the kernel, the machine and the generator take.
"""
import argparse, json, os, re, signal, statistics, subprocess, sys, tempfile, threading, time

from sidebyside import HERE, bench, forward, raw_bench, start, wait_for

RUN_SECS = 20
BARE_SECS = 5


def rss_kb(pid):
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))


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
    churn = Churn(server)
    try:
        wait_for(server)
        load = dict(mode="channel", size=o.size, allocs=20, warmup=1)
        most = [bench(server, **load, rate=0, window=128, secs=5)["relayed_pps"] for _ in range(3)]
        rate = int(statistics.median(most) * o.share)
        print(f"{rate:,} packets/s, of {statistics.median(most):,.0f}; load {os.getloadavg()[0]:.1f}", flush=True)
        churn.start()
        runs, bare, end = [], [], time.time() + o.minutes * 60
        while time.time() < end:
            r = bench(server, **load, rate=rate, secs=RUN_SECS, nap=True)
            if not r:
                raise SystemExit("a run failed")
            r["rss_kb"], r["machine_load"] = rss_kb(server[0]), os.getloadavg()[0]
            runs.append(r)
            bare.append(raw_bench(bare_port, rate=rate, size=o.size, warmup=0.3, secs=BARE_SECS))
            print(json.dumps({k: r[k] for k in ("relayed_pps", "lost", "corrupted", "duplicated", "up_us", "down_us",
                                                "server_cpu_pct", "rss_kb", "machine_load")}), flush=True)
        churn.over = True
        churn.join()
        summary(runs, bare, churn, pauses(gc))
    finally:
        for pid in (server[0], forwarder):
            os.kill(pid, signal.SIGTERM)


def summary(runs, bare, churn, stops):
    sent, lost = sum(r["sent"] for r in runs), sum(r["lost"] for r in runs)
    rss = [r["rss_kb"] / 1024 for r in runs]
    third = max(1, len(rss) // 3)
    print(f"packets: {sent:,} sent, {lost:,} lost ({100 * lost / sent:.5f} %), "
          f"{sum(r['corrupted'] + r['duplicated'] for r in runs)} corrupted or doubled")
    print(f"allocations that came and went: {churn.made:,}, failed: {churn.failed}")
    print(f"RSS: first third {statistics.median(rss[:third]):.0f} MB, last third {statistics.median(rss[-third:]):.0f} MB, "
          f"most {max(rss):.0f} MB")
    print(f"GC: {len(stops)} pauses, {sum(stops):.0f} ms in all, longest {max(stops, default=0):.1f} ms")
    for who, those in (("relay", runs), ("forwarder", bare)):
        times = {p: statistics.median(r["up_us"][p] for r in those if r) for p in ("p50", "p90", "p99", "p999")}
        print(f"one way, {who}: " + ", ".join(f"{p} {us:.0f} us" for p, us in times.items()))
    print(f"machine load: {min(r['machine_load'] for r in runs):.1f} to {max(r['machine_load'] for r in runs):.1f}")


if __name__ == "__main__":
    main()
