"""Machines that run operation codes on containers, for `test_container_machines.py`.

A machine is a function `(container, operations, xs, ys)` that gives a digest of all that it has seen. It is made twice of
one text: of plain functions, which CPython runs, and of compiled ones. `make(x)` is an item or key, `digest(item)` a number.
"""

from collections import Counter

PRIME = 1_000_000_007
LIMIT = 60  # Containers are kept so short that operations of linear cost are quick.


def digest_of_text(text):
    total = len(text)
    for character in text:
        total = (total * 31 + ord(character)) % PRIME
    return total


def make_int(x):
    return x * 7 - 50


def digest_int(item):
    return item % PRIME


def make_float(x):
    return (x - 9) * 0.25


def digest_float(item):
    return int(item * 4.0) + 1000


def make_text(x):
    return "kä€😀"[x % 4] * (x % 3) + str(x)


digest_text = digest_of_text


def texts(wrap):
    digest = wrap(digest_of_text)
    text = wrap(make_text)

    def make(x):
        return (x % 5, text(x))

    def digest_pair(pair):
        return (pair[0] * 31 + digest(pair[1])) % PRIME

    return wrap(make), wrap(digest_pair)


def make_row(x):
    return [x, x * 2]


def digest_row(row):
    total = len(row)
    for x in row:
        total = (total * 31 + x) % PRIME
    return total


def element(kind, wrap):
    """How items of a kind are made, and what number stands for one."""
    match kind:
        case "int":
            return wrap(make_int), wrap(digest_int)
        case "float":
            return wrap(make_float), wrap(digest_float)
        case "text":
            return wrap(make_text), wrap(digest_text)
        case "pair":
            return texts(wrap)
        case "row":
            return wrap(make_row), wrap(digest_row)


def list_machine(make, digest, wrap):
    def all_of(items):
        seen = len(items)
        for item in items:
            seen = (seen * 31 + digest(item)) % PRIME
        return seen

    all_of = wrap(all_of)

    def machine(items, operations, xs, ys):
        seen = 0
        for n in range(len(operations)):
            op, x, y = operations[n], xs[n], ys[n]
            found = 0
            try:
                if op < 4:
                    items.append(make(x))
                elif op == 4:
                    items.insert(y - 5, make(x))
                elif op == 5:
                    found = digest(items.pop())
                elif op == 6:
                    found = digest(items.pop(y - 3))
                elif op == 7:
                    items.remove(make(x))
                elif op == 8:
                    found = items.index(make(x))
                elif op == 9:
                    found = items.count(make(x))
                elif op == 10:
                    found = 1 if make(x) in items else 0
                elif op == 11:
                    items.reverse()
                elif op == 12:
                    items.sort()
                elif op == 13:
                    items[y - 2] = make(x)
                elif op == 14:
                    del items[y - 2]
                elif op == 15:
                    items.extend([make(x), make(y)])
                elif op == 16:
                    found = all_of(items[x - 3 : y + 2])
                elif op == 17:
                    items[x : y + 1] = [make(y), make(x), make(x)]
                elif op == 18:
                    del items[x : y + 3]
                elif op == 19:
                    items += [make(y)]
                elif op == 20:
                    found = all_of(items[:: 1 + x % 3])
                elif op == 21:
                    copy = items.copy()
                    copy.append(make(x))
                    found = all_of(copy) if copy != items else 1
                elif op == 22:
                    found = digest(items[y - 1])
                else:
                    found = all_of(items)
            except IndexError:
                found = 1
            except ValueError:
                found = 2
            if len(items) > LIMIT:
                items.clear()
            seen = (seen * 31 + found + len(items)) % PRIME
        return (seen * 31 + all_of(items)) % PRIME

    return wrap(machine)


