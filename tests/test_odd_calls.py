"""Odd calls of the public functions: a clear sentence, or the right number, and nothing in between.

    python tests/test_odd_calls.py          count what comes back, and list what should not

Every function is called with good arguments, in which one at a time is replaced by each of its odd ones: `KINDS` says by
the argument's name which they are, unless the call says so itself. `odd_arguments` has the kinds and what must come back.
"""
import importlib
import inspect
import linecache
import sys
import traceback
import types
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import odd_arguments as odd
import pytest
from odd_arguments import BITS, CLOSE, NAN, NORMAL, RAISES, REFUSED, SAME, S

from dpm_ref import binomial, bound, entropy, gaussian, likelihood, networks, schedule, train, trajectory
from dpm_ref.binomial import Bernoulli
from dpm_ref.engine import checks
from dpm_ref.gaussian import Gaussian
from dpm_ref.products import conditional, factors, particles, perturbed
from dpm_ref.proofs import best_possible, closed_form, derivation, entropies, enumeration, exact_posteriors, limits, step_size

KINDS = {
    "x": odd.points, "xt": odd.points, "x0": odd.data, "xT": odd.data, "y": odd.numbers, "t": odd.step, "schedule": odd.schedules,
    "noise": odd.noise, "noises": odd.noises, "rng": odd.generator, "shape": odd.particles, "reverse": odd.reverse,
    "q": odd.distribution, "p": odd.distribution, "step": odd.distribution, "prior": odd.distribution, "var": odd.positive,
    "T": odd.count, "D": odd.count, "N": odd.count, "size": odd.count, "draws": odd.count, "paths": odd.at_least_2,
    "repeats": odd.count, "H": odd.over_time, "weight": odd.per_point, "factor": odd.factor, "choice": odd.choice,
}

# --- good arguments: small whole numbers, so that every type can hold them ------------------------------------------

RNG = "a fresh generator"
X = np.array([[2.0, 0.0], [1.0, 3.0], [0.0, 1.0]])
B = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
UNIFORM = np.random.default_rng(1).random((3, 2))
T_ROWS = np.array([2, 3, 2])
Q = Gaussian(X, np.array([[1.0, 4.0], [2.0, 1.0], [3.0, 1.0]]))
P = Gaussian(X[::-1], np.array([[2.0, 3.0], [1.0, 5.0], [4.0, 2.0]]))
R, R2 = Bernoulli(np.array([[0.25, 0.5], [0.75, 1.0], [0.0, 0.125]])), Bernoulli(np.full((3, 2), 0.5))
STATES, Q0 = enumeration.all_states(2), np.array([0.125, 0.25, 0.125, 0.5])
H, MASK, HALVES = np.array([0.5, 0.75, 1.0, 1.25]), np.array([True, False]), np.array([0.5, 0.25, 0.25])
ONE, ONES, LOG_W = np.array([1.0, 0.0]), np.ones(4), np.array([[1.0, 2.0], [3.0, 1.0], [0.0, 1.0]])
SEEN = factors.observation(np.array([1.0, 2.0]), 2.0, S, "constant")
CARRIED = factors.known(BITS, MASK, ONE, S, "carried")


def steps(x, t):
    """A Gaussian reverse kernel."""
    beta = schedule.at(S.beta, t, x)
    return Gaussian(np.sqrt(1 - beta) * x, 0.9 * beta)


def bit_steps(x, t):
    """A reverse kernel for bits."""
    return Bernoulli(0.25 + 0.5 * x)


def nodes(std):
    """Two points of a curve."""
    return np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([0.5, 0.5])


def chain(**changed):
    return derivation.chain(**{"kernel": BITS, "reverse": bit_steps, "schedule": S, "q0": Q0, "D": 2, **changed})


def looked_at(make, p):
    """What a second distribution says at one place, for a function that makes it."""
    def call(**arguments):
        factor = make(**arguments)
        q, _ = factor.product(p, 1)
        return factor.log(q[0] if make is factors.known else B if p is R2 else X, 1), q
    return call


def init(name):
    kernel = BITS if name in ("sigmoid_mlp", "bit_denoiser") else gaussian
    return getattr(networks, f"init_{name}")(np.random.default_rng(0), 2, S, kernel)


# --- the calls ------------------------------------------------------------------------------------------------------

