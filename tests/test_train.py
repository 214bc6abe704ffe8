"""Section 2.4: gradient ascent on K, and that nothing is lost on the way."""
import signal
import threading
from functools import partial
from itertools import islice

import numpy as np
import pytest

from dpm_ref import binomial, bound, gaussian, networks, schedule, train
from dpm_ref.data import toys
from dpm_ref.engine import nests, storage
from dpm_ref.engine.optimiser import soap, soap_moments, transposed
from dpm_ref.proofs import best_possible

KERNEL, S = binomial.with_p(0.25), schedule.constant_erasure(8)
SEQUENCES = np.eye(4)


def batch(rng):
    t, weight = bound.draw_t(rng, 7, S.T)
    return SEQUENCES[rng.integers(4, size=280)], np.repeat(t, 40), np.repeat(weight / 40, 40), KERNEL.noise(rng, (280, 4))


def run(seed=0, steps=300, state=None, rng=None, optimiser=soap, moments=soap_moments):
    rng = rng or np.random.default_rng(seed)
    params = networks.init_bit_denoiser(rng, 4, S, KERNEL, hidden=(16, 16))
    objective = partial(train.objective, networks.bit_denoiser, KERNEL, S)
    return train.ascend(objective, batch, state or train.begin(params, moments), steps, train.cosine(1e-2), rng, optimiser)


def arrays(state):
    return np.concatenate([np.ravel(a) for a in nests.arrays(state.average)])


@pytest.mark.parametrize("optimiser, moments, near", [(soap, soap_moments, 0.02), (train.adam, train.zeros, 0.2)])
def test_ascent_climbs_to_the_best_possible_K(optimiser, moments, near):
    for state in run(optimiser=optimiser, moments=moments):
        pass
    best = best_possible.best_bits(KERNEL, SEQUENCES, S)
    model = networks.reverse_kernel(networks.bit_denoiser, state.average, S, KERNEL)
    x0 = np.tile(SEQUENCES, (500, 1))
    K = [bound.K(bound.terms(KERNEL, r, x0, S, np.random.default_rng(1))).mean() for r in (best, model)]
    start = -4 * np.log(2)
    assert start < K[1] < K[0] + 1e-3 and K[0] - K[1] < near


def test_the_same_seed_gives_the_same_numbers():
    a, b, c = (list(run(seed, 20))[-1] for seed in (0, 0, 1))
    assert a.value == b.value != c.value and (arrays(a) == arrays(b)).all()


def test_a_resumed_run_ends_where_an_uninterrupted_one_does(tmp_path):
    whole = list(run(steps=30))[-1]
    rng = np.random.default_rng(0)
    half = list(islice(run(rng=rng, steps=30), 13))[-1]
    rng.random(5)                                            # what a broken-off step has drawn does not count
    storage.save(tmp_path / "half.npz", half, {"steps": 30})
    other = np.random.default_rng(99)
    state, _ = storage.load(tmp_path / "half.npz", train.begin(half.params, soap_moments), other, {"steps": 30})
    params = half.params

    def go_on():
        objective = partial(train.objective, networks.bit_denoiser, KERNEL, S)
        return train.ascend(objective, batch, state, 30, train.cosine(1e-2), other, soap)
    assert params is not None
    end = list(go_on())[-1]
    assert end.step == 30 and end.value == whole.value and (arrays(end) == arrays(whole)).all()


@pytest.mark.parametrize("optimiser, moments", [(train.adam, train.zeros), (soap, partial(soap_moments, largest=2))])
def test_adam_is_the_textbook_one_and_so_is_soap_where_an_array_has_no_basis(optimiser, moments, rng):
    p, g1, g2 = rng.normal(size=(3, 2)), rng.normal(size=(3, 2)), rng.normal(size=(3, 2))
    move, found = optimiser(g1, moments(p), 1)
    np.testing.assert_allclose(move, np.sign(g1), rtol=1e-9)
    move, _ = optimiser(g2, found, 2)
    m, v = 0.1 * (0.9 * g1 + g2), 0.02 * (0.98 * g1 ** 2 + g2 ** 2)
    np.testing.assert_allclose(move, m / (1 - 0.9 ** 2) / np.sqrt(v / (1 - 0.98 ** 2)), rtol=1e-9)


