"""Products of arrays and np.linalg in compiled code: products against NumPy, factorisations by what defines them.

Bounds are multiples of the precision times the extent times the norm, as the theory of rounding errors gives them.
"""

import numpy as np
import pytest
from library.records import compiled, function
from rumba import njit
from rumba.errors import TypingError

INTEGERS = [np.int8, np.uint8, np.int32, np.uint32, np.int64, np.uint64]
INEXACT = [np.float32, np.float64, np.complex64, np.complex128]
ALL = [np.bool_, *INTEGERS, *INEXACT]
by_name = {"ids": lambda value: getattr(value, "__name__", None)}


def run(expression, *args):
    """The result of an expression over `a`, `b`, `c`, compiled."""
    return compiled(", ".join("abcd"[: len(args)]), expression)(*args)


def numpys(expression, *args):
    return function(", ".join("abcd"[: len(args)]), expression)(*args)


def numbers(shape, dtype=np.float64, seed=0):
    random = np.random.default_rng([seed, *shape])
    kind = np.dtype(dtype).kind
    values = random.normal(size=shape)
    if kind == "b":
        return values > 0
    if kind in "iu":
        return (values * 100).astype(np.int64).astype(dtype)
    if kind == "c":
        values = values + 1j * random.normal(size=shape)
    return values.astype(dtype)


def epsilon(array):
    return np.finfo(np.asarray(array).dtype).eps if np.asarray(array).dtype.kind in "fc" else 0.0


def same_product(expression, *args, extent=None):
    """A product is NumPy's: exactly for integers, else up to rounding of as many additions as are made."""
    result, expected = run(expression, *args), numpys(expression, *args)
    assert np.shape(result) == np.shape(expected), (expression, np.shape(result), np.shape(expected))
    if isinstance(expected, np.ndarray):
        assert result.dtype == expected.dtype
    else:
        assert not isinstance(result, np.ndarray)
    if np.asarray(expected).dtype.kind in "fc":
        n_terms = extent or max((max(np.shape(arg), default=1) for arg in args), default=1)
        sizes = [np.abs(arg).max() if np.size(arg) else 0.0 for arg in args]
        bound = 4 * epsilon(expected) * n_terms**2 * float(np.prod(sizes, dtype=np.float64))
        np.testing.assert_allclose(result, expected, rtol=0, atol=bound)
    else:
        assert np.array_equal(result, expected), expression


def layouts(array):
    yield array
    if array.ndim == 0:
        return
    yield np.repeat(array, 2, axis=-1)[..., ::2]
    yield array[..., ::-1].copy()[..., ::-1]
    yield np.asfortranarray(array)
    yield array[::-1].copy()[::-1]


SHAPES = [
    ((3,), (3,)),
    ((0,), (0,)),
    ((3,), (3, 4)),
    ((2, 3), (3,)),
    ((2, 3), (3, 4)),
    ((1, 1), (1, 1)),
    ((0, 3), (3, 2)),
    ((2, 0), (0, 3)),
    ((2, 3), (3, 0)),
    ((20, 30), (30, 25)),
    ((70, 65), (65, 33)),
    ((5, 2, 3), (3, 4)),
    ((5, 2, 3), (5, 3, 4)),
    ((1, 2, 3), (5, 3, 4)),
    ((4, 1, 2, 3), (5, 3, 2)),
    ((3,), (5, 3, 2)),
    ((5, 2, 3), (3,)),
]


@pytest.mark.parametrize("dtype", ALL, **by_name)
def test_matmul(dtype):
    for left, right in SHAPES:
        a, b = numbers(left, dtype), numbers(right, dtype, seed=1)
        same_product("a @ b", a, b)
        same_product("np.matmul(a, b)", a, b)


@pytest.mark.parametrize("dtype", [np.int32, np.float64, np.complex64], **by_name)
def test_matmul_of_all_layouts(dtype):
    for left, right in [((3, 4), (4, 5)), ((3, 4), (4,)), ((2, 3, 4), (4, 3)), ((30, 40), (40, 50))]:
        for a in layouts(numbers(left, dtype)):
            for b in layouts(numbers(right, dtype, seed=1)):
                same_product("a @ b", a, b)