CALLS = {}


def call(function, name=None, kinds=None, bits=False, **arguments):
    name = name or f"{function.__module__.split('.')[-1]}.{function.__name__}"
    assert name + bits * ", bits" not in CALLS
    CALLS[name + bits * ", bits"] = function, arguments, kinds or {}, bits


call(schedule.from_beta, kinds={"beta": odd.betas}, beta=np.array([0.2, 0.3, 0.5]))
call(schedule.constant_erasure, kinds={"beta_1": odd.without(odd.share, "1.0", "None")}, T=3, beta_1=0.25)
call(schedule.geometric, kinds={"beta_1": odd.share, "last": odd.positive, "T": odd.at_least_2}, T=3, beta_1=0.25, last=10.0)
call(schedule.learned, kinds={"beta_1": odd.share, "logits": odd.vector}, logits=np.array([-1.0, 0.0]), beta_1=0.25)
call(schedule.logits, schedule=S)
call(schedule.authors_code, kinds={"beta_1_extra": odd.real}, T=3, beta_1_extra=0.001)
call(schedule.noise_to_signal, schedule=S)
call(schedule.with_level, schedule=S, var=1.0)
call(schedule.at, kinds={"x": odd.nothing}, values=S.beta, t=2, x=X)
call(schedule.at, "schedule.at, rows", {"x": odd.also(odd.nothing, lambda x: {"one point without its axis": x[0]})},
     values=S.beta, t=T_ROWS, x=X)

for K, x, q, p, z, bits in (gaussian, X, Q, P, NORMAL, False), (BITS, B, R, R2, UNIFORM, True):
    def twin(name, kinds=None, rows="", **arguments):
        call(getattr(K, name), f"kernel.{name}{rows}", kinds, bits, **arguments)   # noqa: B023

    twin("check_data", x0=x)
    twin("noise", {"shape": odd.shape}, rng=RNG, shape=(3, 2))
    twin("draw", q=q, noise=z)
    twin("pi", {"x": odd.nothing}, x=x)
    twin("forward", {"x": odd.rates}, x=x, t=2, schedule=S)
    twin("forward", {"x": odd.rates}, ", rows", x=x, t=T_ROWS, schedule=S)
    twin("marginal", {"x0": odd.rates, "t": odd.step_0}, x0=x, t=2, schedule=S)
    twin("posterior", {"x0": odd.rates}, xt=x, x0=x[::-1], t=2, schedule=S)
    twin("reverse_given_x0", {"x0": odd.distribution}, xt=x, x0=q, t=2, schedule=S)
    twin("implied_x0", step=p, xt=x, t=2, schedule=S)
    twin("kl", q=q, p=p)
    twin("entropy", q=q)
    twin("log_density", {"x": odd.without(odd.points, "inf")}, x=x, q=q)
    twin("forward_entropy", {"x0": odd.rates}, x0=x, t=2, schedule=S)
    twin("perturbed", {"slope": lambda a, bits: odd.numbers(a)}, p=p, slope=np.array([1.0, 2.0]))
    twin("conditioned", {"t": odd.step_0, "y": odd.points}, prior=p, y=x, t=2, schedule=S)
call(gaussian.posterior_coefficients, kinds={"x": odd.nothing}, t=2, schedule=S, x=X)
call(lambda p: binomial.with_p(p).pi(B), "binomial.with_p", {"p": odd.share}, p=0.3)

