"""Moodle's quiz statistics in exact rational arithmetic: an independent working of src/quiz/analytics.

Writes marks.json (drawn from a seed) and statistics.json (its figures) beside this file. Nothing but the standard library.
Definitions: docs.moodle.org, "Quiz statistics calculations". Only roots are taken in decimal arithmetic, with 50 digits.
"""

import json
import random
from decimal import Decimal, getcontext
from fractions import Fraction
from pathlib import Path

getcontext().prec = 50
HERE = Path(__file__).parent


def decimal(value):
    return Decimal(value.numerator) / Decimal(value.denominator)


def cov(a, b):
    mean_a, mean_b = Fraction(sum(a), len(a)), Fraction(sum(b), len(b))
    return sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b)) / (len(a) - 1)


def item(marks, rest, total, maximum):
    var, rest_var = cov(marks, marks), cov(rest, rest)
    together, most = cov(marks, rest), cov(sorted(marks), sorted(rest))
    return {
        "facility": float(Fraction(sum(marks), len(marks)) / maximum),
        "standardDeviation": float(decimal(var).sqrt()),
        "discriminationIndex": float(100 * decimal(together) / (decimal(var) * decimal(rest_var)).sqrt()) if var * rest_var else None,
        "discriminativeEfficiency": float(100 * together / most) if most else None,
        "covarianceWithTotal": cov(marks, total),
    }


def analyse(maxima, rows):
    s, p = len(rows), len(maxima)
    total = [sum(row) for row in rows]
    columns = [[row[at] for row in rows] for at in range(p)]
    items = [item(c, [t - m for t, m in zip(total, c)], total, mx) for c, mx in zip(columns, maxima)]
    roots = [decimal(i["covarianceWithTotal"]).sqrt() if i["covarianceWithTotal"] >= 0 else None for i in items]
    whole = sum(root for root in roots if root is not None)
    for entry, root in zip(items, roots):
        del entry["covarianceWithTotal"]
        entry["effectiveWeight"] = float(100 * root / whole) if root is not None and whole else None
    mean = Fraction(sum(total), s)
    m2, m3, m4 = (sum((t - mean) ** power for t in total) / s for power in (2, 3, 4))
    k2 = s * m2 / (s - 1)
    k3 = s * s * m3 / ((s - 1) * (s - 2))
    k4 = s * s * ((s + 1) * m4 - 3 * (s - 1) * m2 * m2) / ((s - 1) * (s - 2) * (s - 3))
    ranked = sorted(total)
    cic = 100 * Fraction(p, p - 1) * (1 - sum(cov(c, c) for c in columns) / k2)
    ratio = 100 * decimal(1 - cic / 100).sqrt()
    return {
        "mean": float(mean),
        "median": float(Fraction(ranked[(s - 1) // 2] + ranked[s // 2], 2)),
        "standardDeviation": float(decimal(k2).sqrt()),
        "skewness": float(decimal(k3) / (decimal(k2) * decimal(k2).sqrt())),
        "kurtosis": float(k4 / (k2 * k2)),
        "internalConsistency": float(cic),
        "errorRatio": float(ratio),
        "standardError": float(ratio * decimal(k2).sqrt() / 100),
        "items": items,
    }


def draw(seed, attempts, maxima):
    """Marks in eighths, exact in binary: each attempt has an ability, each item a difficulty; the last item works against the rest."""
    chance = random.Random(seed)
    rows = []
    for _ in range(attempts):
        ability = chance.gauss(0, 1)
        row = []
        for at, maximum in enumerate(maxima):
            pull = -ability if at == len(maxima) - 1 else ability
            level = min(max((pull + chance.gauss(0, 1.2) - at / len(maxima) + 1) / 3, 0), 1)
            row.append(Fraction(round(level * maximum * 8), 8))
        rows.append(row)
    return rows


def main():
    sets = []
    for seed, attempts, maxima in ((1, 5, [1, 1, 1]), (2, 40, [1, 2, 1, 3, 5, 1, 2, 1]), (3, 301, [1] * 12), (4, 64, [10, 1, 1, 1, 4])):
        rows = draw(seed, attempts, maxima)
        sets.append((maxima, rows, analyse(maxima, rows)))
    marks = [{"maxima": maxima, "rows": [[float(mark) for mark in row] for row in rows]} for maxima, rows, _ in sets]
    (HERE / "marks.json").write_text(json.dumps(marks) + "\n")
    (HERE / "statistics.json").write_text(json.dumps([figures for _, _, figures in sets], indent=1) + "\n")


main()