@pytest.mark.parametrize("dtype", [np.float64, np.complex64], **by_name)
def test_matmul_that_threads_share(dtype):
    """By rows or columns, whichever are more; the last part is a smaller one."""
    for left, right in [((3000, 40), (40, 50)), ((50, 40), (40, 3000)), ((600, 20), (20, 700))]:
        for a in layouts(numbers(left, dtype)):
            same_product("a @ b", a, numbers(right, dtype, seed=1))


def test_matmul_of_mixed_dtypes():
    for left in [np.bool_, np.int8, np.uint64, np.float32, np.complex64]:
        for right in [np.int32, np.float64, np.complex64]:
            same_product("a @ b", numbers((3, 4), left), numbers((4, 5), right))


def test_matmul_writes_into_arrays():
    @njit
    def f(a, b, out):
        result = np.matmul(a, b, out)
        np.dot(a, b, out=out[::-1])
        return result

    a, b = numbers((3, 3)), numbers((3, 3), seed=1)
    out = np.zeros((3, 3))
    f(a, b, out)
    np.testing.assert_allclose(out, (a @ b)[::-1], atol=1e-14)

    @njit
    def g(a, b):
        alias = a
        a @= b
        return alias

    c = a.copy()
    assert g(c, b) is not None
    np.testing.assert_allclose(c, a @ b, atol=1e-14)
    with pytest.raises(ValueError):
        f(a, b, np.zeros((1, 3)))


def test_unaligned_arrays():
    memory = np.zeros(8 * 12 + 1, np.uint8)
    a = memory[1:].view(np.float64).reshape(3, 4)
    a[...] = numbers((3, 4))
    same_product("a @ a.T", a)
    same_product("np.linalg.norm(a)", a)


@pytest.mark.parametrize("dtype", ALL, **by_name)
def test_dot_inner_vdot_outer(dtype):
    for left, right in [*SHAPES[:12], ((2, 3, 4), (5, 4, 6)), ((4,), (5, 4, 6))]:
        same_product("np.dot(a, b)", numbers(left, dtype), numbers(right, dtype, seed=1))
        same_product("a.dot(b)", numbers(left, dtype), numbers(right, dtype, seed=1))
    for left, right in [((3,), (3,)), ((2, 3), (4, 3)), ((3,), (4, 3)), ((2, 5, 3), (4, 2, 3))]:
        same_product("np.inner(a, b)", numbers(left, dtype), numbers(right, dtype, seed=1))
    for shape in [(3,), (2, 3), (0,), (1000,)]:
        same_product("np.vdot(a, b)", numbers(shape, dtype), numbers(shape, dtype, seed=1))
    same_product("np.outer(a, b)", numbers((3,), dtype), numbers((2, 2), dtype, seed=1))


def test_dot_of_numbers():
    same_product("np.dot(a, 2.0)", numbers((3, 2)))
    same_product("np.dot(3, a)", numbers((3, 2)))
    assert run("np.dot(a, b)", 3, 4) == 12
    same_product("np.dot(a, (1.0, 2.0))", numbers((3, 2)))


def test_shapes_that_do_not_fit():
    for expression in ["a @ b", "np.dot(a, b)", "np.inner(a, b)"]:
        with pytest.raises(ValueError):
            run(expression, numbers((2, 3)), numbers((4, 5)))
    with pytest.raises(ValueError):
        run("a @ b", numbers((2, 3, 3)), numbers((4, 3, 3)))
    with pytest.raises(TypingError):
        run("a @ b", numbers((2, 3)), 2.0)
    with pytest.raises(TypingError):
        run("np.matmul(a, b)", numbers((2, 3)), np.array(1.0))


def test_tensordot_and_kron():
    a, b = numbers((3, 4, 5)), numbers((4, 3, 2), seed=1)
    for axes in ["([1, 0], [0, 1])", "((0, 1), (1, 0))", "((1,), (0,))", "(1, 0)", "0"]:
        if "[" not in axes:
            same_product(f"np.tensordot(a, b, axes={axes})", a, b)
    same_product("np.tensordot(a, b)", numbers((3, 4, 5)), numbers((4, 5, 2)))
    same_product("np.tensordot(a, b, 1)", numbers((3, 4)), numbers((4, 2)))
    same_product("np.tensordot(a, b, 2)", numbers((3, 4)), numbers((3, 4)))
    same_product("np.kron(a, b)", numbers((2, 3)), numbers((4, 5)))
    same_product("np.kron(a, b)", numbers((3,)), numbers((4, 5)))
    same_product("np.kron(a, b)", numbers((3, 2), np.int8), numbers((4,), np.int16))
    with pytest.raises(ValueError):
        run("np.tensordot(a, b, 1)", numbers((3, 4)), numbers((3, 4)))