for K, x, z, f, bits in (gaussian, X, NORMAL, steps, False), (BITS, B, UNIFORM, bit_steps, True):
    both = partial(call, bits=bits, kernel=K)
    both(trajectory.noises, kinds={"shape": odd.shape, "steps": lambda n, bits: odd.raises({"1.5": 1.5})}, rng=RNG, shape=(3, 2), steps=3)
    both(trajectory.forward_trajectory, x0=x, schedule=S, noises=[z, z, z])
    both(trajectory.reverse_trajectory, reverse=f, xT=x, schedule=S, noises=[z, z, z])
    both(trajectory.reverse_step, kinds={"x": odd.rates}, reverse=f, x=x, t=2, schedule=S)
    both(trajectory.start, kinds={"shape": odd.shape}, rng=RNG, shape=(3, 2))
    both(trajectory.sample, reverse=f, schedule=S, shape=(3, 2), rng=RNG)
    both(lambda x=x, **a: trajectory.fewer_steps(**a)[1](x, 2), "trajectory.fewer_steps", {"T": odd.at_least_2}, reverse=f, schedule=S, T=2)
    call(lambda f=f, x=x, **a: trajectory.later_start(f, **a)[1](x, 2), "trajectory.later_start", {"beta_1": odd.share}, bits, schedule=S, beta_1=0.3)
    both(bound.terms, reverse=f, x0=x, schedule=S, rng=RNG)
    both(bound.terms_given, reverse=f, x0=x, schedule=S, noises=[z, z])
    both(bound.sampled_K, kinds={"power": odd.real}, reverse=f, x0=x, schedule=S, rng=RNG, draws=4, power=1.0)
    both(bound.step_kl, kinds={"t": odd.step_2}, reverse=f, x0=x, t=T_ROWS, schedule=S, noise=z)
    both(bound.constants, kinds={"x0": odd.data}, x0=x, schedule=S)
    both(bound.L_null, x0=x)
    both(bound.log_weights, kinds={"path": odd.also(odd.points, lambda a: {"a step too few": a[1:], "one path": a[:, 0]})},
         reverse=f, path=np.stack([x] * 4), schedule=S)
    both(likelihood.log_likelihood, reverse=f, x0=x, schedule=S, rng=RNG, paths=4)
    both(likelihood.path_weights, kinds={"paths": odd.count}, reverse=f, x0=x, schedule=S, rng=RNG, paths=4)
    for name in "step_bounds", "upper_bound", "lower_bound", "forward_entropy", "given_data", "cross_entropy":
        both(getattr(entropy, name), x0=x, schedule=S)
    for name in "reverse_entropy", "production", "likelihood_bounds":
        both(getattr(entropy, name), x0=x, schedule=S, H=H)
for name in "K", "K_true":
    call(lambda kl, name=name: getattr(bound, name)(bound.Terms(kl, *np.ones((4, 3)))), f"bound.{name}", {"kl": lambda a, bits: odd.refused(
        {"a sum": a.sum(), "of one point": a[:, 0], "of fewer points": a[:, :2]})}, kl=np.ones((4, 3)))
call(bound.draw_t, kinds={"share": odd.shares, "T": odd.at_least_2}, rng=RNG, size=4, T=3, share=np.array([1.0, 3.0]))
call(bound.from_draws, kinds={"kl": odd.nothing}, kl=np.ones((3, 2)), weight=np.array([1.0, 2.0, 3.0]))
call(bound.mean_and_error, kinds={"values": odd.values}, values=np.array([1.0, 2.0, 6.0]))
call(bound.bits, kinds={"nats": odd.real}, nats=2.0)
call(likelihood.summary, kinds={"log_w": odd.also(odd.numbers, lambda a: {"one path": a[:1], "a vector": a[0]})}, log_w=LOG_W)
call(likelihood.by_paths, kinds={"numbers": lambda n, bits: odd.refused({"0": [0], "too many": [4], "a fraction": [1.5]}),
                                 "log_w": odd.also(odd.numbers, lambda a: {"a vector": a[0]})}, log_w=LOG_W, numbers=[1, 3])

train_step = partial(call, kinds={"t": odd.step_2, "beta_1": odd.share}, t=T_ROWS, weight=np.array([1.0, 2.0, 3.0]))
train_step(train.objective, network=networks.rbf, kernel=gaussian, schedule=S, params=init("rbf"), x0=X, noise=NORMAL)
train_step(train.objective, network=networks.sigmoid_mlp, kernel=BITS, schedule=S, params=init("sigmoid_mlp"), x0=B, noise=UNIFORM, bits=True)
train_step(train.objective_learned, network=networks.rbf, kernel=gaussian, beta_1=0.25, x0=X, noise=NORMAL,
           params={"network": init("rbf"), "logits": np.array([-1.0, 0.0])})
call(train.cosine, "train.cosine", {"peak": odd.real, "warmup": odd.without(odd.share, "1.0")}, peak=1.0, warmup=0.02)
for name, K, x in ("rbf", gaussian, X), ("sigmoid_mlp", BITS, B), ("denoiser", gaussian, X), ("bit_denoiser", BITS, B):
    call(getattr(networks, name), kinds={"x": odd.inputs}, params=init(name), x=x, t=T_ROWS, schedule=S, kernel=K)