def test_the_first_rotated_step_is_the_orthogonal_factor_of_the_gradient(rng):
    g = 1e-3 * rng.normal(size=(4, 4))                       # in its own eigenbasis a gradient is diagonal
    move, _ = soap(g, soap_moments(g), 1)
    U, s, V = np.linalg.svd(g)
    np.testing.assert_allclose(move, U @ V, rtol=1e-5, atol=1e-5)


def test_the_learning_rate_rises_then_falls_to_zero():
    rate = train.cosine(2.0, warmup=0.1)
    np.testing.assert_allclose([rate(0.05), rate(0.5), rate(1.0)], [1.0, 1.0, 0.0], atol=1e-12)
    assert max(rate(a) for a in np.linspace(0, 1, 101)) <= 2.0


def test_float32_parameters_stay_float32(rng):
    start = train.begin([rng.standard_normal((3, 2)).astype(np.float32)])
    state = list(train.ascend(lambda p: -(p[0] ** 2).sum(), lambda rng: (), start, 5, train.cosine(1e-2), rng))[-1]
    assert all(a.dtype == np.float32 for a in nests.arrays((state.params, state.average)))
    assert abs(state.params[0]).max() < abs(start.params[0]).max()


def test_a_value_that_is_not_finite_stops_training_with_one_sentence():
    state = train.begin([np.zeros(2)])
    with pytest.raises(FloatingPointError, match="at step 1: the learning rate"):
        next(train.ascend(lambda p: np.nan * p[0][0], lambda rng: (), state, 5, train.cosine(1.0), np.random.default_rng(0)))


def test_a_nest_survives_being_listed_and_rebuilt(rng):
    nest = {"a": [(rng.normal(size=2), rng.normal(size=3)), rng.normal(size=(2, 2))], "b": rng.normal(size=1)}
    again = nests.like(list(nests.arrays(nest)), nest)
    assert again["a"][0][1] is nest["a"][0][1] and isinstance(again["a"][0], tuple) and list(again) == ["a", "b"]