EINSUMS = [
    ("ij,jk->ik", (3, 4), (4, 5)),
    ("ij,jk", (3, 4), (4, 5)),
    ("ij,kj->ki", (3, 4), (5, 4)),
    ("ij,ij->", (3, 4), (3, 4)),
    ("ij,ij->i", (3, 4), (3, 4)),
    ("i,j->ij", (3,), (4,)),
    ("i,i", (3,), (3,)),
    ("bij,bjk->bik", (2, 3, 4), (2, 4, 5)),
    ("bij,jk->kbi", (2, 3, 4), (4, 5)),
    ("ijk,jkl->il", (2, 3, 4), (3, 4, 5)),
    ("ij,j->ij", (3, 4), (4,)),
    ("ij,k->j", (3, 4), (2,)),
    ("ii,ij->j", (3, 3), (3, 4)),
]


@pytest.mark.parametrize("dtype", [np.bool_, np.int32, np.float64, np.complex64], **by_name)
def test_einsum(dtype):
    for subscripts, left, right in EINSUMS:
        same_product(f"np.einsum('{subscripts}', a, b)", numbers(left, dtype), numbers(right, dtype, seed=1), extent=12)
    for subscripts, shape in [("ij->ji", (3, 4)), ("ii", (3, 3)), ("ii->i", (3, 3)), ("ijk->k", (2, 3, 4)), ("i->", (0,))]:
        if subscripts == "ii->i" or subscripts == "ij->ji":
            assert np.array_equal(
                run(f"np.einsum('{subscripts}', a)", numbers(shape, dtype)),
                np.einsum(subscripts, numbers(shape, dtype)),
            )
        else:
            same_product(f"np.einsum('{subscripts}', a)", numbers(shape, dtype), extent=24)
    abc = [numbers((2, 3), dtype), numbers((3, 4), dtype, 1), numbers((4, 5), dtype, 2)]
    same_product("np.einsum('ij,jk,kl->il', a, b, c)", *abc, extent=100)


def test_einsum_errors():
    with pytest.raises(ValueError):
        run("np.einsum('ij,jk', a, b)", numbers((3, 4)), numbers((5, 6)))
    for subscripts in ["ij", "ij,jk->il", "ij,jk,kl", "i,jk", "i..,jk", "i...,jk->ijk", "...i...,jk"]:
        with pytest.raises(TypingError):
            run(f"np.einsum('{subscripts}', a, b)", numbers((3, 4)), numbers((4, 5)))


@pytest.mark.parametrize("dtype", ALL, **by_name)
def test_trace(dtype):
    for expression in ["np.trace(a)", "a.trace()", "np.trace(a, 1)", "np.trace(a, -2)", "np.trace(a, offset=7)"]:
        same_product(expression, numbers((3, 4), dtype), extent=8)
        same_product(expression, numbers((4, 2), dtype)[::-1], extent=8)
    same_product("np.trace(a)", numbers((0, 3), dtype))
    same_product("np.trace(a, 0, 1, 2)", numbers((2, 3, 4), dtype))
    same_product("np.trace(a, axis1=-1, axis2=0)", numbers((2, 3, 4), dtype))
    same_product("np.linalg.trace(a)", numbers((2, 3, 4), dtype))


def test_cross_and_products_of_vectors():
    for left, right in [((3,), (3,)), ((5, 3), (3,)), ((5, 3), (5, 3)), ((4, 1, 3), (5, 3))]:
        same_product("np.cross(a, b)", numbers(left), numbers(right, seed=1))
        same_product("np.vecdot(a, b)", numbers(left, np.complex128), numbers(right, np.complex128, seed=1))
        same_product("np.linalg.cross(a, b)", numbers(left, np.int32), numbers(right, np.int32, seed=1))
    same_product("np.cross(a, b, axis=0)", numbers((3, 5)), numbers((3, 5)))
    same_product("np.matvec(a, b)", numbers((5, 2, 3)), numbers((5, 3)))
    same_product("np.vecmat(a, b)", numbers((5, 2), np.complex128), numbers((5, 2, 3), np.complex128))
    with pytest.raises(ValueError):
        run("np.cross(a, b)", numbers((4,)), numbers((4,)))