call(looked_at(factors.observation, Q), "factors.observation", {"y": odd.also(odd.numbers, lambda y: {"another D": np.append(y, 1.0)})},
     y=np.array([1.0, 2.0]), var=2.0, schedule=S, choice="constant")
for K, p, bits in (gaussian, Q, False), (BITS, R2, True):
    call(looked_at(factors.known, p), "factors.known", {"mask": odd.mask, "values": odd.also(odd.numbers, lambda a, bits=bits: {
        "another D": np.append(a, 1.0), **({"a half as a bit": odd.put(a, 0.5)} if bits else {})})}, bits,
        kernel=K, mask=MASK, values=ONE, schedule=S, choice="constant")
call(looked_at(factors.on_bits, R2), "factors.on_bits", {"log_ratio": odd.also(lambda a, bits: odd.numbers(a), lambda a: {
    "another D": np.append(a, 1.0)})}, kernel=BITS, log_ratio=np.array([1.0, 2.0]), schedule=S, choice="constant")
call(looked_at(factors.noisy_bits, R2), "factors.noisy_bits", {"y": odd.points, "flip": odd.share}, True,
     kernel=BITS, y=ONE, flip=0.25, schedule=S, choice="constant")
call(looked_at(factors.smooth, Q), "factors.smooth", {"log_r": lambda f, bits: odd.refused(
    {"a constant": lambda x: 0.0, "a number for each coordinate": lambda x: -x ** 2})},
    log_r=lambda x: -x[..., 0] ** 2 - x[..., 1], schedule=S, choice="constant")
for K, x, z, f, made, bits in (gaussian, X, NORMAL, steps, SEEN, False), (BITS, B, UNIFORM, bit_steps, CARRIED, True):
    r = partial(call, bits=bits, kernel=K, schedule=S, kinds={"schedule": odd.other_schedules, "threshold": odd.real})
    r(lambda **a: [state.log_w for state in particles.particles(**a)], "particles.particles", reverse=f, factor=made, shape=(3, 2), rng=RNG)
    r(particles.posterior_sample, reverse=f, factor=made, shape=(3, 2), rng=RNG)
    r(perturbed.perturbed_start, kinds={"schedule": odd.other_schedules, "shape": odd.shape}, factor=made, shape=(3, 2), rng=RNG)
    r(perturbed.perturbed_trajectory, reverse=f, factor=made, xT=x, noises=[z, z, z])
    r(perturbed.perturbed_sample, reverse=f, factor=made, shape=(3, 2), rng=RNG)
    r(perturbed.log_normalisers, kinds={"x": odd.data, "schedule": odd.other_schedules}, reverse=f, factor=made, x=x)
    call(conditional.put_known, kinds={"known": odd.without(odd.mask, "a list")}, bits=bits, kernel=K, reverse=f, known=MASK, x0=x,
         schedule=S, rng=RNG, repeats=1)
call(perturbed.perturbed_moments, kinds={"y": odd.real, "data_mean": odd.real, "data_var": odd.not_negative}, schedule=S, y=1.0,
     var=2.0, data_mean=0.0, data_var=1.0, choice="constant")
call(exact_posteriors.error_by_steps, kinds={"y": odd.real}, numbers=[2, 3], schedule_of=schedule.constant_erasure, y=1.0, var=2.0)
call(conditional.denoise, kinds={"y": odd.data}, reverse=steps, y=X, var=1.0, schedule=S, rng=RNG)
call(conditional.expected_x0, kinds={"t": odd.step_2}, reverse=steps, xt=X, t=2, schedule=S)
call(particles.systematic, kinds={"weights": odd.without(odd.probabilities, "one too few"), "uniform": lambda u, bits: odd.refused(
    {"-1": -1.0, "2": 2.0, "nan": np.nan})}, weights=HALVES, uniform=0.5)

call(lambda **a: best_possible.best_bits(**a)(B, 2), "best_possible.best_bits", {"sequences": odd.data, "weights": odd.shares}, True,
     kernel=BITS, sequences=B, schedule=S, weights=HALVES)
