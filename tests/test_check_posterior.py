"""The checking kit names a fault of the posterior wherever it is used, for a program whose functions all call one."""
import numpy as np
import pytest

from dpm_ref.check import check


def coefficients(beta, before, after):
    """c0, ct and the variance, from beta_t, alpha_bar_{t-1} and alpha_bar_t."""
    root = np.sqrt(1 - beta)
    return np.sqrt(before) * beta / (1 - after), root * (1 - before) / (1 - after), beta * (1 - before) / (1 - after)


def kl(mean_q, var_q, mean_p, var_p):
    return (np.log(var_p / var_q) + (var_q + (mean_q - mean_p) ** 2) / var_p - 1) / 2


def program(before=lambda alpha_bar, t: alpha_bar[t - 1], coefficients=coefficients, kl=kl):
    """Functions of a program with one posterior: alpha_bar_{t-1} is before(alpha_bar, t)."""
    def posterior(xt, x0, t, beta, alpha_bar):
        with np.errstate(all="ignore"):
            c0, ct, var = coefficients(beta[t], before(alpha_bar, t), alpha_bar[t])
        return c0 * x0 + ct * xt, var + 0 * xt

    def mean_from_x0(xt, x0, t, beta, alpha_bar):
        return posterior(xt, x0, t, beta, alpha_bar)[0]

    def mean_from_eps(xt, eps, t, beta, alpha_bar):
        a = alpha_bar[t]
        return mean_from_x0(xt, (xt - np.sqrt(1 - a) * eps) / np.sqrt(a), t, beta, alpha_bar)

    def mean_from_v(xt, v, t, beta, alpha_bar):
        a = alpha_bar[t]
        return mean_from_x0(xt, np.sqrt(a) * xt - np.sqrt(1 - a) * v, t, beta, alpha_bar)

    def mean_from_score(xt, score, t, beta, alpha_bar):
        a = alpha_bar[t]
        return mean_from_x0(xt, (xt + (1 - a) * score) / np.sqrt(a), t, beta, alpha_bar)

    def terms(x0, noises, beta, alpha_bar, gain, gain_var):
        kl_t = np.zeros((len(beta), len(x0)))
        for t in range(2, len(beta)):
            xt = np.sqrt(alpha_bar[t]) * x0 + np.sqrt(1 - alpha_bar[t]) * noises[t]
            with np.errstate(all="ignore"):
                kl_t[t] = kl(*posterior(xt, x0, t, beta, alpha_bar), gain[t] * xt, gain_var[t] + 0 * xt).sum(axis=1)
        return kl_t, *(np.sum(np.log(2 * np.pi * np.e * var) / 2 + 0 * x0, axis=1)
                       for var in (1 - alpha_bar[-1], 1 - alpha_bar[1], 1.0))

    return {"gaussian.posterior": posterior, "bound.terms": terms, "convert.mean_from_x0": mean_from_x0,
            "convert.mean_from_eps": mean_from_eps, "convert.mean_from_v": mean_from_v,
            "convert.mean_from_score": mean_from_score}


STEPS = [name for name in program() if name != "bound.terms"]
PREVIOUS = {
    "alpha_bar of t for t - 1": lambda a, t: a[t],
    "alpha_bar of t for t - 1 from t = 2 on": lambda a, t: np.append(1, a[2:])[t - 1],
    "alpha_bar of t - 2 for t - 1": lambda a, t: a[np.maximum(t - 2, 0)],
    "alpha_bar of t - 2 for t - 1, from the table's end at t = 1": lambda a, t: a[t - 2],
    "alpha_bar of t + 1 for t - 1": lambda a, t: np.append(a, a[-1])[t + 1],
    "alpha_bar of t - 1 wraps round at t = 1": lambda a, t: np.roll(a[1:], 1)[t - 1],
    "alpha_bar_{t-1} padded at the end for the start": lambda a, t: np.append(a[2:], 1)[t - 1],
    "alpha_bar_0 is 0, not 1": lambda a, t: np.append(0, a[1:-1])[t - 1],
    "alpha_bar_0 taken to be alpha_bar_1": lambda a, t: np.append(a[1], a[1:-1])[t - 1],
}
COEFFICIENTS = {
    "alpha_bar of t for t - 1 in c0": lambda b, before, after: (
        np.sqrt(after) * b / (1 - after), *coefficients(b, before, after)[1:]),
    "c0 without beta_t": lambda b, before, after: (
        np.sqrt(before) / (1 - after), *coefficients(b, before, after)[1:]),
    "c0 with sqrt(alpha_t)": lambda b, before, after: (
        np.sqrt(1 - b) * b / (1 - after), *coefficients(b, before, after)[1:]),
    "beta_t and 1 - alpha_bar_{t-1} exchanged between c0 and ct": lambda b, before, after: (
        np.sqrt(before) * (1 - before) / (1 - after), np.sqrt(1 - b) * b / (1 - after),
        coefficients(b, before, after)[2]),
    "the root over all of c0": lambda b, before, after: (
        np.sqrt(before * b / (1 - after)), *coefficients(b, before, after)[1:]),
    "the root over all of ct": lambda b, before, after: (
        coefficients(b, before, after)[0], np.sqrt((1 - b) * (1 - before) / (1 - after)),
        coefficients(b, before, after)[2]),
}
KLS = {
    "exp(-var_p) for 1/var_p in the square": lambda mean_q, var_q, mean_p, var_p: (
        np.log(var_p / var_q) + var_q / var_p + (mean_q - mean_p) ** 2 * np.exp(-var_p) - 1) / 2,
    "exp(-var_p) for 1/var_p": lambda mean_q, var_q, mean_p, var_p: (
        np.log(var_p / var_q) + (var_q + (mean_q - mean_p) ** 2) * np.exp(-var_p) - 1) / 2,
    "var_q taken for a log variance": lambda mean_q, var_q, mean_p, var_p: kl(mean_q, np.exp(var_q), mean_p, var_p),
    "var_p taken for a log variance": lambda mean_q, var_q, mean_p, var_p: kl(mean_q, var_q, mean_p, np.exp(var_p)),
    "each variance taken for a log variance": lambda mean_q, var_q, mean_p, var_p: (
        var_p - var_q + np.exp(var_q - var_p) + (mean_q - mean_p) ** 2 * np.exp(-var_p) - 1) / 2,
    "the logarithm of each variance": lambda mean_q, var_q, mean_p, var_p: kl(
        mean_q, np.log(var_q), mean_p, np.log(var_p)),
    "log ratio not halved": lambda mean_q, var_q, mean_p, var_p: (
        kl(mean_q, var_q, mean_p, var_p) + np.log(var_p / var_q) / 2),
}