# np.linalg.

MATRICES = [(1, 1), (2, 2), (3, 3), (10, 10), (24, 24), (25, 25), (60, 60)]
TALL_AND_WIDE = [(5, 3), (3, 5), (40, 30), (30, 40), (1, 4), (4, 1)]


def inputs(shape, dtype):
    """Matrices of a shape in several layouts, and many of them."""
    a = numbers(shape, dtype)
    yield a
    yield np.asfortranarray(a)
    yield np.repeat(a, 2, axis=-1)[::-1, ::2]
    yield np.stack([a, numbers(shape, dtype, seed=5)])


def close(result, expected, n, scale=1.0, factor=32):
    """Up to `factor * n` times the precision times the scale of what was computed with."""
    result, expected = np.asarray(result), np.asarray(expected)
    assert result.shape == expected.shape
    bound = factor * max(n, 1) * epsilon(result) * float(scale)
    np.testing.assert_allclose(result, expected, rtol=0, atol=bound)


def norm(a):
    return float(np.sqrt((np.abs(a.astype(np.complex128)) ** 2).sum())) if a.size else 0.0


def real_dtype(dtype):
    return np.empty(0, dtype).real.dtype


@pytest.mark.parametrize("dtype", INEXACT, **by_name)
def test_solve_and_inv(dtype):
    for shape in MATRICES:
        n = shape[0]
        for a in inputs(shape, dtype):
            for b in [numbers((n,), dtype), numbers((n, 4), dtype), numbers((n, 4), dtype)[:, ::2]]:
                x = run("np.linalg.solve(a, b)", a, b)
                expected = np.linalg.solve(a, b)
                assert x.dtype == expected.dtype and x.shape == expected.shape
                product = (a @ x[..., None])[..., 0] if b.ndim == 1 else a @ x
                close(product, np.broadcast_to(b, product.shape), n, norm(a) * norm(x))
            inverse = run("np.linalg.inv(a)", a)
            assert inverse.dtype == dtype and inverse.shape == a.shape
            close(a @ inverse, np.broadcast_to(np.eye(n), a.shape), n, norm(a) * norm(inverse))


@pytest.mark.parametrize("dtype", INEXACT, **by_name)
def test_det_and_slogdet(dtype):
    for shape in [(0, 0), *MATRICES[:5]]:
        for a in inputs(shape, dtype):
            n = shape[0]
            result, expected = run("np.linalg.det(a)", a), np.linalg.det(a)
            condition = np.linalg.cond(a).max() if n else 1.0
            bound = 32 * max(n, 1) * np.finfo(dtype).eps * condition
            np.testing.assert_allclose(result, expected, rtol=bound)
            sign, log = run("np.linalg.slogdet(a)", a)
            np.testing.assert_allclose(sign * np.exp(log), expected, rtol=bound * 4)
    assert run("np.linalg.det(a)", np.array([[1, 2], [3, 4]])) == pytest.approx(-2.0, rel=1e-15)
    assert run("np.linalg.det(a)", np.zeros((30, 30))) == 0.0
    assert run("np.linalg.slogdet(a)", np.ones((3, 3))) == (0.0, -np.inf)


@pytest.mark.parametrize("dtype", INEXACT, **by_name)
def test_cholesky(dtype):
    for shape in MATRICES:
        n = shape[0]
        m = numbers(shape, dtype)
        for a in layouts((m @ m.conj().T + n * np.eye(n)).astype(dtype)):
            lower = run("np.linalg.cholesky(a)", a)
            upper = run("np.linalg.cholesky(a, upper=True)", a)
            assert lower.dtype == dtype
            assert not np.triu(lower, 1).any() and not np.tril(upper, -1).any()
            close(lower @ lower.conj().T, a, n, norm(a))
            close(upper.conj().T @ upper, a, n, norm(a))
    for a in [-np.eye(3, dtype=dtype), -np.eye(40, dtype=dtype), np.full((2, 2), np.nan, dtype)]:
        with pytest.raises(np.linalg.LinAlgError, match="Matrix is not positive definite"):
            run("np.linalg.cholesky(a)", a)


