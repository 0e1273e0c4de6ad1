# SPDX-License-Identifier: GPL-3.0-or-later
"""Mutants of good documents with a fixed seed: junk values, keys taken away and put in."""

import copy
import random

JUNK = [
    *(None, True, False, 0, 1, -1, 5, 70000, 10**12, 0.3, 1.5, "", " ", "x", "x\n", " x", "é"),
    *("commune", "active", "suspended", "A", "192.0.2.7", "192.0.2.700", "2001:db8::1", "::%eth0"),
    *("2024-03-01", "2024-03-01\n", "a@b.fr", "a b", "a" * 5000, "5 GB", "tacit", "knot", "no"),
    *([], [1], ["x"], [None], [[]], {}, {"x": 1}, {"state": "suspended"}, {"a": [], "b": []}),
    *({"a": ["b", {"c": ["d"]}]}, {"delivery": "keep"}, {"link": "https://x", "title": "y"}),
]
KEYS = ["x", "kind", "state", "name", "delivery", "", " ", "a\n", "siren", "share", "ttl", "a@b.fr"]


def mutants(good, count, seed):
    """`count` copies of `good`, each changed at one to three places."""
    chance = random.Random(seed)
    for _ in range(count):
        mutant = copy.deepcopy(good)
        for _ in range(chance.randint(1, 3)):
            mutate(mutant, chance)
        yield mutant


def mutate(data, chance):
    """Change `data` at one place."""
    holders = [holder for holder in walk(data) if isinstance(holder, (dict, list))]
    holder = chance.choice(holders)
    action = chance.choice(["replace", "replace", "delete", "add"])
    value = copy.deepcopy(chance.choice(JUNK))
    if isinstance(holder, dict):
        keys = list(holder)
        if action == "add" or not keys:
            holder[chance.choice(KEYS)] = value
        elif action == "delete":
            del holder[chance.choice(keys)]
        else:
            holder[chance.choice(keys)] = value
    elif action == "add" or not holder:
        holder.insert(chance.randint(0, len(holder)), value)
    elif action == "delete":
        holder.pop(chance.randrange(len(holder)))
    else:
        holder[chance.randrange(len(holder))] = value


def walk(data):
    """`data` and everything in it."""
    yield data
    for inner in (
        data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    ):
        yield from walk(inner)
