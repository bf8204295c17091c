#!/usr/bin/env python3
"""Writes harness/tests/golden/statistics.json: figures of SciPy and NumPy for harness/tests/statistics.rs.

    python3 -m venv VENV && VENV/bin/pip install scipy
    VENV/bin/python scripts/statistics-golden.py > harness/tests/golden/statistics.json

The cases come from a fixed seed; every figure comes from SciPy or NumPy, none from this project. Nothing else is read or
written.
"""

import json
import sys

import numpy as np
import scipy
from scipy import stats

SEED = 20260101
CONFIDENCE = 0.95


def values(draw, kind, n):
    """n figures around 100, of one kind."""
    if kind == "normal":
        return draw.normal(100, 2, n)
    if kind == "skewed":
        return 100 + draw.exponential(5, n)
    if kind == "tied":
        return draw.integers(97, 104, n).astype(float)
    if kind == "bimodal":
        return np.where(draw.random(n) < 0.3, 103.0, 100.0) + draw.normal(0, 0.5, n)
    if kind == "tiny":
        return draw.lognormal(-20, 1, n)
    if kind == "constant":
        return np.full(n, 7.25)
    raise ValueError(kind)


def differences(draw, kind, n):
    """n paired differences, some of them 0."""
    d = values(draw, kind, n) - values(draw, kind, n) + draw.choice([0.0, 0.5, -3.0])
    if kind == "tied":
        d = np.round(d)
    d[draw.random(n) < draw.choice([0.0, 0.2])] = 0.0
    return d


def sign_test(d):
    above, below = int((d > 0).sum()), int((d < 0).sum())
    return 1.0 if above + below == 0 else float(stats.binomtest(above, above + below).pvalue)


def interval(d):
    """The order statistics that SciPy's binomial distribution allows, and their coverage."""
    ascending, n = np.sort(d), len(d)
    # The largest cut with 2 P(X <= cut) <= 1 - confidence; the whole range where there is none.
    cuts = [k for k in range((n + 1) // 2) if 2 * stats.binom.cdf(k, n, 0.5) <= 1 - CONFIDENCE]
    cut = max(cuts, default=0)
    return {
        "median": float(np.median(d)),
        "low": float(ascending[cut]),
        "high": float(ascending[n - 1 - cut]),
        "coverage": float(1 - min(1.0, 2 * stats.binom.cdf(cut, n, 0.5))),
    }


def quantile_test_agrees(d, found):
    """SciPy's own interval of a median holds the same order statistics, where there are samples enough for it."""
    test = stats.quantile_test(d, q=0, p=0.5, alternative="two-sided")
    own = test.confidence_interval(CONFIDENCE)
    if np.isnan([own.low, own.high]).any():
        return
    if (own.low, own.high) != (found["low"], found["high"]):
        raise SystemExit(f"quantile_test has {own}, and the order statistics are {found}: n = {len(d)}")


def paired(draw, kind, n):
    d = differences(draw, kind, n)
    found = interval(d)
    quantile_test_agrees(d, found)
    return {"kind": kind, "differences": d.tolist(), "p": sign_test(d), "interval": found}


def two_sets(draw, kind, n, m):
    a, b = values(draw, kind, n), values(draw, kind, m) * draw.choice([1.0, 1.02, 1.3])
    u = float(stats.mannwhitneyu(a, b, alternative="two-sided").statistic)
    # Cliff's delta by its definition, without U.
    delta = float(np.sign(a[:, None] - b[None, :]).mean())
    return {"kind": kind, "a": a.tolist(), "b": b.tolist(), "u": u, "cliffs_delta": delta}


def one_set(draw, kind, n):
    x = values(draw, kind, n)
    sd = float(np.std(x, ddof=1)) if n > 1 else 0.0
    quantile = lambda q: float(np.quantile(x, q, method="linear"))
    return {
        "kind": kind,
        "values": x.tolist(),
        "min": float(x.min()),
        "max": float(x.max()),
        "median": float(np.median(x)),
        "mean": float(x.mean()),
        "p95": quantile(0.95),
        "p99": quantile(0.99),
        "sd": sd,
        "cv": float(stats.variation(x, ddof=1)) if n > 1 else 0.0,
    }


def family(draw, n):
    p = draw.random(n) ** draw.choice([1, 3])
    if n > 3:
        p[:2] = p[2]
    return {"p": p.tolist(), "q": np.atleast_1d(stats.false_discovery_control(p, method="bh")).tolist()}


def main():
    draw = np.random.default_rng(SEED)
    kinds = ["normal", "skewed", "tied", "bimodal", "tiny", "constant"]
    sizes = [*range(1, 21), 25, 30, 40, 60]
    golden = {
        "made_by": f"scripts/statistics-golden.py, with SciPy {scipy.__version__} and NumPy {np.__version__}",
        "seed": SEED,
        "confidence": CONFIDENCE,
        "paired": [paired(draw, kind, n) for kind in kinds for n in sizes],
        "two_sets": [two_sets(draw, kind, n, int(draw.integers(1, 31))) for kind in kinds for n in range(1, 31, 2)],
        "one_set": [one_set(draw, kind, n) for kind in kinds for n in sizes],
        "families": [family(draw, n) for n in [1, 2, 3, 5, 8, 20, 60, 100, 250]],
    }
    golden["counts"] = {key: len(cases) for key, cases in golden.items() if isinstance(cases, list)}
    write(golden)


def write(golden):
    """A case a line, so that a change of one case shows as one."""
    parts = []
    for key, value in golden.items():
        if isinstance(value, list):
            value = "[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in value) + "\n]"
        else:
            value = json.dumps(value)
        parts.append(f"{json.dumps(key)}: {value}")
    sys.stdout.write("{\n" + ",\n".join(parts) + "\n}\n")


if __name__ == "__main__":
    main()
