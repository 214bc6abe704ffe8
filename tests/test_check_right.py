"""The checking kit calls no right program wrong: right programs of every convention, and the odds for draws."""
import inspect

import numpy as np
import pytest

from dpm_ref.check import check
from dpm_ref.check.cases import load
from dpm_ref.check.conventions import conventions_of
from dpm_ref.check.diagnose import diagnosed
from dpm_ref.check.draws import LIMIT, product_surprise, surprise
from dpm_ref.check.mistakes import FORMULAS, evaluate, right
from dpm_ref.check.reference import ADAPTER
from dpm_ref.check.run import run_function


def diagnose(function, name, **conventions):
    return diagnosed(run_function(function, name, conventions_of(conventions, name), 5.0))


def named(f, name, without=()):
    """f(**inputs) as a function that names all arguments of its catalogue entry, but for some."""
    names = [n for n in load()[name][0]["inputs"] if n not in without]
    f.__signature__ = inspect.Signature([inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY) for n in names])
    return f


# --- programs that know less ------------------------------------------------------------------------------------------

BITS = [name for name, cases in load().items() if "p" in cases[0]["inputs"]]


@pytest.mark.parametrize("name", BITS)
def test_a_program_that_only_knows_p_of_one_half_is_not_asked_for_another(name):
    f = named(lambda **inputs: right(name, {**inputs, "p": 0.5}), name, without=["p"])
    asked = [case for case in load()[name] if case["inputs"]["p"] == 0.5]
    result = diagnose(f, name, prior="half")
    assert (result.status, len(result.outcomes)) == (("passed", len(asked)) if asked else ("not checked", 0))
    assert diagnose(f, name).status == "wrong"


def from_1(xt, x0, t, beta, alpha_bar):
    """The posterior of a program that counts from 1, and refuses the step that leads to x_0."""
    assert np.min(t) > 1
    return right("gaussian.posterior", dict(xt=xt, x0=x0, t=t, beta=beta, alpha_bar=alpha_bar))


def marginal_from_1(x0, t, alpha_bar):
    assert np.min(t) > 0
    return np.sqrt(alpha_bar[t]) * x0, 1 - alpha_bar[t]


def test_a_program_that_never_asks_for_x_0_given_x_0_is_not_asked_for_that():
    result = diagnose(from_1, "gaussian.posterior", start="never")
    assert result.status == "passed" and len(result.outcomes) == 11     # 3 of 14 cases are at t = 1
    assert diagnose(marginal_from_1, "gaussian.marginal", start="never").status == "passed"
    one_t = named(lambda t, **a: from_1(t=int(np.ravel(t)[0]), **a), "gaussian.posterior")
    assert diagnose(one_t, "gaussian.posterior", start="never").findings[0].name == "one t for the whole batch"


# --- conventions ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", ["entropy.bounds", "entropy.bounds_bits"])
@pytest.mark.parametrize("t_batch", ["vector", "flat", "column", "number"])
def test_bounds_of_the_entropy_at_a_vector_of_steps(name, t_batch):
    def f(t, beta, alpha_bar):
        return right(name, dict(t=np.asarray(t), beta=beta, alpha_bar=alpha_bar))
    assert diagnose(f, name, t_batch=t_batch).status == "passed"


PADDED = ("W_mean", "b_mean", "W_var", "b_var", "W", "b", "noises", "beta", "alpha_bar")


def from_0(name, cut):
    """The right function of a program whose arrays over time have no entry for t = 0."""
    def f(**a):
        padded = {n: np.concatenate([v[:1], v]) if n in PADDED else v for n, v in a.items()}
        padded["beta"][0], padded["alpha_bar"][0] = 0, 1
        out = right(name, padded)
        return tuple(v[1:] if n in cut else v for n, v in zip(load()[name][0]["expected"], out))
    return named(f, name)


@pytest.mark.parametrize("name, cut", [
    ("training.run", ("W_mean_after", "b_var_after")), ("gradient.bit_mlp", ("d_W", "d_b")),
    ("gradient.rbf", ("d_W_mean", "d_b_mean", "d_W_var", "d_b_var"))])
def test_networks_with_steps_from_0(name, cut):
    assert diagnose(from_0(name, cut), name, t_first=0).status == "passed"