def deque_machine(make, digest, wrap):
    def all_of(items):
        seen = len(items)
        for item in items:
            seen = (seen * 31 + digest(item)) % PRIME
        return seen

    all_of = wrap(all_of)

    def machine(items, operations, xs, ys):
        seen = 0
        for n in range(len(operations)):
            op, x, y = operations[n], xs[n], ys[n]
            found = 0
            try:
                if op < 3:
                    items.append(make(x))
                elif op < 6:
                    items.appendleft(make(x))
                elif op == 6:
                    found = digest(items.pop())
                elif op == 7:
                    found = digest(items.popleft())
                elif op == 8:
                    items.remove(make(x))
                elif op == 9:
                    found = items.index(make(x))
                elif op == 10:
                    found = items.count(make(x))
                elif op == 11:
                    found = 1 if make(x) in items else 0
                elif op == 12:
                    items.reverse()
                elif op == 13:
                    items.rotate(y - 9)
                elif op == 14:
                    items[y - 2] = make(x)
                elif op == 15:
                    del items[y - 2]
                elif op == 16:
                    items.extend([make(x), make(y)])
                elif op == 17:
                    items.extendleft([make(x), make(y)])
                elif op == 18:
                    items.insert(y - 3, make(x))
                elif op == 19:
                    copy = items.copy()
                    copy.appendleft(make(x))
                    found = all_of(copy)
                elif op == 20:
                    found = digest(items[y - 1])
                else:
                    found = all_of(items)
            except IndexError:
                found = 1
            except ValueError:
                found = 2
            if len(items) > LIMIT:
                items.clear()
            seen = (seen * 31 + found + len(items)) % PRIME
        return (seen * 31 + all_of(items)) % PRIME

    return wrap(machine)


def dict_machine(make, digest, wrap):
    def all_of(d):
        seen = len(d)
        for key, value in d.items():
            seen = (seen * 31 + digest(key) + value) % PRIME
        return seen

    all_of = wrap(all_of)

    def machine(d, operations, xs, ys):
        seen = 0
        for n in range(len(operations)):
            op, x, y = operations[n], xs[n], ys[n]
            found = 0
            try:
                if op < 5:
                    d[make(x)] = y
                elif op == 5:
                    found = d[make(x)]
                elif op == 6:
                    found = d.get(make(x), -1)
                elif op == 7:
                    found = d.pop(make(x))
                elif op == 8:
                    found = d.pop(make(x), -2)
                elif op == 9:
                    key, value = d.popitem()
                    found = digest(key) + value
                elif op == 10:
                    found = d.setdefault(make(x), y)
                elif op == 11:
                    found = 1 if make(x) in d else 0
                elif op == 12:
                    del d[make(x)]
                elif op == 13:
                    d.update({make(x): y, make(y): x})
                elif op == 14:
                    for key in d:
                        found = (found * 31 + digest(key)) % PRIME
                elif op == 15:
                    for value in d.values():
                        found = (found * 31 + value) % PRIME
                elif op == 16:
                    copy = d.copy()
                    copy[make(x)] = y
                    found = all_of(copy) + (1 if copy == d else 0)
                elif op == 17:
                    d[make(x)] += y
                elif op == 18 and x == 0:
                    d.clear()
                else:
                    found = all_of(d)
            except KeyError:
                found = 1
            seen = (seen * 31 + found + len(d)) % PRIME
        return (seen * 31 + all_of(d)) % PRIME

    return wrap(machine)


def ordered_machine(make, digest, wrap):
    def all_of(d):
        seen = len(d)
        for key, value in d.items():
            seen = (seen * 31 + digest(key) + value) % PRIME
        return seen

    all_of = wrap(all_of)

    def machine(d, operations, xs, ys):
        seen = 0
        for n in range(len(operations)):
            op, x, y = operations[n], xs[n], ys[n]
            found = 0
            try:
                if op < 5:
                    d[make(x)] = y
                elif op == 5:
                    found = d[make(x)]
                elif op == 6:
                    d.move_to_end(make(x))
                elif op == 7:
                    d.move_to_end(make(x), last=False)
                elif op == 8:
                    key, value = d.popitem()
                    found = digest(key) + value
                elif op == 9:
                    key, value = d.popitem(last=False)
                    found = digest(key) + value
                elif op == 10:
                    found = d.pop(make(x))
                elif op == 11:
                    del d[make(x)]
                elif op == 12:
                    found = d.setdefault(make(x), y)
                elif op == 13:
                    copy = d.copy()
                    copy.move_to_end(make(x))
                    found = 1 if copy == d else 2
                elif op == 14:
                    d.update({make(x): y, make(y): x})
                else:
                    found = all_of(d)
            except KeyError:
                found = 1
            seen = (seen * 31 + found + len(d)) % PRIME
        return (seen * 31 + all_of(d)) % PRIME

    return wrap(machine)