call(best_possible.best_bits(BITS, B, S), "best_possible.best_bits, called", {"x": odd.data}, True, x=B, t=T_ROWS)
call(lambda **a: best_possible.best_gaussian(nodes, **a)(X, 2), "best_possible.best_gaussian", {"var": odd.not_negative}, schedule=S, var=0.5)
call(best_possible.best_gaussian(nodes, S, 0.1), "best_possible.best_gaussian, called", {"x": odd.data}, x=X, t=T_ROWS)
call(best_possible.best_bits_K, kinds={"sequences": odd.data, "multiplicity": odd.multiplicity}, bits=True, kernel=BITS, sequences=B,
     schedule=S, states=STATES, multiplicity=ONES)
call(best_possible.heartbeat_states, kinds={"period": odd.count, "beats": odd.count}, period=2, beats=2)
call(lambda **a: closed_form.gaussian_reverse(**a)(X, 2), "closed_form.gaussian_reverse", {"mean": odd.real, "var": odd.not_negative},
     schedule=S, mean=0.5, var=2.0)
linear = partial(call, kinds={"slope": odd.over_time, "var": odd.also(odd.over_time, lambda a: {"negative": -a}), "m2": odd.not_negative,
                              "T_var": odd.not_negative}, slope=np.array([0.0, 0.5, 0.5, 0.5]), var=ONES)
linear(closed_form.linear_chain, T_var=1.0)
linear(closed_form.linear_K, schedule=S, m2=1.0)
call(entropies.of, kinds={"probability": odd.without(odd.probabilities, "one too few", "a matrix")}, probability=Q0)
call(entropies.enumerated, kinds={"weights": odd.probabilities, "states": odd.points}, bits=True, kernel=BITS, states=STATES, weights=Q0, schedule=S)
call(entropies.gaussian, schedule=S, var=2.0)
call(entropies.sequences, kinds={"data": odd.data, "multiplicity": odd.multiplicity}, bits=True, kernel=BITS, data=B, schedule=S,
     states=STATES, multiplicity=ONES)
call(entropies.curve, kinds={"var": odd.not_negative, "order": odd.count}, nodes=nodes, schedule=S, var=0.5, order=4)
call(entropies.gauss_hermite, kinds={"order": odd.count}, order=3, D=2)
call(enumeration.all_states, D=2)
call(enumeration.transition, kinds={"states": odd.points}, bits=True, kernel=BITS, q=R, states=STATES)
call(enumeration.forward_matrices, kinds={"states": odd.points}, bits=True, kernel=BITS, states=STATES, schedule=S)
call(enumeration.reverse_matrices, kinds={"states": odd.points}, bits=True, kernel=BITS, reverse=bit_steps, states=STATES, schedule=S)
call(enumeration.path_probabilities, kinds={"start": odd.probabilities, "order": odd.choice}, start=Q0,
     matrices=enumeration.forward_matrices(BITS, STATES, S), order="forward")
call(exact_posteriors.gaussian_bayes, kinds={"mean": odd.real, "var": odd.not_negative, "noise_var": odd.not_negative, "y": odd.real},
     mean=1.0, var=2.0, y=1.0, noise_var=1.0)
call(exact_posteriors.discrete_bayes, kinds={"weights": odd.shares, "points": odd.rates, "factor": odd.nothing}, bits=True,
     points=B, factor=CARRIED, weights=HALVES)
call(exact_posteriors.curve_bayes, kinds={"blur": odd.not_negative, "var": odd.not_negative}, rng=RNG, N=3, nodes=nodes, y=ONE, var=2.0, blur=1.0)
call(chain, "derivation.chain", {"q0": odd.probabilities}, True, q0=Q0, D=2, reverse=bit_steps, schedule=S)
call(lambda of, given: derivation.entropy(chain().q, of, given), "derivation.entropy", {
    "of": odd.step_0, "given": odd.without(odd.step_0, "t = None")}, of=2, given=1)
call(lambda first: derivation.ratios(chain(), first), "derivation.ratios", {"first": odd.without(odd.step, "t = 4", "t = 1.5", "t = nan")}, first=1)
for name, kind in ("forward_conditional", odd.step), ("reverse_conditional", odd.step), ("posterior", odd.step_2), ("given_x0", odd.step):
    call(lambda t, f=getattr(derivation, name): f(chain(), t), f"derivation.{name}", {"t": kind}, t=2)