@pytest.mark.parametrize("dtype", INEXACT, **by_name)
def test_qr(dtype):
    for shape in [*MATRICES, *TALL_AND_WIDE, (0, 3), (3, 0), (0, 0)]:
        for a in inputs(shape, dtype) if 0 not in shape else [np.zeros(shape, dtype)]:
            for mode in ["reduced", "complete"]:
                q, r = run(f"np.linalg.qr(a, '{mode}')", a)
                expected = np.linalg.qr(a, mode)
                assert (q.shape, r.shape) == (expected[0].shape, expected[1].shape)
                assert q.dtype == dtype and not np.tril(r, -1).any()
                close(q @ r, a, max(shape), norm(a))
                adjoint = q.conj().swapaxes(-1, -2)
                close(adjoint @ q, np.broadcast_to(np.eye(q.shape[-1]), (adjoint @ q).shape), max(shape))
            assert np.array_equal(run("np.linalg.qr(a, mode='r')", a), run("np.linalg.qr(a)[1]", a))


@pytest.mark.parametrize("dtype", INEXACT, **by_name)
def test_raw_qr(dtype):
    """LAPACK's reflections, which are unique."""
    for shape in [*MATRICES, *TALL_AND_WIDE, (0, 3), (3, 0), (0, 0)]:
        for a in inputs(shape, dtype) if 0 not in shape else [np.zeros(shape, dtype)]:
            h, tau = run("np.linalg.qr(a, 'raw')", a)
            expected_h, expected_tau = np.linalg.qr(a, "raw")
            assert h.dtype == tau.dtype == dtype and (h.shape, tau.shape) == (expected_h.shape, expected_tau.shape)
            close(h, expected_h, max(shape), norm(a))
            close(tau, expected_tau, max(shape))


@pytest.mark.parametrize("dtype", INEXACT, **by_name)
def test_eigh(dtype):
    for shape in [(0, 0), *MATRICES]:
        n = shape[0]
        m = numbers(shape, dtype)
        symmetric = (m + m.conj().T).astype(dtype)
        for a in layouts(symmetric) if n else [symmetric]:
            for uplo in "LU":
                half = np.tril(a) if uplo == "L" else np.triu(a)
                w, v = run(f"np.linalg.eigh(a, '{uplo}')", half)
                assert w.dtype == real_dtype(dtype) and v.dtype == dtype
                assert (np.diff(w) >= 0).all()
                close(a @ v, v * w, n, norm(a))
                close(v.conj().T @ v, np.eye(n), n)
                close(run(f"np.linalg.eigvalsh(a, '{uplo}')", half), np.linalg.eigvalsh(a), n, norm(a))


@pytest.mark.parametrize("dtype", INEXACT, **by_name)
def test_eig(dtype):
    for shape in [(0, 0), *MATRICES]:
        n = shape[0]
        for a in inputs(shape, dtype) if n else [np.zeros(shape, dtype)]:
            w, v = run("np.linalg.eig(a)", a)
            assert w.dtype.kind == "c" and w.real.dtype == real_dtype(dtype)
            close(a @ v, v * w[..., None, :], n, norm(a))
            close(np.linalg.norm(v, axis=-2), np.ones(w.shape), n)
            # The sum of eigenvalues is the trace.
            close(run("np.linalg.eigvals(a)", a).sum(-1), np.trace(a, axis1=-2, axis2=-1).astype(w.dtype), n * n, norm(a))
    with pytest.raises(np.linalg.LinAlgError, match="infs or NaNs"):
        run("np.linalg.eig(a)", np.full((2, 2), np.nan))


def test_eig_of_a_rotation():
    w, _ = run("np.linalg.eig(a)", np.array([[0.0, -1.0], [1.0, 0.0]]))
    assert sorted(w.imag) == pytest.approx([-1.0, 1.0])