def first(f, name):
    """The first thing that the kit says of one function."""
    finding = check(f, name, show=False).results[0].findings[0]
    return finding.name, finding.output


def test_the_right_program_passes():
    assert check(program(), show=False).passed


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("fault", PREVIOUS)
def test_a_wrong_alpha_bar_before_the_step_is_named_in_one_line(fault, name):
    assert first(program(PREVIOUS[fault])[name], name) == (fault, "")


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("fault", COEFFICIENTS)
def test_a_wrong_coefficient_is_named_in_every_function_that_steps_by_x_0(fault, name):
    assert first(program(coefficients=COEFFICIENTS[fault])[name], name) == (fault, "")


def opening(adapter):
    """The first two lines of the report."""
    return check(adapter, show=False).message.split("\n")[:2]


@pytest.mark.parametrize("fault", PREVIOUS)
@pytest.mark.every(4)
def test_one_wrong_table_of_alpha_bar_before_the_step_is_the_cause_of_all(fault):
    said, functions = opening(program(PREVIOUS[fault]))
    at_1 = fault.startswith("alpha_bar_0") or "t = 1" in fault and "t - 2" not in fault     # the bound starts at t = 2
    assert said.startswith(f"one cause explains {5 if at_1 else 6} functions: {fault}. ")
    assert all(name in functions for name in STEPS)


@pytest.mark.parametrize("fault", COEFFICIENTS)
@pytest.mark.every(4)
def test_one_wrong_coefficient_is_the_cause_of_all(fault):
    assert opening(program(coefficients=COEFFICIENTS[fault]))[0].startswith(
        f"one cause explains 6 functions: in the posterior, {fault}. ")


def test_another_variance_by_choice_is_no_cause():
    def c0(t, beta, alpha_bar):
        return coefficients(beta[t], alpha_bar[t - 1], alpha_bar[t])[0]

    def from_x0(x0, x0_hat, t, beta, alpha_bar):
        return (c0(t, beta, alpha_bar) * (x0 - x0_hat)) ** 2 / (2 * beta[t])

    def from_v(v, v_hat, t, beta, alpha_bar):
        return c0(t, beta, alpha_bar) ** 2 * (1 - alpha_bar[t]) * (v - v_hat) ** 2 / (2 * beta[t])

    def from_eps(eps, eps_hat, t, beta, alpha_bar):
        return beta[t] * (eps - eps_hat) ** 2 / (2 * (1 - beta[t]) * (1 - alpha_bar[t]))

    found = check({"convert.kl_from_x0": from_x0, "convert.kl_from_v": from_v, "convert.kl_from_eps": from_eps},
                  show=False)
    assert found.passed and "3 different choice" in found.message and "one cause" not in found.message


@pytest.mark.parametrize("fault", KLS)
def test_a_wrong_kl_is_named_by_itself_and_in_the_bound(fault):
    with np.errstate(all="ignore"):
        assert first(KLS[fault], "gaussian.kl") == (fault, "")
        assert first(program(kl=KLS[fault])["bound.terms"], "bound.terms") == (f"in the KL, {fault}", "")


def exchanged(mean_q, var_q, mean_p, var_p):
    return kl(mean_p, var_p, mean_q, var_q)


@pytest.mark.parametrize("fault, adapter", [
    ("alpha_bar of t for t - 1", program(PREVIOUS["alpha_bar of t for t - 1"], kl=exchanged)),
    ("the root over all of ct", program(coefficients=COEFFICIENTS["the root over all of ct"], kl=exchanged))])
@pytest.mark.parametrize("alone", [True, pytest.param(False, marks=pytest.mark.slow)])
@pytest.mark.every(4)
def test_a_second_fault_behind_that_of_the_posterior_is_named(fault, adapter, alone):
    two = {name: adapter[name] for name in ("gaussian.posterior", "bound.terms")} if alone else adapter
    found = {r.function: r.findings for r in check(two, show=False).results}["bound.terms"]
    assert [f.name for f in found] == [f"with that posterior ({fault}): q and p exchanged"]


def test_a_wrong_prediction_behind_the_fault_of_the_posterior_is_named():
    adapter = program(PREVIOUS["alpha_bar of t - 2 for t - 1"])

    def mean_from_eps(xt, eps, t, beta, alpha_bar):
        x0 = (xt + np.sqrt(1 - alpha_bar[t]) * eps) / np.sqrt(alpha_bar[t])
        return adapter["convert.mean_from_x0"](xt, x0, t, beta, alpha_bar)
    results = check({**adapter, "convert.mean_from_eps": mean_from_eps}, show=False).results
    found = {r.function: r.findings for r in results}["convert.mean_from_eps"]
    assert [f.name for f in found] == ["with that posterior (alpha_bar of t - 2 for t - 1): eps with the other sign"]