def set_machine(make, digest, wrap):
    def all_of(items):
        """In no order."""
        seen = len(items)
        for item in items:
            seen = (seen + digest(item) * 31) % PRIME
        return seen

    all_of = wrap(all_of)

    def machine(items, operations, xs, ys):
        seen = 0
        for n in range(len(operations)):
            op, x, y = operations[n], xs[n], ys[n]
            found = 0
            try:
                if op < 5:
                    items.add(make(x))
                elif op == 5:
                    items.discard(make(x))
                elif op == 6:
                    items.remove(make(x))
                elif op == 7:
                    found = 1 if make(x) in items else 0
                elif op == 8:
                    if len(items) < 2:
                        found = digest(items.pop())
                elif op == 9:
                    found = all_of(items | {make(x), make(y)})
                elif op == 10:
                    found = all_of(items & {make(x), make(y)})
                elif op == 11:
                    found = all_of(items - {make(x), make(y)})
                elif op == 12:
                    found = all_of(items ^ {make(x), make(y)})
                elif op == 13:
                    items |= {make(x), make(y)}
                elif op == 14:
                    items -= {make(x), make(y)}
                elif op == 15:
                    items ^= {make(x), make(y)}
                elif op == 16 and y == 0:
                    items &= {make(x), make(x + 1)}
                elif op == 17:
                    few = {make(x), make(y)}
                    found = (1 if few <= items else 0) + (2 if items.isdisjoint(few) else 0)
                elif op == 18:
                    found = 1 if items == (items | {make(x)}) else 0
                elif op == 19 and x == 0:
                    items.clear()
                else:
                    found = all_of(items)
            except KeyError:
                found = 1
            seen = (seen * 31 + found + len(items)) % PRIME
        return (seen * 31 + all_of(items)) % PRIME

    return wrap(machine)


def counter_machine(make, digest, wrap):
    def all_of(counts):
        seen = len(counts)
        for key, value in counts.items():
            seen = (seen * 31 + digest(key) + value) % PRIME
        return seen

    all_of = wrap(all_of)

    def machine(counts, operations, xs, ys):
        seen = 0
        for n in range(len(operations)):
            op, x, y = operations[n], xs[n], ys[n]
            found = 0
            try:
                if op < 3:
                    counts[make(x)] += 1
                elif op < 5:
                    counts[make(x)] -= y % 3
                elif op == 5:
                    found = counts[make(x)]
                elif op == 6:
                    counts.update([make(x), make(y), make(x)])
                elif op == 7:
                    counts.subtract([make(x), make(y)])
                elif op == 8:
                    for key, value in counts.most_common(3):
                        found = (found * 31 + digest(key) + value) % PRIME
                elif op == 9:
                    found = all_of(counts + Counter([make(x), make(y)]))
                elif op == 10:
                    found = all_of(counts - Counter([make(x), make(y)]))
                elif op == 11:
                    found = all_of(counts & Counter([make(x), make(y)]))
                elif op == 12:
                    found = all_of(counts | Counter([make(x), make(y)]))
                elif op == 13:
                    found = counts.total()
                elif op == 14:
                    del counts[make(x)]
                elif op == 15:
                    found = counts.pop(make(x))
                elif op == 16:
                    for key in counts.elements():
                        found = (found * 31 + digest(key)) % PRIME
                else:
                    found = all_of(counts)
            except KeyError:
                found = 1
            seen = (seen * 31 + found + len(counts)) % PRIME
        return (seen * 31 + all_of(counts)) % PRIME

    return wrap(machine)


def groups_machine(make, digest, wrap):
    """Of dicts whose values are lists, which are made where a key is missing."""

    def all_of(groups):
        seen = len(groups)
        for key, group in groups.items():
            seen = (seen * 31 + digest(key)) % PRIME
            for item in group:
                seen = (seen * 31 + item) % PRIME
        return seen

    all_of = wrap(all_of)

    def machine(groups, operations, xs, ys):
        seen = 0
        for n in range(len(operations)):
            op, x, y = operations[n], xs[n], ys[n]
            found = 0
            try:
                if op < 4:
                    groups[make(x)].append(y)
                elif op == 4:
                    found = len(groups[make(x)])
                elif op == 5:
                    found = groups[make(x)].pop()
                elif op == 6:
                    groups[make(x)] = [x, y]
                elif op == 7:
                    del groups[make(x)]
                elif op == 8:
                    found = len(groups.pop(make(x)))
                elif op == 9:
                    found = 1 if make(x) in groups else 0
                elif op == 10:
                    key, group = groups.popitem()
                    found = digest(key) + len(group)
                elif op == 11:
                    groups[make(x)] = groups[make(y)].copy()
                elif op == 12:
                    groups[make(x)].extend(groups[make(y)].copy())
                    if len(groups[make(x)]) > LIMIT:
                        groups[make(x)].clear()
                else:
                    found = all_of(groups)
            except KeyError:
                found = 1
            except IndexError:
                found = 2
            seen = (seen * 31 + found + len(groups)) % PRIME
        return (seen * 31 + all_of(groups)) % PRIME

    return wrap(machine)
