from __future__ import annotations
import sys, time
from collections import Counter
from . import schedule

def main():
    schedule.set_up()
    if sys.argv[1] == "--seed":
        w = schedule.play(int(sys.argv[2]))
        print("\n".join(w.story)); print(w.broken)
        return bool(w.broken)
    n = int(sys.argv[1]); c = Counter(); t=time.process_time(); bad=[]
    for seed in range(n):
        try:
            w = schedule.play(seed)
        except BaseException as e:
            print("seed", seed); raise
        c.update(w.counts)
        if w.broken: bad.append((seed, str(w.broken[0])[:180]))
    print(time.process_time()-t)
    for k in sorted(c): print(k, c[k])
    for b in bad[:30]: print(b)
    print(len(bad))
