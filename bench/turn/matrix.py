#!/usr/bin/env python3
"""Runs turnbench over a matrix of servers and loads; one JSON line per run, appended to --out.

  matrix.py --out results.jsonl --server coturn:/usr/bin/turnserver --set cost,max,memory,latency,alloc
  matrix.py --out results.jsonl --server udpfwd:gso --set cost,max

A server is coturn:BINARY[,extra options...], udpfwd:MODE, raw:COMMAND (another forwarder, {port} put in), or pid:PID@HOST:PORT for one that already runs
(then user/pass/realm are turnbench's defaults). The server is pinned to core 0, turnbench to core 1,
and each run holds the lock file, so that two of these do not overlap.
"""
import argparse, tempfile, fcntl, json, os, signal, socket, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
NICE = ["nice", "-n", "-19"] # wins inside the session

def own_the_cores():
    """Other work on the machine gets what this leaves: an autogroup of its own with nice -20
    (plain nice only weighs processes of one autogroup against each other where autogroup is on)."""
    try:
        if os.getpid() != os.getsid(0): os.setsid()
        open("/proc/self/autogroup", "w").write("-20")
    except OSError as e: print("autogroup:", e, file=sys.stderr)

def start(spec):
    kind, _, rest = spec.partition(":")
    if kind == "pid":
        pid, _, where = rest.partition("@")
        host, port = where.rsplit(":", 1)
        return None, int(pid), ["--host", host, "--port", port]
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 0)); port = s.getsockname()[1]; s.close()
    if kind == "raw":
        p = subprocess.Popen(["taskset", "-c", "0", *NICE, *rest.replace("{port}", str(port)).split()])
        time.sleep(1.5)
        return p, p.pid, ["--raw", "--port", str(port)]
    if kind == "udpfwd":
        p = subprocess.Popen(["taskset", "-c", "0", *NICE, f"{HERE}/udpfwd", "--mode", rest, "--port", str(port)])
        time.sleep(0.3)
        return p, p.pid, ["--raw", "--port", str(port)]
    binary, *extra = rest.split(",")
    env = dict(os.environ, PORT=str(port), NICE="1")
    out = subprocess.run([*NICE, f"{HERE}/coturn.sh", binary, *extra], env=env, capture_output=True, text=True).stdout
    time.sleep(1.2)
    return None, int(out), ["--port", str(port), "--user", "user", "--pass", "pass"]

class Turn:
    """The lock file, held over several short runs, but no longer than `hold` seconds at a stretch."""
    def __init__(self, path, hold=55): self.path, self.hold, self.file, self.since = path, hold, None, 0
    def take(self):
        if self.file and time.time() - self.since > self.hold: self.release(); time.sleep(0.5)
        if not self.file:
            self.file = open(self.path, "w"); fcntl.flock(self.file, fcntl.LOCK_EX); self.since = time.time()
    def release(self):
        if self.file: self.file.close(); self.file = None

def bench(where, pid, turn, rt=False, **kw):
    cmd = ["taskset", "-c", "1", *(["chrt", "-f", "10"] if rt else NICE), f"{HERE}/turnbench", *where, "--pid", str(pid), "--core", "0"]
    for k, v in kw.items():
        cmd += [f"--{k.replace('_', '-')}"] + ([] if v is True else [str(v)])
    turn.take()
    if rt: subprocess.run(["chrt", "-a", "-f", "-p", "10", str(pid)], capture_output=True)
    r = subprocess.run(cmd, capture_output=True, text=True, timeout=60)
    if rt: subprocess.run(["chrt", "-a", "-o", "-p", "0", str(pid)], capture_output=True)
    if not r.stdout.strip():
        print("failed:", " ".join(cmd), r.stderr, file=sys.stderr)
        return None
    return json.loads(r.stdout)