call(limits.gap, kernel=gaussian, best=steps, reverse=steps, x0=X, schedule=S, rng=RNG)
call(step_size.information_limit, kinds={"first": odd.positive, "last": odd.positive}, first=0.5, last=2.0)


# --- what comes back ------------------------------------------------------------------------------------------------

def odd_calls(name):
    """(argument, what is odd, the odd value, what must come back) for every odd call of a function."""
    _, arguments, kinds, bits = CALLS[name]
    for argument, value in arguments.items():
        for case in {**KINDS, **kinds}.get(argument, odd.nothing)(value, bits):
            yield argument, *case


def result(name, **replaced):
    """All arrays that a call gives."""
    function, arguments, _, _ = CALLS[name]
    made = {k: np.random.default_rng(0) if v is RNG else v() if k in replaced and made_late(v) else v
            for k, v in {**arguments, **replaced}.items()}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return list(arrays(function(**made)))


def made_late(value):
    return isinstance(value, types.FunctionType) and all(p.default is not p.empty for p in inspect.signature(value).parameters.values())


def arrays(value):
    if isinstance(value, (types.GeneratorType, tuple, list)):
        for part in value:
            yield from arrays(part)
    elif callable(value):
        yield np.asarray(value(0.5))
    else:
        yield np.asarray(value, dtype=float)


