"""Programs as people write them for Numba, over numbers, tuples, arrays and functions; test_programs.py runs them.

Loaded once per compiler by `examples.backends.load`. `PROGRAMS` has the entry points with their inputs.
"""

import math

import numpy as np
from rumba import njit

# --- physics and numerics -------------------------------------------------------------------------------------------


@njit
def n_body(positions, velocities, masses, steps, dt):
    n = len(masses)
    for _ in range(steps):
        for i in range(n):
            for j in range(i + 1, n):
                dx, dy, dz = (
                    positions[i, 0] - positions[j, 0],
                    positions[i, 1] - positions[j, 1],
                    positions[i, 2] - positions[j, 2],
                )
                magnitude = dt / (dx * dx + dy * dy + dz * dz) ** 1.5
                for axis, delta in enumerate((dx, dy, dz)):
                    velocities[i, axis] -= delta * masses[j] * magnitude
                    velocities[j, axis] += delta * masses[i] * magnitude
        for i in range(n):
            for axis in range(3):
                positions[i, axis] += dt * velocities[i, axis]
    energy = 0.0
    for i in range(n):
        energy += 0.5 * masses[i] * (velocities[i, 0] ** 2 + velocities[i, 1] ** 2 + velocities[i, 2] ** 2)
    return energy


@njit
def lorenz(state, sigma, rho, beta):
    x, y, z = state
    return sigma * (y - x), x * (rho - z) - y, x * y - beta * z


@njit
def axpy(a, x, y):
    return x[0] * a + y[0], x[1] * a + y[1], x[2] * a + y[2]


@njit
def runge_kutta(f, state, dt, steps):
    trace = np.empty((steps + 1, 3))
    for axis, value in enumerate(state):
        trace[0, axis] = value
    for step in range(1, steps + 1):
        k1 = f(state, 10.0, 28.0, 8 / 3)
        k2 = f(axpy(dt / 2, k1, state), 10.0, 28.0, 8 / 3)
        k3 = f(axpy(dt / 2, k2, state), 10.0, 28.0, 8 / 3)
        k4 = f(axpy(dt, k3, state), 10.0, 28.0, 8 / 3)
        for k, weight in ((k1, 1.0), (k2, 2.0), (k3, 2.0), (k4, 1.0)):
            state = axpy(dt / 6 * weight, k, state)
        trace[step, 0], trace[step, 1], trace[step, 2] = state
    return trace


@njit
def attractor(steps):
    return runge_kutta(lorenz, (1.0, 1.0, 1.0), 0.01, steps)


@njit
def lu_decompose(a):
    """In place, with partial pivoting; the permutation and its sign."""
    n = a.shape[0]
    order = np.arange(n)
    sign = 1
    for k in range(n):
        pivot = k
        for i in range(k + 1, n):
            if abs(a[i, k]) > abs(a[pivot, k]):
                pivot = i
        if a[pivot, k] == 0.0:
            raise ValueError("singular at", k)
        if pivot != k:
            for j in range(n):
                a[k, j], a[pivot, j] = a[pivot, j], a[k, j]
            order[k], order[pivot] = order[pivot], order[k]
            sign = -sign
        for i in range(k + 1, n):
            a[i, k] /= a[k, k]
            for j in range(k + 1, n):
                a[i, j] -= a[i, k] * a[k, j]
    return order, sign


@njit
def solve(a, b):
    a = a.copy()
    order, sign = lu_decompose(a)
    n = len(b)
    x = np.empty_like(b)
    for i in range(n):
        total = b[order[i]]
        for j in range(i):
            total -= a[i, j] * x[j]
        x[i] = total
    for i in range(n - 1, -1, -1):
        for j in range(i + 1, n):
            x[i] -= a[i, j] * x[j]
        x[i] /= a[i, i]
    determinant = float(sign)
    for i in range(n):
        determinant *= a[i, i]
    return x, determinant


