#!/usr/bin/env python3
"""Our relay and coturn in turns, short runs, the ratio of medians: what docs/benchmarks/turn.md quotes.

  sidebyside.py [--rounds 5] [--secs 1.5] [--loads lone,send,burst,gso,alloc,memory,latency] [--size 100]

Both servers run all the time, pinned to core 0; turnbench to core 1. A ratio below 1 of CPU time is good
for us. On a machine that others use, absolute numbers mean little; the order of the runs changes each round.
"""
import argparse, json, os, signal, socket, statistics, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
RATES = (1000, 20000)  # packets/s, for latency
LOADS = {
    "lone": dict(mode="channel", rate=0, window=128),
    "send": dict(mode="send", rate=0, window=128),
    "burst": dict(mode="channel", rate=0, window=512, burst=16),
    "gso": dict(mode="channel", rate=0, window=512, burst=16, gso=True, gro=True),
}


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start(script, *options):
    port = free_port()
    env = dict(os.environ, PORT=str(port))
    out = subprocess.run([os.path.join(HERE, script), *options], env=env, capture_output=True, text=True)
    return int(out.stdout), port


def bench(server, **options):
    pid, port = server
    command = ["taskset", "-c", "1", f"{HERE}/turnbench", "--pid", str(pid), "--port", str(port), "--core", "0",
               "--peers", "0"]
    for name, value in options.items():
        command += [f"--{name.replace('_', '-')}"] + ([] if value is True else [str(value)])
    result = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if not result.stdout.strip():
        print("failed:", " ".join(command), result.stderr, file=sys.stderr)
        return None
    return json.loads(result.stdout)


def forward():
    """Starts the bare forwarder: its pid and port."""
    port = free_port()
    out = subprocess.run([f"{HERE}/udpfwd.sh", "plain", str(port)], capture_output=True, text=True)
    return int(out.stdout), port


def raw_bench(forwarder, **options):
    """The same through udpfwd: what the kernel and the two ends take."""
    command = ["taskset", "-c", "1", f"{HERE}/turnbench", "--raw", "--port", str(forwarder)]
    for name, value in options.items():
        command += [f"--{name}", str(value)]
    out = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
    return json.loads(out) if out.strip() else None


def latency(ours, theirs, rounds, secs, size):
    """One-way latency towards the peer, and what is added to a bare forwarder in C."""
    forwarder, port = forward()
    try:
        for rate in RATES:
            load = dict(rate=rate, secs=secs, size=size, warmup=0.3)
            bench(ours, **load, mode="channel", allocs=20)
            results = {"ours": [], "coturn": [], "forwarder": []}
            for _ in range(rounds):
                results["forwarder"].append(raw_bench(port, **load))
                results["ours"].append(bench(ours, **load, mode="channel", allocs=20))
                results["coturn"].append(bench(theirs, **load, mode="channel", allocs=20))
            for who, it in results.items():
                p50, p99 = (statistics.median(r["up_us"][p] for r in it if r) for p in ("p50", "p99"))
                print(f"latency at {rate}/s, {who}: p50 {p50:.0f} us, p99 {p99:.0f} us", flush=True)
    finally:
        os.kill(forwarder, signal.SIGTERM)


def wait_for(server):
    for _ in range(60):
        if bench(server, setup_only=True, allocs=1, hold=0):
            return
        time.sleep(0.5)
    raise SystemExit("a server does not answer")


def rows(name, ours, theirs):
    def middle(results, key):
        return statistics.median(r[key] for r in results)

    cpu, their_cpu = middle(ours, "sched_us_per_packet"), middle(theirs, "sched_us_per_packet")
    pps, their_pps = middle(ours, "relayed_pps"), middle(theirs, "relayed_pps")
    loss, their_loss = (max(r["loss_pct"] for r in it) for it in (ours, theirs))
    print(f"| {name} | {cpu:.2f} | {their_cpu:.2f} | **{cpu / their_cpu:.2f}** | {pps:,.0f} | {their_pps:,.0f} | "
          f"**{pps / their_pps:.1f}** | {loss:.2f} / {their_loss:.2f} |", flush=True)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--rounds", type=int, default=5)
    a.add_argument("--secs", type=float, default=1.5)
    a.add_argument("--loads", default="lone,send,burst,gso,alloc,memory")
    a.add_argument("--size", type=int, default=100)
    a.add_argument("--prefer", action="store_true", help="nicer autogroup than anybody else (root): for short runs only")
    a.add_argument("--allocs", type=int, default=10000, help="for memory; needs as many descriptors")
    a.add_argument("--ours", default="", help="options for our relay, for instance '--native false'")
    o = a.parse_args()
    if o.prefer:
        os.setsid() if os.getpid() != os.getsid(0) else None
        with open("/proc/self/autogroup", "w") as f:
            f.write("-20")
    ours, theirs = start("peerline.sh", *o.ours.split()), start("coturn.sh")
    try:
        wait_for(ours)
        wait_for(theirs)
        print("| load | our CPU us/packet | coturn's | ratio | our packets/s | coturn's | ratio | loss % |")
        print("|---|---|---|---|---|---|---|---|")
        for name in o.loads.split(","):
            if name not in LOADS:
                continue
            load = dict(LOADS[name], size=o.size, allocs=20, warmup=0.3)
            # The JIT's turn: as many packets as possible, then the load itself
            bench(ours, **dict(load, burst=16, window=512), secs=2 if name != "gso" else 0.1)
            bench(ours, **load, secs=2)
            results = {ours: [], theirs: []}
            for i in range(o.rounds):
                for server in (ours, theirs) if i % 2 else (theirs, ours):
                    r = bench(server, **load, secs=o.secs)
                    if r:
                        results[server].append(r)
            rows(f"{name}, {o.size} B", results[ours], results[theirs])
        if "latency" in o.loads:
            latency(ours, theirs, o.rounds, o.secs, o.size)
        if "alloc" in o.loads:
            for _ in range(3):
                bench(ours, setup_only=True, allocs=2000, hold=0, concurrency=64)
            results = {ours: [], theirs: []}
            for _ in range(o.rounds):
                for server in (ours, theirs):
                    time.sleep(0.3)
                    r = bench(server, setup_only=True, allocs=2000, hold=0, concurrency=64)
                    if r:
                        results[server].append(r)
            for who, server in (("ours", ours), ("coturn", theirs)):
                it = results[server]
                rate = statistics.median(r["allocs_per_s"] for r in it)
                cpu = statistics.median(r["alloc_cpu_us"] for r in it)
                failed = [r["allocs_failed"] for r in it]
                print(f"allocations, {who}: {rate:,.0f}/s, {cpu:.0f} us CPU each; failed of 2,000: {failed}", flush=True)
    finally:
        for pid, _ in (ours, theirs):
            os.kill(pid, signal.SIGTERM)
    if "memory" in o.loads:
        for who, script in (("ours", "peerline.sh"), ("coturn", "coturn.sh")):
            server = start(script, *(o.ours.split() if who == "ours" else []))
            try:
                wait_for(server)
                bench(server, setup_only=True, allocs=200, hold=0)
                r = bench(server, setup_only=True, allocs=o.allocs, hold=1, concurrency=64, peers=1)
                if r:
                    print(f"memory, {who}: {r['rss_bytes_per_alloc']:,.0f} B an idle allocation of "
                          f"{r['allocs']:,}, on a base of {r['rss_kb_before'] / 1024:.0f} MB", flush=True)
            finally:
                os.kill(server[0], signal.SIGTERM)


if __name__ == "__main__":
    main()