@pytest.mark.parametrize("dtype", INEXACT, **by_name)
def test_svd(dtype):
    for shape in [*MATRICES, *TALL_AND_WIDE, (0, 3), (3, 0)]:
        for a in inputs(shape, dtype) if 0 not in shape else [np.zeros(shape, dtype)]:
            for full in [True, False]:
                u, s, vh = run(f"np.linalg.svd(a, full_matrices={full})", a)
                expected = np.linalg.svd(a, full_matrices=full)
                assert [x.shape for x in (u, s, vh)] == [x.shape for x in expected]
                assert (u.dtype, s.dtype) == (dtype, real_dtype(dtype))
                n, k = max(shape), min(shape)
                close(u[..., :k] * s[..., None, :] @ vh[..., :k, :], a, n, norm(a))
                for q in (u.conj().swapaxes(-1, -2) @ u, vh @ vh.conj().swapaxes(-1, -2)):
                    close(q, np.broadcast_to(np.eye(q.shape[-1]), q.shape), n)
                close(s, expected[1], n, norm(a))
            close(run("np.linalg.svd(a, compute_uv=False)", a), s, n, norm(a))
            close(run("np.linalg.svdvals(a)", a), s, n, norm(a))
    with pytest.raises(np.linalg.LinAlgError, match="SVD did not converge"):
        run("np.linalg.svd(a)", np.full((2, 2), np.nan))


@pytest.mark.parametrize("dtype", INEXACT, **by_name)
def test_pinv_lstsq_and_rank(dtype):
    for shape in [(4, 4), *TALL_AND_WIDE]:
        n = max(shape)
        for a in inputs(shape, dtype):
            close(run("np.linalg.pinv(a)", a), np.linalg.pinv(a), n, norm(np.linalg.pinv(a)) * np.linalg.cond(a).max())
            rank = run("np.linalg.matrix_rank(a)", a)
            assert np.array_equal(rank, np.linalg.matrix_rank(a))
            if a.ndim > 2:
                continue
            for b in [numbers((shape[0],), dtype), numbers((shape[0], 2), dtype)]:
                result, expected = run("np.linalg.lstsq(a, b)", a, b), np.linalg.lstsq(a, b)
                condition = np.linalg.cond(a)
                close(result[0], expected[0], n, norm(expected[0]) * condition**2)
                close(result[1], expected[1], n, norm(b) ** 2 * condition)
                assert result[2] == expected[2]
                close(result[3], expected[3], n, norm(a))
    deficient = np.outer(np.arange(1, 5), np.ones(3)).astype(dtype)
    assert run("np.linalg.matrix_rank(a)", deficient) == 1
    assert run("np.linalg.matrix_rank(a, 1e6)", deficient) == 0
    result = run("np.linalg.lstsq(a, b, 1e-5)", deficient, np.ones(4, dtype))
    assert result[1].shape == (0,) and result[2] == 1
    close(result[0], np.linalg.lstsq(deficient, np.ones(4, dtype), 1e-5)[0], 4)


ORDERS = ["None", "1", "2", "-1", "-2", "np.inf", "-np.inf"]


@pytest.mark.parametrize("dtype", [np.bool_, np.int32, *INEXACT], **by_name)
def test_norm(dtype):
    if dtype != np.bool_:
        for order in [*ORDERS, "0", "3", "2.5"]:
            for a in layouts(numbers((50,), dtype) + np.asarray(1, dtype)):
                nearly(f"np.linalg.norm(a, {order})", a)
            nearly(f"np.linalg.norm(a, {order}, axis=1)", numbers((5, 7, 3), dtype) + np.asarray(1, dtype))
            nearly(f"np.linalg.vector_norm(a, ord={'2' if order == 'None' else order}, axis=0, keepdims=True)", numbers((5, 7), dtype) + np.asarray(1, dtype))
    for order in [*ORDERS, "'fro'", "'nuc'"]:
        for a in layouts(numbers((5, 7), dtype)):
            nearly(f"np.linalg.norm(a, {order})", a)
        nearly(f"np.linalg.norm(a, {order}, axis=(2, 0), keepdims=True)", numbers((5, 7, 3), dtype))
        if order != "None":
            nearly(f"np.linalg.matrix_norm(a, ord={order})", numbers((5, 7, 3), dtype))
    nearly("np.linalg.norm(a)", numbers((5, 7, 3), dtype))
    nearly("np.linalg.norm(a, keepdims=True)", numbers((5, 7, 3), dtype))
    nearly("np.linalg.norm(a)", numbers((0,), dtype))