@njit
def fft(signal):
    """Iterative radix 2."""
    n = signal.shape[0]
    levels = n.bit_length() - 1
    assert n == 1 << levels, "length must be a power of two"
    result = np.empty(n, dtype=np.complex128)
    for i in range(n):
        reversed_bits = 0
        rest = i
        for _ in range(levels):
            reversed_bits = (reversed_bits << 1) | (rest & 1)
            rest >>= 1
        result[reversed_bits] = signal[i]
    size = 2
    while size <= n:
        step = complex(math.cos(2 * math.pi / size), -math.sin(2 * math.pi / size))
        for start in range(0, n, size):
            w = 1 + 0j
            for k in range(size // 2):
                even = result[start + k]
                odd = w * result[start + k + size // 2]
                result[start + k], result[start + k + size // 2] = even + odd, even - odd
                w *= step
        size *= 2
    return result


@njit
def fft_recursive(signal):
    n = len(signal)
    out = np.empty(n, np.complex128)
    if n == 1:
        out[0] = signal[0]
        return out
    even, odd = fft_recursive(signal[::2]), fft_recursive(signal[1::2])
    for k in range(n // 2):
        angle = -2 * math.pi * k / n
        t = complex(math.cos(angle), math.sin(angle)) * odd[k]
        out[k] = even[k] + t
        out[k + n // 2] = even[k] - t
    return out


@njit
def newton(f, x, tolerance=1e-12):
    for step in range(100):
        h = 1e-6 * max(1.0, abs(x))
        slope = (f(x + h) - f(x - h)) / (2 * h)
        if slope == 0.0:
            return None
        dx = f(x) / slope
        x -= dx
        if abs(dx) < tolerance:
            return x
    return None


@njit
def roots(a):
    first = newton(lambda x: x * x - a, 1.0)
    second = newton(lambda x: math.exp(x) - a, 0.0, tolerance=1e-9)
    third = newton(lambda x: 1.0, 0.0)
    return (0.0 if first is None else first), (0.0 if second is None else second), third is None


@njit
def adaptive_simpson(f, a, b, eps, depth):
    def simpson(lo, hi):
        return (hi - lo) / 6 * (f(lo) + 4 * f((lo + hi) / 2) + f(hi))

    def refine(lo, hi, whole, eps, depth):
        mid = (lo + hi) / 2
        left, right = simpson(lo, mid), simpson(mid, hi)
        if depth <= 0 or abs(left + right - whole) <= 15 * eps:
            return left + right + (left + right - whole) / 15
        return refine(lo, mid, left, eps / 2, depth - 1) + refine(mid, hi, right, eps / 2, depth - 1)

    return refine(a, b, simpson(a, b), eps, depth)


@njit
def integral(b):
    return adaptive_simpson(lambda x: x**3 / (1 + x * x), 0.0, b, 1e-10, 40)


# --- grids and pictures ---------------------------------------------------------------------------------------------


@njit
def game_of_life(board, generations):
    rows, columns = board.shape
    for _ in range(generations):
        following = np.zeros_like(board)
        for i in range(rows):
            for j in range(columns):
                neighbours = 0
                for di in (-1, 0, 1):
                    for dj in (-1, 0, 1):
                        if di or dj:
                            neighbours += board[(i + di) % rows, (j + dj) % columns]
                following[i, j] = neighbours == 3 or (board[i, j] and neighbours == 2)
        board = following
    return board


@njit
def sphere(x, y, z):
    return math.sqrt(x * x + y * y + z * z) - 1.0


@njit
def torus(x, y, z):
    return math.hypot(math.sqrt(x * x + z * z) - 1.0, y) - 0.25


@njit
def march(distance, ox, oy, oz, dx, dy, dz):
    t = 0.0
    for step in range(64):
        d = distance(ox + t * dx, oy + t * dy, oz + t * dz)
        if d < 1e-4:
            return t, step
        t += d
        if t > 20.0:
            break
    return -1.0, 64


@njit
def ray_march(width, height, shape):
    image = np.zeros((height, width), dtype=np.float32)
    steps = 0
    for row in range(height):
        for column in range(width):
            dx, dy, dz = (column - width / 2) / width, (row - height / 2) / height, 1.0
            norm = (dx * dx + dy * dy + dz * dz) ** 0.5
            if shape == 0:
                t, n = march(sphere, 0.0, 0.0, -3.0, dx / norm, dy / norm, dz / norm)
            else:
                t, n = march(torus, 0.0, 0.0, -3.0, dx / norm, dy / norm, dz / norm)
            image[row, column] = t if t >= 0 else 0.0
            steps += n
    return image, steps


@njit
def fade(t):
    return t * t * t * (t * (t * 6 - 15) + 10)


@njit
def gradient(code, x, y):
    match code & 3:
        case 0:
            return x + y
        case 1:
            return -x + y
        case 2:
            return x - y
        case _:
            return -x - y


@njit
def perlin(x, y, table):
    xi, yi = int(math.floor(x)) & 255, int(math.floor(y)) & 255
    xf, yf = x - math.floor(x), y - math.floor(y)
    u, v = fade(xf), fade(yf)
    aa, ab = table[table[xi] + yi], table[table[xi] + yi + 1]
    ba, bb = table[table[xi + 1] + yi], table[table[xi + 1] + yi + 1]
    lerp = lambda a, b, t: a + t * (b - a)  # noqa: E731
    return lerp(
        lerp(gradient(aa, xf, yf), gradient(ba, xf - 1, yf), u),
        lerp(gradient(ab, xf, yf - 1), gradient(bb, xf - 1, yf - 1), u),
        v,
    )


@njit
def perlin_image(n, table):
    image = np.empty((n, n))
    for i in range(n):
        for j in range(n):
            total, amplitude, frequency = 0.0, 1.0, 1 / 16
            for octave in range(4):
                total += amplitude * perlin(i * frequency - 3.7, j * frequency, table)
                amplitude /= 2
                frequency *= 2
            image[i, j] = total
    return image


@njit
def flood_fill(image, row, column, value):
    """With a stack in an array that grows."""
    rows, columns = image.shape
    old = image[row, column]
    if old == value:
        return 0
    stack = np.empty((4, 2), dtype=np.int64)
    stack[0] = (row, column)
    size, filled = 1, 0
    while size:
        size -= 1
        i, j = stack[size]
        if not (0 <= i < rows and 0 <= j < columns) or image[i, j] != old:
            continue
        image[i, j] = value
        filled += 1
        if size + 4 > len(stack):
            larger = np.empty((2 * len(stack), 2), dtype=stack.dtype)
            larger[: len(stack)] = stack
            stack = larger
        for di, dj in ((0, 1), (1, 0), (0, -1), (-1, 0)):
            stack[size] = (i + di, j + dj)
            size += 1
    return filled


# --- searching, sorting, graphs -------------------------------------------------------------------------------------


@njit
def k_means(points, k, rounds):
    n, dims = points.shape
    centres = points[:k].copy()
    labels = np.zeros(n, dtype=np.int32)
    for _ in range(rounds):
        changed = False
        for i, point in enumerate(points):
            best, best_distance = -1, math.inf
            for c in range(k):
                distance = 0.0
                for d in range(dims):
                    distance += (point[d] - centres[c, d]) ** 2
                if distance < best_distance:
                    best, best_distance = c, distance
            if labels[i] != best:
                labels[i] = best
                changed = True
        if not changed:
            break
        centres[:] = 0.0
        counts = np.zeros(k, np.int64)
        for i in range(n):
            counts[labels[i]] += 1
            for d in range(dims):
                centres[labels[i], d] += points[i, d]
        for c in range(k):
            if counts[c] > 0:
                for d in range(dims):
                    centres[c, d] /= counts[c]
    return centres, labels


@njit
def quickselect(values, k):
    lo, hi = 0, len(values) - 1
    while True:
        pivot = values[(lo + hi) // 2]
        i, j = lo, hi
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i, j = i + 1, j - 1
        if k <= j:
            hi = j
        elif k >= i:
            lo = i
        else:
            return values[k]


@njit
def kd_build(points, indices, lo, hi, axis):
    if hi - lo <= 1:
        return
    for i in range(lo + 1, hi):
        key = indices[i]
        j = i - 1
        while j >= lo and points[indices[j], axis] > points[key, axis]:
            indices[j + 1] = indices[j]
            j -= 1
        indices[j + 1] = key
    mid = (lo + hi) // 2
    kd_build(points, indices, lo, mid, 1 - axis)
    kd_build(points, indices, mid + 1, hi, 1 - axis)


@njit
def kd_nearest(points, indices, target, lo, hi, axis, best, best_distance):
    if lo >= hi:
        return best, best_distance
    mid = (lo + hi) // 2
    x, y = points[indices[mid]]
    distance = (x - target[0]) ** 2 + (y - target[1]) ** 2
    if distance < best_distance:
        best, best_distance = indices[mid], distance
    offset = target[axis] - points[indices[mid], axis]
    near, far = ((lo, mid), (mid + 1, hi)) if offset < 0 else ((mid + 1, hi), (lo, mid))
    best, best_distance = kd_nearest(points, indices, target, *near, 1 - axis, best, best_distance)
    if offset * offset < best_distance:
        best, best_distance = kd_nearest(points, indices, target, *far, 1 - axis, best, best_distance)
    return best, best_distance


@njit
def kd_search(points, targets):
    indices = np.arange(len(points))
    kd_build(points, indices, 0, len(points), 0)
    found = np.empty(len(targets), np.int64)
    for i in range(len(targets)):
        found[i], _ = kd_nearest(points, indices, (targets[i, 0], targets[i, 1]), 0, len(points), 0, -1, math.inf)
    return found


@njit
def find(parents, x):
    while parents[x] != x:
        parents[x] = parents[parents[x]]
        x = parents[x]
    return x


@njit
def components(n, edges):
    parents, sizes = np.arange(n), np.ones(n, dtype=np.uint32)
    for a, b in edges:
        a, b = find(parents, a), find(parents, b)
        if a == b:
            continue
        if sizes[a] < sizes[b]:
            a, b = b, a
        parents[b] = a
        sizes[a] += sizes[b]
    count = 0
    for i in range(n):
        count += find(parents, i) == i
    return count, sizes[find(parents, 0)]


@njit
def sift_up(keys, items, position):
    while position > 0 and keys[position] < keys[parent := (position - 1) >> 1]:
        keys[position], keys[parent] = keys[parent], keys[position]
        items[position], items[parent] = items[parent], items[position]
        position = parent


@njit
def sift_down(keys, items, size):
    position = 0
    while (child := 2 * position + 1) < size:
        if child + 1 < size and keys[child + 1] < keys[child]:
            child += 1
        if keys[position] <= keys[child]:
            break
        keys[position], keys[child] = keys[child], keys[position]
        items[position], items[child] = items[child], items[position]
        position = child


@njit
def dijkstra(starts, targets, weights, source):
    n = len(starts) - 1
    distances = np.full(n, np.inf)
    keys, items = np.empty(len(targets) + 1), np.empty(len(targets) + 1, np.intp)
    keys[0], items[0] = distances[source], source
    distances[source] = keys[0] = 0.0
    size = 1
    while size:
        distance, node = keys[0], items[0]
        size -= 1
        keys[0], items[0] = keys[size], items[size]
        sift_down(keys, items, size)
        if distance > distances[node]:
            continue
        for edge in range(starts[node], starts[node + 1]):
            target = targets[edge]
            if (candidate := distance + weights[edge]) < distances[target]:
                distances[target] = candidate
                keys[size], items[size] = candidate, target
                sift_up(keys, items, size)
                size += 1
    return distances


@njit
def merge_sort(values, buffer, lo, hi):
    if hi - lo < 2:
        return
    mid = lo + (hi - lo) // 2
    merge_sort(values, buffer, lo, mid)
    merge_sort(values, buffer, mid, hi)
    i, j = lo, mid
    for k in range(lo, hi):
        if j >= hi or (i < mid and values[i] <= values[j]):
            buffer[k], i = values[i], i + 1
        else:
            buffer[k], j = values[j], j + 1
    values[lo:hi] = buffer[lo:hi]


@njit
def merge_sorted(values):
    result = values.copy()
    merge_sort(result, np.empty_like(result), 0, len(result))
    return result


@njit
def sudoku(board):
    for row in range(9):
        for column in range(9):
            if board[row, column]:
                continue
            for digit in range(1, 10):
                for i in range(9):
                    if (
                        board[row, i] == digit
                        or board[i, column] == digit
                        or board[row // 3 * 3 + i // 3, column // 3 * 3 + i % 3] == digit
                    ):
                        break
                else:
                    board[row, column] = digit
                    if sudoku(board):
                        return True
            board[row, column] = 0
            return False
    return True


@njit
def permutations(n, visit):
    """Heap's algorithm; `visit` is called with every one."""
    items = np.arange(n)
    counters = np.zeros(n, np.int64)
    total = visit(items)
    i = 0
    while i < n:
        if counters[i] < i:
            j = counters[i] if i & 1 else 0
            items[j], items[i] = items[i], items[j]
            total += visit(items)
            counters[i] += 1
            i = 0
        else:
            counters[i] = 0
            i += 1
    return total


@njit
def weighted_permutations(n):
    def visit(items):
        total = 0
        for i, x in enumerate(items):
            total = total * 7 + i * x
        return total

    return permutations(n, visit)


# --- dynamic programming --------------------------------------------------------------------------------------------


@njit
def time_warp(a, b, window=None):
    n, m = len(a), len(b)
    reach = max(n, m) if window is None else max(window, abs(n - m))
    costs = np.full((n + 1, m + 1), np.inf)
    costs[0, 0] = 0
    for i in range(1, n + 1):
        for j in range(max(1, i - reach), min(m, i + reach) + 1):
            costs[i, j] = abs(a[i - 1] - b[j - 1]) + min(costs[i - 1, j], costs[i, j - 1], costs[i - 1, j - 1])
    return costs[n, m]


@njit
def smith_waterman(a, b, match, mismatch, gap):
    scores = np.zeros((a.size + 1, b.size + 1), dtype=np.int32)
    best, where = 0, (0, 0)
    for i in range(1, a.size + 1):
        for j in range(1, b.size + 1):
            scores[i, j] = max(
                0,
                scores[i - 1, j - 1] + (match if a[i - 1] == b[j - 1] else mismatch),
                scores[i - 1, j] + gap,
                scores[i, j - 1] + gap,
            )
            if scores[i, j] > best:
                best, where = scores[i, j], (i, j)
    i, j = where
    length = 0
    while i > 0 and j > 0 and scores[i, j] > 0:
        length += 1
        if scores[i, j] == scores[i - 1, j] + gap:
            i -= 1
        elif scores[i, j] == scores[i, j - 1] + gap:
            j -= 1
        else:
            i, j = i - 1, j - 1
    return best, where, length, scores


@njit
def matrix_chain(sizes):
    n = len(sizes) - 1
    costs, splits = np.zeros((n, n), np.int64), np.zeros((n, n), np.int64)
    for length in range(2, n + 1):
        for i in range(n - length + 1):
            j = i + length - 1
            costs[i, j] = 2**63 - 1
            for k in range(i, j):
                cost = costs[i, k] + costs[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1]
                if cost < costs[i, j]:
                    costs[i, j], splits[i, j] = cost, k
    return costs[0, n - 1], splits


@njit
def knapsack(values, weights, capacity):
    best = np.zeros(capacity + 1, values.dtype)
    for value, weight in zip(values, weights):
        for room in range(capacity, weight - 1, -1):
            best[room] = max(best[room], best[room - weight] + value)
    return best[-1]


# --- bits -----------------------------------------------------------------------------------------------------------


@njit
def sieve(n):
    composite = np.zeros(n // 2 + 1, dtype=np.bool_)
    count = 1 if n > 2 else 0
    for i in range(3, n, 2):
        if composite[i >> 1]:
            continue
        count += 1
        for j in range(i * i, n, 2 * i):
            composite[j >> 1] = True
    return count


@njit
def fnv(data):
    h = np.uint32(2166136261)
    for byte in data:
        h = np.uint32((h ^ byte) * np.uint32(16777619))
    return h


@njit
def rotate_left(x, n):
    return np.uint32(x << n) | np.uint32(x >> (32 - n))


@njit
def murmur(data, seed):
    h = np.uint32(seed)
    for i in range(0, len(data) - len(data) % 4, 4):
        k = np.uint32(data[i]) | np.uint32(data[i + 1]) << 8 | np.uint32(data[i + 2]) << 16 | np.uint32(data[i + 3]) << 24
        k = np.uint32(k * 0xCC9E2D51 & 0xFFFFFFFF)
        k = rotate_left(k & 0xFFFFFFFF, 15)
        h ^= np.uint32(k * 0x1B873593 & 0xFFFFFFFF)
        h = np.uint32((rotate_left(h & 0xFFFFFFFF, 13) * 5 + 0xE6546B64) & 0xFFFFFFFF)
    h ^= len(data)
    return h & 0xFFFFFFFF


@njit
def splitmix(state):
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@njit
def pcg(state):
    old = state[0]
    state[0] = old * np.uint64(6364136223846793005) + state[1]
    shifted = np.uint32(((old >> np.uint64(18)) ^ old) >> np.uint64(27) & np.uint64(0xFFFFFFFF))
    turn = np.uint32(old >> np.uint64(59))
    return (np.uint64(shifted) >> np.uint64(turn) | np.uint64(shifted) << (np.uint64(32 - turn) & np.uint64(31))) & np.uint64(
        0xFFFFFFFF
    )


@njit
def random_numbers(generator, seed, n):
    state = np.array((seed, 1442695040888963407), dtype=np.uint64)
    out = np.empty(n, np.uint64)
    for i in range(n):
        out[i] = generator(state)
    return out


@njit
def both_generators(seed, n):
    return random_numbers(splitmix, seed, n), random_numbers(pcg, seed, n)


@njit
def sobol(n):
    """The first two dimensions."""
    bits = 30
    directions = np.zeros((2, bits), np.uint32)
    for i in range(bits):
        directions[0, i] = 1 << (bits - 1 - i)
    directions[1, 0] = 1 << (bits - 1)
    for i in range(1, bits):
        previous = directions[1, i - 1]
        directions[1, i] = previous ^ (previous >> 1)
    points, current = np.zeros((n, 2)), np.zeros(2, np.uint32)
    for i in range(1, n):
        position, rest = 0, i - 1
        while rest & 1:
            rest >>= 1
            position += 1
        for d in range(2):
            current[d] ^= directions[d, position]
            points[i, d] = current[d] / 2**bits
    return points


@njit
def crc32(data):
    table = np.empty(256, np.uint32)
    for i in range(256):
        c = i
        for _ in range(8):
            c = 0xEDB88320 ^ (c >> 1) if c & 1 else c >> 1
        table[i] = c
    crc = 0xFFFFFFFF
    for byte in data:
        crc = int(table[(crc ^ int(byte)) & 0xFF]) ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


@njit
def queens(n, row, columns, left, right):
    if row == n:
        return 1
    count = 0
    free = ((1 << n) - 1) & ~(columns | left | right)
    while free:
        bit = free & -free
        free ^= bit
        count += queens(n, row + 1, columns | bit, (left | bit) << 1, (right | bit) >> 1)
    return count


@njit
def hilbert(order, index):
    x = y = 0
    t = index
    s = 1
    while s < 1 << order:
        rx = 1 & (t // 2)
        ry = 1 & (t ^ rx)
        if not ry:
            if rx:
                x, y = s - 1 - x, s - 1 - y
            x, y = y, x
        x, y = x + s * rx, y + s * ry
        t //= 4
        s *= 2
    return x, y


@njit
def convex_hull(points):
    """Andrew's monotone chain over points sorted by x, then y."""

    def cross(o, a, b):
        return (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0])

    n = len(points)
    hull = np.empty(2 * n, np.int64)
    size = 0
    for i in range(n):
        while size >= 2 and cross(points[hull[size - 2]], points[hull[size - 1]], points[i]) <= 0:
            size -= 1
        hull[size] = i
        size += 1
    lower = size + 1
    for i in range(n - 2, -1, -1):
        while size >= lower and cross(points[hull[size - 2]], points[hull[size - 1]], points[i]) <= 0:
            size -= 1
        hull[size] = i
        size += 1
    return hull[: size - 1]


def generator():
    return np.random.default_rng(20)


def sorted_points(n):
    points = generator().integers(0, 50, (n, 2))
    return points[np.lexsort((points[:, 1], points[:, 0]))]


def random_graph(n, degree):
    targets = generator().integers(0, n, n * degree)
    return np.arange(0, n * degree + 1, degree), targets, generator().random(n * degree)


def bytes_of(n):
    return generator().integers(0, 256, n).astype(np.uint8)


BOARD = np.array(
    [
        [int(c) for c in line]
        for line in (
            "530070000 600195000 098000060 800060003 400803001 700020006 060000280 000419005 000080079".split()
        )
    ]
)
PERMUTATION = np.concatenate([generator().permutation(256)] * 2)

#: name: (arguments, units in the last place that differences of elementary functions add up to)
PROGRAMS = {
    "n_body": ((generator().random((5, 3)), generator().random((5, 3)), generator().random(5), 20, 0.01), 16),
    "attractor": ((200,), 0),
    "solve": ((generator().random((8, 8)), generator().random(8)), 0),
    "fft": ((generator().random(64),), 0),
    "fft_recursive": ((generator().random(32),), 0),
    "roots": ((2.0,), 4),
    "integral": ((3.0,), 4),
    "game_of_life": ((generator().integers(0, 2, (12, 17)).astype(np.int8), 6), 0),
    "ray_march": ((16, 12, 1), 0),
    "perlin_image": ((24, PERMUTATION), 0),
    "flood_fill": ((generator().integers(0, 2, (9, 14)), 3, 3, 7), 0),
    "k_means": ((generator().random((60, 3)), 4, 20), 0),
    "quickselect": ((generator().integers(0, 99, 51), 25), 0),
    "kd_search": ((generator().random((70, 2)), generator().random((20, 2))[::-1]), 0),
    "components": ((40, generator().integers(0, 40, (30, 2))), 0),
    "dijkstra": (random_graph(40, 3) + (0,), 0),
    "merge_sorted": ((generator().random(100),), 0),
    "sudoku": ((BOARD,), 0),
    "weighted_permutations": ((5,), 0),
    "time_warp": ((generator().random(20), generator().random(25)), 0),
    "smith_waterman": ((bytes_of(30) % 4, bytes_of(40)[10:] % 4, 3, -2, -1), 0),
    "matrix_chain": ((np.array([30, 35, 15, 5, 10, 20, 25]),), 0),
    "knapsack": ((generator().random(15), generator().integers(1, 9, 15), 30), 0),
    "sieve": ((1000,), 0),
    "fnv": ((bytes_of(33),), 0),
    "murmur": ((bytes_of(64), 42), 0),
    "both_generators": ((12345, 10), 0),
    "sobol": ((50,), 0),
    "crc32": ((bytes_of(50),), 0),
    "queens": ((6, 0, 0, 0, 0), 0),
    "hilbert": ((5, 777), 0),
    "convex_hull": ((sorted_points(60),), 0),
}