def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--out", required=True); a.add_argument("--server", action="append", required=True)
    a.add_argument("--set", default="cost,max,memory,latency"); a.add_argument("--lock", default=os.environ.get("BENCH_LOCK", os.path.join(tempfile.gettempdir(), "turnbench.lock")))
    a.add_argument("--name", action="append", default=[]); a.add_argument("--repeat", type=int, default=1); a.add_argument("--secs", type=float, default=3)
    a.add_argument("--sizes", default="100,500,1200"); a.add_argument("--modes", default="channel,send")
    o = a.parse_args()
    sizes = [int(x) for x in o.sizes.split(",")]
    sets = o.set.split(",")
    own_the_cores()
    turn = Turn(o.lock)
    for i, spec in enumerate(o.server):
        proc, pid, where = start(spec)
        raw = "--raw" in where
        if not raw: where += ["--peers", "0"]
        name = o.name[i] if i < len(o.name) else spec.split("/")[-1]
        def run(what, **kw):
            for _ in range(o.repeat):
                r = bench(where, pid, turn, label=f"{name}|{what}", **kw)
                if r:
                    open(o.out, "a").write(json.dumps(r) + "\n")
                    print(f"{name:28.28} {what:22} {r['mode']:7} {r['size']:4}B b{r['burst']:<2} {r.get('relayed_pps',0):8.0f} pps loss {r.get('loss_pct',0):7.3f}%  cpu {r.get('sched_us_per_packet',0):6.2f} us (user {r.get('cpu_user_us',0):.2f} sys {r.get('cpu_sys_us',0):.2f})  srv {r.get('server_cpu_pct',0):.0f}% gen {r.get('bench_cpu_pct',0):.0f}%  up p50/p99 {r.get('up_us',{}).get('p50',0):.0f}/{r.get('up_us',{}).get('p99',0):.0f} us  {r['allocs_per_s']:.0f} alloc/s {r['rss_bytes_per_alloc']:.0f} B/alloc bad {r.get('corrupted',0)} reord {r.get('reordered',0)}", flush=True)
            return r
        try:
            modes = ["channel"] if raw else o.modes.split(",")
            if "cost" in sets:
                for mode in modes:
                    for size in sizes:
                        run("cost 20k/s", mode=mode, size=size, rate=20000, secs=o.secs, warmup=0.5, allocs=20)
            if "max" in sets:
                for mode in modes:
                    for size in sizes:
                        run("max closed loop", mode=mode, size=size, rate=0, window=128, secs=o.secs, warmup=0.5, allocs=20)
            if "burst" in sets:
                for size in (100, 1200):
                    run("max, bursts of 16", mode="channel", size=size, rate=0, window=512, burst=16, secs=o.secs, warmup=0.5, allocs=20)
                    run("max, GSO bursts of 16", mode="channel", size=size, rate=0, window=512, burst=16, gso=True, gro=True, secs=o.secs, warmup=0.5, allocs=20)
            if "step" in sets:
                lo, hi, best = 20000.0, 400000.0, None
                for _ in range(6):
                    mid = (lo * hi) ** 0.5
                    r = run("open loop", mode="channel", size=100, rate=int(mid), secs=2, warmup=0.5, allocs=20)
                    if r and r["loss_pct"] < 0.1 and r["offered_pps"] > 0.97 * mid: lo, best = mid, r
                    else: hi = mid
                if best: run("open loop, 1.5 x best", mode="channel", size=100, rate=int(lo * 1.5), secs=3, warmup=0.5, allocs=20)
            if "latency" in sets:
                run("latency 1k/s", mode="channel", size=100, rate=1000, secs=3, warmup=0.5, allocs=10)
            if "memory" in sets and not raw:
                run("2000 idle", setup_only=True, allocs=2000, hold=3, concurrency=64)
                run("2000 idle again", setup_only=True, allocs=2000, hold=1, concurrency=64)
        finally:
            if not spec.startswith("pid:"): os.kill(pid, signal.SIGTERM)
            if proc: proc.wait()
    turn.release()

main()