def nearly(expression, a):
    result, expected = run(expression, a), numpys(expression, a)
    assert np.shape(result) == np.shape(expected)
    if isinstance(expected, np.ndarray):
        assert result.dtype == expected.dtype
    precision = 1e-5 if np.asarray(expected).dtype == np.float32 else 1e-13
    np.testing.assert_allclose(result, expected, rtol=precision)


def test_norm_errors():
    for expression in ["np.linalg.norm(a, np.inf)", "np.linalg.norm(a, -np.inf)"]:
        with pytest.raises(ValueError):
            run(expression, np.zeros(0))
    with pytest.raises(ValueError):
        run("np.linalg.norm(a, 3)", np.ones((2, 2)))
    for expression in ["np.linalg.norm(a, 'fro', axis=0)", "np.linalg.norm(a, 'abc')", "np.linalg.norm(a, axis=5)"]:
        with pytest.raises(TypingError):
            run(expression, np.ones((2, 2)))


def test_cond():
    for a in [numbers((5, 5)), numbers((2, 5, 5)), numbers((5, 5), np.complex64), np.array([[1, 2], [3, 4]])]:
        for p in [*ORDERS, "'fro'", "'nuc'"]:
            expected = numpys(f"np.linalg.cond(a, {p})", a)
            condition = np.max(np.linalg.cond(a))
            np.testing.assert_allclose(
                run(f"np.linalg.cond(a, {p})", a), expected, rtol=128 * condition * epsilon(expected)
            )
    assert run("np.linalg.cond(a, 1)", np.ones((2, 2))) == np.inf
    assert run("np.linalg.cond(a)", np.zeros((2, 2))) == np.inf


def test_matrix_power_multi_dot_and_tensors():
    for dtype in [np.bool_, np.int32, np.float64, np.complex64]:
        a = numbers((4, 4), dtype)
        for n in [0, 1, 2, 3, 7]:
            expected = np.linalg.matrix_power(a, n)
            result = run(f"np.linalg.matrix_power(a, {n})", a)
            assert result.dtype == expected.dtype
            np.testing.assert_allclose(result, expected, rtol=0, atol=4**8 * 1e-4 if dtype == np.complex64 else 1e-9)
    a = numbers((4, 4))
    close(run("np.linalg.matrix_power(a, -2)", a), np.linalg.matrix_power(a, -2), 4, 1e4)
    close(run("np.linalg.matrix_power(a, b)", a, -2), np.linalg.matrix_power(a, -2), 4, 1e4)
    close(run("np.linalg.matrix_power(a, -1)", np.array([[2, 0], [0, 4]])), np.diag([0.5, 0.25]), 1)
    with pytest.raises(ValueError):
        run("np.linalg.matrix_power(a, b)", np.array([[2, 0], [0, 4]]), -1)
    for shapes in [((2, 3), (3, 4), (4, 5)), ((9, 1), (1, 9), (9, 2)), ((3,), (3, 4), (4,)), ((3, 4), (4, 5), (5,))]:
        same_product("np.linalg.multi_dot((a, b, c))", *[numbers(shape) for shape in shapes], extent=20)
    same_product("np.linalg.multi_dot((a, b))", numbers((2, 3)), numbers((3, 2)))
    tensor = numbers((2, 3, 6))
    close(run("np.linalg.tensorsolve(a, b)", tensor, numbers((2, 3))), np.linalg.tensorsolve(tensor, numbers((2, 3))), 6, 1e3)
    close(run("np.linalg.tensorinv(a)", tensor), np.linalg.tensorinv(tensor), 6, 1e3)
    assert np.array_equal(run("np.linalg.matrix_transpose(a)", tensor), np.linalg.matrix_transpose(tensor))


def test_integers_become_float64():
    a = np.array([[2, 1], [1, 3]])
    for expression in ["inv", "cholesky", "eigvalsh", "svdvals", "pinv"]:
        result = run(f"np.linalg.{expression}(a)", a)
        assert result.dtype == np.float64
        close(result, getattr(np.linalg, expression)(a), 2, 4)
    assert run("np.linalg.solve(a, b)", a, np.array([1.0, 2.0], np.float32)).dtype == np.float64


