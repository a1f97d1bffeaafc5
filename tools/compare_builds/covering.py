"""Covering arrays: few rows in which any two factors take every pair of their values (all-pairs testing)."""
import itertools
import random

CANDIDATES = 8  # rows tried for each row that is chosen


def completed(row, factors, allowed):
    """A complete allowed row that extends this one, or None. `allowed` also judges incomplete rows, and a row that it
    rejects stays rejected with more values."""
    if not allowed(row):
        return None
    for name, values in factors.items():
        if name not in row:
            found = (completed({**row, name: value}, factors, allowed) for value in values)
            return next((one for one in found if one), None)
    return row


def pairs_of(row, names):
    """The pairs that a row covers, in the order of the names: ((name, value), (other name, value))."""
    return [((a, row[a]), (b, row[b])) for a, b in itertools.combinations(names, 2)]


def possible_pairs(factors, allowed):
    """All pairs of values of two factors that occur in allowed rows."""
    return [((a, x), (b, y)) for a, b in itertools.combinations(factors, 2)
            for x in factors[a] for y in factors[b] if completed({a: x, b: y}, factors, allowed)]


def covering_array(factors, allowed=lambda row: True, seed=917):
    """Rows {factor: value} that cover all possible pairs, ordered by the number of newly covered pairs.

    Greedy, one row at a time (after Cohen et al., The AETG System, 1997): a candidate starts with an uncovered pair and
    then takes, for one factor after the other in random order, the value that covers the most new pairs. Equal
    arguments give equal rows."""
    chance = random.Random(seed)
    names = list(factors)
    place = {name: index for index, name in enumerate(names)}
    missing = dict.fromkeys(possible_pairs(factors, allowed))  # a set in a fixed order

    def gain(row, name, value):
        mine = (name, value)
        return sum(((other, row[other]), mine) in missing if place[other] < place[name]
                   else (mine, (other, row[other])) in missing for other in row)

    def candidate():
        row = dict(chance.choice(list(missing)))
        rest = [name for name in names if name not in row]
        chance.shuffle(rest)
        for name in rest:
            values = [value for value in factors[name] if completed({**row, name: value}, factors, allowed)]
            chance.shuffle(values)
            row[name] = max(values, key=lambda value: gain(row, name, value))
        return {name: row[name] for name in names}

    rows = []
    while missing:
        best = max((candidate() for _ in range(CANDIDATES)),
                   key=lambda row: sum(pair in missing for pair in pairs_of(row, names)))
        for pair in pairs_of(best, names):
            missing.pop(pair, None)
        rows.append(best)
    return rows