@pytest.mark.parametrize("name", ["gradient.rbf", "gradient.bit_mlp", "training.run"])
@pytest.mark.parametrize("unit", ["bits", "bits_reported"])
def test_networks_in_bits(name, unit):
    reported = dict(value=lambda value: value / np.log(2))
    if unit == "bits_reported":
        reported |= {"gradient": lambda gradient: gradient} if name != "training.run" else {}
    if name == "training.run" and unit == "bits_reported":
        reported = dict(values=lambda values: np.array(values) / np.log(2))
    if name != "training.run" and unit == "bits":
        reported |= {"gradient": lambda gradient: [g / np.log(2) for g in gradient]}
    f = named(lambda **a: evaluate(FORMULAS[name].right, FORMULAS[name], a, reported), name)
    assert diagnose(f, name, unit=unit).status == "passed"


# --- draws ------------------------------------------------------------------------------------------------------------

DRAWN = {name: cases for name, cases in load().items() if any("law" in case for case in cases)}


def drawing(name, rng):
    """The right function of this name, with noise of its own."""
    def f(**a):
        shape = next(np.shape(a[n]) for n in ("x", "xt", "x1", "mean", "rate") if n in a)
        bits = "bits" in name or name.startswith("binomial")
        return right(name, {**a, "noise": rng.random(shape) if bits else rng.standard_normal(shape)})
    return named(f, name, without=["noise"])


@pytest.mark.parametrize("name", DRAWN)
def test_right_draws_pass_at_every_seed(name):
    for seed in range(4):
        result = diagnose(drawing(name, np.random.default_rng(seed)), name)
        assert result.status == "passed", (seed, result.findings)


@pytest.mark.slow
@pytest.mark.parametrize("name", DRAWN)
def test_right_draws_pass_at_every_of_many_seeds(name):
    for seed in range(100, 200):
        result = run_function(drawing(name, np.random.default_rng(seed)), name, conventions_of({}, name))
        assert result.status == "passed", seed


def test_a_run_of_draws_gives_a_false_alarm_less_than_once_in_a_million():
    def sampled(name):
        """The right function of mean and variance, or rate, as one that draws."""
        def f(**a):
            law = dict(zip(load()[name][0]["expected"], np.broadcast_arrays(*(
                [v] if not isinstance(v := right(name, a), tuple) else v))))
            return law["rate"] > rng.random(law["rate"].shape) if "rate" in law else (
                law["mean"] + np.sqrt(law["var"]) * rng.standard_normal(law["mean"].shape))
        return named(f, name)
    rng, numbers = np.random.default_rng(0), 0
    sampling = [f"{kernel}.{q}" for kernel in ("gaussian", "binomial") for q in ("forward", "marginal", "posterior")]
    for name in (*DRAWN, *sampling):
        f = sampled(name) if name in sampling else drawing(name, rng)
        result = run_function(f, name, conventions_of({"samples": sampling}, name))
        assert result.status == "passed", name
        numbers += sum(np.size(r) for o in result.outcomes for r in o.ratios.values())
    assert 1000 < numbers < 10_000 and 10_000 * 2 * np.exp(-LIMIT) < 1e-6


@pytest.mark.parametrize("draw, nats", [
    (lambda rng, shape: rng.uniform(size=shape) < 0.001, lambda seen: surprise(seen, 0.001)),
    (lambda rng, shape: rng.standard_normal(shape) * rng.standard_normal(shape), product_surprise)])
def test_the_bound_on_the_odds_holds(draw, nats):
    seen = draw(np.random.default_rng(1), (20_000, 200)).mean(axis=1)
    assert np.mean(200 * nats(seen) > 3) < 2 * np.exp(-3)


# --- what the paper and its authors' code have ------------------------------------------------------------------------

def test_the_schedule_of_the_authors_code_is_a_choice():
    def f(T):
        floor = np.full(T, 1e-6)
        floor[0] += 0.001
        return np.append(0, floor + 1 / np.linspace(T, 2.0, T) * (1 - floor - 1e-5))
    found = diagnose(f, "schedule.constant_erasure")
    assert found.status == "different choice" and "authors" in found.findings[0].name


@pytest.mark.parametrize("x", [0, 1])
def test_table_app_1_as_printed_has_its_name(x):
    found = diagnose(lambda c, d: c * d / (x * d + (1 - c) * (1 - d)), "binomial.perturbed")
    assert "Table App.1 as printed" in found.findings[0].name


def test_nothing_of_the_package_is_called_wrong_when_asked_for_one_function():
    assert all(check(f, name, show=False, **{**{k: v for k, v in ADAPTER["conventions"].items() if "." not in k},
                                             **ADAPTER["conventions"].get(name, {})}).passed
               for name, f in ADAPTER.items() if name != "conventions")