def test_errors_of_linalg():
    for n in [2, 3, 40]:
        for expression in ["np.linalg.inv(a)", "np.linalg.solve(a, a)"]:
            with pytest.raises(np.linalg.LinAlgError, match="Singular matrix"):
                run(expression, np.ones((n, n)))
    for expression in ["inv", "det", "cholesky", "eig", "eigh", "slogdet"]:
        with pytest.raises(np.linalg.LinAlgError, match="must be square"):
            run(f"np.linalg.{expression}(a)", np.ones((2, 3)))
        with pytest.raises(TypingError, match="at least two-dimensional"):
            run(f"np.linalg.{expression}(a)", np.ones(3))
    with pytest.raises(ValueError):
        run("np.linalg.solve(a, b)", np.eye(3), np.ones(4))
    with pytest.raises(np.linalg.LinAlgError):
        run("np.linalg.lstsq(a, b)", np.eye(3), np.ones(4))
    for expression in ["np.linalg.qr(a, 'economic')", "np.linalg.eigh(a, 'X')"]:
        with pytest.raises(TypingError):
            run(expression, np.eye(3))


def test_nothing_leaks():
    from rumba import _core

    @njit
    def f(a, b):
        x = np.linalg.solve(a, b)
        w, v = np.linalg.eigh(a @ a.T)
        u, s, vh = np.linalg.svd(a)
        np.linalg.lstsq(a, b)
        return np.einsum("ij,j->i", a, x) + np.dot(a, b) + w + v[0] + u[0] + s + vh[0] + np.linalg.norm(a)

    a, b = numbers((4, 4)), numbers((4,))
    f(a, b)
    before = _core.live_allocations()
    for _ in range(100):
        f(a, b)
        with pytest.raises(np.linalg.LinAlgError):
            f(np.ones((4, 4)), b)
    assert _core.live_allocations() == before


@pytest.mark.parametrize("dtype", INEXACT, **by_name)
@pytest.mark.parametrize("exponent", [-0.9, -0.6, 0.6, 0.9])
def test_numbers_whose_squares_are_no_numbers(dtype, exponent):
    """Singular values and eigenvalues scale with the matrix, up to where its elements do."""
    info = np.finfo(dtype)
    a = np.random.default_rng(5).normal(size=(4, 4)).astype(dtype)
    a = a + a.T
    scale = info.dtype.type(2.0 ** int(exponent * -info.minexp))
    bound = 200 * info.eps * np.abs(np.linalg.eigvalsh(a)).max()
    for expression in ("np.linalg.svd(a)[1]", "np.linalg.svdvals(a)", "np.linalg.eigvalsh(a)", "np.linalg.eigh(a)[0]"):
        np.testing.assert_allclose(run(expression, a * scale) / scale, run(expression, a), rtol=0, atol=bound)
    for expression in ("np.linalg.eigvals(a)", "np.linalg.eig(a)[0]"):
        values = np.sort(run(expression, a * scale).real / scale)
        np.testing.assert_allclose(values, np.linalg.eigvalsh(a), rtol=0, atol=bound)


def test_eigenvectors_have_a_real_largest_component():
    a = np.random.default_rng(8).normal(size=(5, 5)) + 1j * np.random.default_rng(9).normal(size=(5, 5))
    for matrix in (a, a.real.copy()):
        vectors = run("np.linalg.eig(a)[1]", matrix)
        largest = np.abs(vectors).argmax(axis=0)
        assert np.all(vectors[largest, np.arange(5)].imag == 0)
        np.testing.assert_allclose((np.abs(vectors) ** 2).sum(axis=0), 1, rtol=1e-14)


def test_a_limit_that_no_singular_value_passes_is_none():
    a, b = np.array([[3.0, 1.0], [1.0, 2.0]]), np.array([1.0, 2.0])
    x, _, rank, _ = run("np.linalg.lstsq(a, b, 1.5)", a, b)
    assert rank == np.linalg.lstsq(a, b, 1.5)[2] == 2
    np.testing.assert_allclose(a @ x, b, rtol=1e-14)
