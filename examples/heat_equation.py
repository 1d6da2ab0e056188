"""Heat spreading over a plate: the explicit five-point scheme, two grids that change places."""

import numpy as np
from rumba import njit

TITLE = "heat equation, 512², 500 steps"


def prepare():
    plate = np.zeros((512, 512))
    plate[0, :] = 100.0
    plate[200:300, 150:170] = 400.0
    plate[350:370, 250:450] = -200.0
    return plate, 500, 0.24


def smaller(plate, n_steps, diffusion):
    return (plate[::4, ::4].copy(), n_steps // 20, diffusion), 16 * 20


@njit
def kernel(plate, n_steps, diffusion):
    old = plate.copy()
    new = plate.copy()
    height, width = plate.shape
    for _ in range(n_steps):
        for y in range(1, height - 1):
            for x in range(1, width - 1):
                neighbours = old[y - 1, x] + old[y + 1, x] + old[y, x - 1] + old[y, x + 1]
                new[y, x] = old[y, x] + diffusion * (neighbours - 4.0 * old[y, x])
        old, new = new, old
    return old


def check(result, expected):
    # A fused multiply-add may round once where the interpreter rounds twice.
    np.testing.assert_allclose(result, expected, rtol=1e-12, atol=1e-10)


def with_numpy(plate, n_steps, diffusion):
    old, new = plate.copy(), plate.copy()
    for _ in range(n_steps):
        neighbours = old[:-2, 1:-1] + old[2:, 1:-1] + old[1:-1, :-2] + old[1:-1, 2:]
        new[1:-1, 1:-1] = old[1:-1, 1:-1] + diffusion * (neighbours - 4.0 * old[1:-1, 1:-1])
        old, new = new, old
    return old


def picture(result):
    share = np.clip((result + 100.0) / 300.0, 0.0, 1.0)
    cold_to_hot = np.stack([share, share * share, (1.0 - share) * 0.6], axis=-1)
    return (255 * cold_to_hot).astype(np.uint8)