def refusal(error):
    """Whether an error is a ValueError that the package raised itself."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    line = linecache.getline(last.filename, last.lineno).strip()
    return type(error) is ValueError and "dpm_ref" in Path(last.filename).parts and line.startswith("raise ValueError(")


def outcome(name, argument, value, expected):
    """"right", "refused", "raised", or what is wrong."""
    try:
        got = result(name, **{argument: value})
    except Exception as error:
        if expected == RAISES:
            return "raised"
        if not refusal(error):
            return f"unclear: {type(error).__name__}: {error}"
        return "refused" if expected in (REFUSED, NAN) else f"refused what is good: {error}"
    shown = [a.ravel()[:3].tolist() for a in got[:2]]
    if expected in (SAME, CLOSE):
        want, rtol = result(name), 1e-12 if expected == SAME else 1e-4
        good = [a.shape for a in want] == [a.shape for a in got] and all(
            np.allclose(a, b, rtol=rtol, atol=rtol) for a, b in zip(want, got))
        return "right" if good else f"silently wrong: {shown} for {[a.ravel()[:3].tolist() for a in want[:2]]}"
    seen = expected == NAN and any(np.isnan(a).any() for a in got)
    return "right" if seen else f"silently wrong: {shown}"


@pytest.mark.parametrize("name", CALLS)
def test_an_odd_call_gives_a_sentence_or_the_right_number(name):
    wrong = {}
    for argument, what, value, expected in odd_calls(name):
        came = outcome(name, argument, value, expected)
        if came not in ("right", "refused", "raised"):
            wrong[f"{argument}: {what}"] = came
    assert not wrong


# --- no function is left out ----------------------------------------------------------------------------------------

ROOMS = ("schedule trajectory bound likelihood entropy train networks products.factors products.particles products.perturbed "
         "products.conditional proofs.best_possible proofs.closed_form proofs.entropies proofs.enumeration "
         "proofs.exact_posteriors proofs.derivation proofs.limits proofs.step_size").split()
NOT_CALLED = {  # and why
    "per_point": "a sum over axes", "reverse_kernel": "binds arguments", "log_odds": "a difference of two densities",
    "channel exponents made_for": "inside the factors", "log_marginals mixture_entropy around": "inside the quadratures and sums",
    "zeros adam begin": "arrays of any shape", "ascend": "its objective and its batch are what is checked",
    "rbf_as_printed rbf_readouts sigmoid_mlp_as_printed sigmoid_mlp_readout": "as rbf and sigmoid_mlp",
    "init_rbf init_sigmoid_mlp init_denoiser init_bit_denoiser": "numpy names a bad size or generator",
    "curve bits step_entropies": "limits, made of functions that are called",
    "signal_to_noise posterior_variance kl excess order": "plain arithmetic on a schedule",
}


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_function_is_called_oddly(room):
    module = importlib.import_module(f"dpm_ref.{room}")
    public = {name for name, f in vars(module).items() if isinstance(f, types.FunctionType) and f.__module__ == module.__name__
              and name[0] != "_"}
    called = {name.split(".")[1].split(",")[0] for name in CALLS if name.split(".")[0] == room.split(".")[-1]}
    excused = set(" ".join(NOT_CALLED).split())
    if room == "proofs.derivation":                          # each takes a whole chain, or plain numbers
        excused |= {name for name in public if list(inspect.signature(getattr(module, name)).parameters)[0] in ("c", "y", "joint", "weight", "pair")}
    assert not public - called - excused


def test_the_kernels_functions_are_called_oddly():
    called = {name.split(".")[1].split(",")[0] for name in CALLS if name.startswith("kernel.")}
    assert set(vars(BITS)) - {"__name__", "p"} == called


# --- right numbers where it was nan or wrong ------------------------------------------------------------------------

def test_a_distribution_of_bytes_is_one_of_floats():
    q, p = (Gaussian(np.array([mean], np.uint8), np.array([1], np.uint8)) for mean in (100, 200))
    assert gaussian.kl(q, p) == 5000.0                                       # (200 - 100)² / 2, where bytes would wrap
    assert gaussian.log_density(np.array([200], np.uint8), q) == pytest.approx(-5000 - np.log(2 * np.pi) / 2, rel=1e-14)


def test_variance_0_is_a_point():
    point, other, wide = (Gaussian(np.array([m]), np.array([v])) for m, v in ((1.0, 0.0), (2.0, 0.0), (1.0, 1.0)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [gaussian.kl(*pair)[0] for pair in ((point, point), (point, other), (point, wide), (wide, point))] == [0, np.inf, np.inf, np.inf]
        assert [gaussian.log_density(np.array([x]), point)[0] for x in (1.0, 1.5)] == [np.inf, -np.inf]
        assert gaussian.entropy(point) == -np.inf


def test_what_leaves_the_range_by_a_rounding_is_put_back():
    assert Bernoulli(np.array([1 + 1e-15, -1e-17])).rate.tolist() == [1, 0]
    assert Gaussian(np.zeros(2), np.array([-1e-17, 1])).var.tolist() == [0, 1] and type(Gaussian(0.0, -1e-17).var) is float
    with pytest.raises(ValueError, match="a variance must be finite and at least 0; got -0.001"):
        Gaussian(0.0, -1e-3)
    with pytest.raises(ValueError, match="a width must be finite and at least 1e-300; got 0"):     # above 0
        checks.within("a width", 0.0, 1e-300)
    with pytest.raises(ValueError, match="a rate must be from 0 to 1; got 1.001"):
        Bernoulli(np.array([1.001]))


@pytest.mark.parametrize("n", [np.inf, np.nan, 1.5, 0, "2"])
def test_a_count_that_is_no_whole_number_is_refused(n):
    with pytest.raises(ValueError, match="T must be a whole number, at least 1; got"):
        checks.count("T", n)


def test_a_word_that_is_none_of_the_choices_is_refused():
    assert checks.one_of("use", "best", "best", "official") == "best"
    with pytest.raises(ValueError, match="use must be one of 'best', 'official'; got 'bset'"):
        checks.one_of("use", "bset", "best", "official")


def test_a_kernel_that_is_too_sure_gives_samples_in_fewer_steps():
    s = schedule.constant_erasure(12)
    sure = partial(narrower, s)
    shorter, reverse = trajectory.fewer_steps(gaussian, sure, s, 6)
    assert np.isfinite(trajectory.sample(gaussian, reverse, shorter, (50, 2), np.random.default_rng(0))).all()


def narrower(s, x, t):
    """A step with nine tenths of the variance of q(x_{t-1}|x_t,x_0): no average over x_0 is so narrow."""
    q = gaussian.posterior(x, 0.0 * x, t, s)
    return Gaussian(q.mean, 0.9 * q.var)


def main():
    found = [(name, argument, what, outcome(name, argument, value, expected))
             for name in CALLS for argument, what, value, expected in odd_calls(name)]
    words = [came.split(":")[0] for *_, came in found]
    for *place, came in found:
        if came not in ("right", "refused", "raised"):
            print(", ".join(place), came.replace("\n", " ")[:150], sep=": ")
    print(f"{len(CALLS)} calls of functions, {len(found)} odd ones:", {word: words.count(word) for word in sorted(set(words))})


if __name__ == "__main__":
    sys.exit(main())