@pytest.mark.parametrize("damage", [lambda b: b"", lambda b: b[: len(b) // 2], lambda b: b"not a zip file", lambda b: b[:200] + b"\0" * 64 + b[264:]])
def test_a_damaged_checkpoint_is_named_as_such(damage, tmp_path):
    path, state, rng = tmp_path / "run.npz", list(run(steps=2))[-1], np.random.default_rng(0)
    storage.save(path, state, {})
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match="run.npz is not a readable"):
        storage.load(path, state, rng, {})


def test_a_checkpoint_of_another_run_is_refused_with_one_sentence(tmp_path):
    path, state, rng = tmp_path / "run.npz", list(run(steps=2))[-1], np.random.default_rng(0)
    storage.save(path, state, {"seed": 0})
    with pytest.raises(ValueError, match="seed"):
        storage.load(path, state, rng, {"seed": 1})
    smaller = train.begin(networks.init_bit_denoiser(rng, 4, S, KERNEL, hidden=(8, 8)), soap_moments)
    with pytest.raises(ValueError, match="params_0 should be finite real numbers of shape"):
        storage.load(path, smaller, rng, {"seed": 0})


def test_a_checkpoint_is_never_half_written(tmp_path, monkeypatch):
    path, state, rng = tmp_path / "run.npz", list(run(steps=2))[-1], np.random.default_rng(0)
    storage.save(path, state, {})
    before = path.read_bytes()

    def fail(file, **kwargs):
        file.write(b"half")
        raise MemoryError
    monkeypatch.setattr(storage.np, "savez", fail)
    with pytest.raises(MemoryError):
        storage.save(path, state, {})
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("word", [signal.SIGINT, signal.SIGTERM])
def test_a_checkpoint_is_written_to_its_end_before_ctrl_c_or_term_counts(word, tmp_path, monkeypatch):
    path, state, write = tmp_path / "run.npz", list(run(steps=2))[-1], storage.np.savez

    def disturbed(file, **kwargs):
        signal.raise_signal(word)
        write(file, **kwargs)
    monkeypatch.setattr(storage.np, "savez", disturbed)
    before = signal.signal(word, signal.default_int_handler)               # a job in the background ignores Ctrl-C
    try:
        handlers = [signal.getsignal(word) for word in (signal.SIGINT, signal.SIGTERM)]
        with pytest.raises(KeyboardInterrupt):
            storage.save(path, state, {})
        assert [signal.getsignal(word) for word in (signal.SIGINT, signal.SIGTERM)] == handlers
    finally:
        signal.signal(word, before)
    assert storage.read(path)[0]["step"] == 2 and list(tmp_path.iterdir()) == [path]
    monkeypatch.undo()
    thread = threading.Thread(target=storage.save, args=(tmp_path / "other.npz", state, {}))
    thread.start()
    thread.join()
    assert (tmp_path / "other.npz").exists()


@pytest.mark.slow
def test_a_learned_schedule_beats_the_one_that_it_starts_from():
    rng, s = np.random.default_rng(0), schedule.from_beta([1e-3, 0.2, 0.25, 0.33, 0.5, 0.9])
    params = {"network": networks.init_denoiser(rng, 2, s, gaussian, hidden=(16, 16)), "logits": schedule.logits(s)}

    def batch(rng):
        return toys.swiss_roll(rng, 500), np.repeat(np.arange(2, 7), 100), np.full(500, 0.01), rng.standard_normal((500, 2))

    def best(logits):
        learned = schedule.learned(logits, 1e-3)
        reverse = best_possible.best_gaussian(toys.roll_nodes, learned)
        return bound.K_true(bound.terms(gaussian, reverse, toys.swiss_roll(np.random.default_rng(2), 300), learned, np.random.default_rng(3))).mean()
    objective = partial(train.objective_learned, networks.denoiser, gaussian, 1e-3)
    for state in train.ascend(objective, batch, train.begin(params, soap_moments), 600, train.cosine(3e-2), rng, soap):
        pass
    assert best(state.average["logits"]) > best(params["logits"]) + 0.8  # nats: -2.4 becomes about -1


def test_heartbeat_data_has_mean_p():
    assert toys.HEARTBEAT.mean() == 0.2


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_first_move_is_the_same_in_both_precisions(dtype):
    g = np.array([[1, 2], [3, 4]], dtype)                    # its eigenbases make off-diagonal numbers that are pure rounding
    move, _ = soap(g, soap_moments(g), 1)
    U, _, V = np.linalg.svd(g.astype(float))
    np.testing.assert_allclose(move, U @ V, atol=5e-3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_entry_of_a_move_exceeds_2_in_the_axes_in_which_it_is_scaled(dtype, rng):
    worst = 0.0
    for rank in list(range(1, 7)) * 5:
        size = 10.0 ** rng.uniform(-6, 3)
        moments = soap_moments(np.zeros((6, 9), dtype))
        for step in range(1, 45):                            # the axes change at 21 and 41
            g = (size * rng.standard_normal((6, rank)) @ rng.standard_normal((rank, 9))).astype(dtype)
            move, moments = soap(g, moments, step)
            turned = transposed(moments["left_basis"]) @ move @ moments["right_basis"]
            worst = max(worst, np.max(np.abs(turned)))
    assert 1 < worst < 2 * (1 + 100 * np.finfo(dtype).eps)


def test_a_gradient_that_is_not_finite_ends_training_before_it_is_kept():
    states = train.ascend(lambda p: np.sum(p["a"]), lambda rng: (), train.begin({"a": np.ones(2)}), 5, lambda done: 0.1,
                          np.random.default_rng(0), value_and_grad=lambda f: lambda p: (f(p), {"a": np.array([1.0, np.inf])}))
    with pytest.raises(FloatingPointError, match="the gradient of K is not finite at step 1"):
        next(states)


def test_a_parameter_that_is_not_finite_is_never_yielded():
    states = train.ascend(lambda p: p[0].sum(), lambda rng: (), train.begin([np.ones(2)]), 5, lambda done: np.inf,
                          np.random.default_rng(0))
    with pytest.raises(FloatingPointError, match="a parameter is not finite at step 1"):
        next(states)


def test_no_entry_of_a_move_exceeds_2_where_the_second_moment_knows_nothing_of_the_first():
    move, _ = soap(np.full(3, 1e-3), {"m": np.ones(3), "v": np.zeros(3)}, 21)
    assert (move == 2).all()


def test_an_array_gets_a_basis_up_to_the_largest_side():
    assert "left" in soap_moments(np.zeros((3, 2)), largest=3) and "left" not in soap_moments(np.zeros((3, 2)), largest=2)
