"""The checking kit lets no wrong program pass, and names what it can: one wrong program for each promise."""
import ast

import numpy as np
import pytest

from dpm_ref.check import check
from dpm_ref.check.cases import difference, load
from dpm_ref.check.conventions import conventions_of
from dpm_ref.check.diagnose import diagnosed
from dpm_ref.check.mistakes import FORMULAS, evaluate, right, twenty, written
from dpm_ref.check.run import run_function


def diagnose(function, name, **conventions):
    with np.errstate(all="ignore"):
        return diagnosed(run_function(function, name, conventions_of(conventions, name), 5.0))


def names(function, name, **conventions):
    return [f.name for f in diagnose(function, name, **conventions).findings]


def posterior(xt, x0, t, beta, alpha_bar):
    return right("gaussian.posterior", dict(xt=xt, x0=x0, t=t, beta=beta, alpha_bar=alpha_bar))


def kl(mean_q, var_q, mean_p, var_p):
    return (np.log(var_p / var_q) + (var_q + (mean_q - mean_p) ** 2) / var_p - 1) / 2


# --- what is wrong does not pass --------------------------------------------------------------------------------------

def test_alpha_bar_in_half_precision_is_wrong():
    half = lambda beta: np.cumprod((1 - beta).astype(np.float16))  # noqa: E731
    assert names(half, "schedule.alpha_bar") == ["in half precision"]
    result = diagnose(lambda x0, t, beta: (np.sqrt(half(beta)[t]) * x0, 1 - half(beta)[t]), "gaussian.marginal")
    assert result.status == "wrong" and any("float16" in note for note in result.notes)


def test_a_table_of_alpha_bar_in_float32_passes():
    assert diagnose(lambda beta: np.cumprod(1 - beta.astype(np.float32)), "schedule.alpha_bar").status == "passed"


def test_a_relu_is_wrong_and_named():
    relu = lambda coefficients, g: (  # noqa: E731
        np.maximum(coefficients[:, :3] @ g, 0), coefficients[:, 3:] @ g)
    assert names(relu, "reverse.readout") == ["a ReLU on the mean"]
    assert names(lambda x0, t, alpha_bar: (np.maximum(np.sqrt(alpha_bar[t]) * x0, 0), 1 - alpha_bar[t]),
                 "gaussian.marginal") == ["mean at least 0 (a ReLU?)"]


def test_beta_t_is_not_the_variance_of_the_posterior():
    result = diagnose(lambda xt, x0, t, beta, alpha_bar: (posterior(xt, x0, t, beta, alpha_bar)[0], beta[t]),
                      "gaussian.posterior")
    assert result.status == "wrong" and result.findings[0].name == "variance beta_t"


def test_an_exercise_is_answered_as_it_is_worded_and_a_program_in_its_own_way():
    for f, name in ((lambda *a: kl(*a).sum(axis=1), "gaussian.kl"),
                    (lambda beta: np.cumprod(1 - beta[1:]), "schedule.alpha_bar")):
        found = check(f, name, show=False)
        assert not found.passed and "not as asked" in found.message and found.results[0].status == "passed"
    assert check(lambda *a: kl(*a).sum(axis=1), "gaussian.kl", show=False, reduce="sample").passed


def test_a_probability_held_above_a_guard_is_named():
    def f(x0, p):
        return np.log(np.prod(np.where(x0 == 1, p, 1 - p), axis=1) + 1e-30)
    found = diagnose(f, "bound.L_null_bits").findings[0]
    assert {found.name, *found.ties} == {"the probability of a sample held above 1e-30",
                                         "1e-30 added to the probability of a sample"}


def test_a_mean_over_paths_is_not_divided_by_the_number_of_points():
    def f(log_w):
        return np.log(np.exp(log_w - log_w.max(0)).sum(0) / log_w.shape[1]) + log_w.max(0)
    assert names(f, "bound.log_likelihood") == ["divided by the number of points"]


def test_a_log_density_that_is_nan_at_variance_0_is_a_choice_and_other_numbers_are_wrong():
    def f(x, mean, var):
        return -(x - mean) ** 2 / (2 * var) - np.log(2 * np.pi * var) / 2
    assert diagnose(f, "gaussian.log_density").status == "different choice"
    assert diagnose(lambda *a: np.nan_to_num(f(*a)), "gaussian.log_density").status == "wrong"


# --- the page of twenty -----------------------------------------------------------------------------------------------

def test_the_page_of_twenty_mistakes_is_what_the_table_gives():
    assert twenty.PAGE.read_text(encoding="utf-8") == twenty.page(), "run python -m dpm_ref.check.mistakes.twenty"


def test_there_are_twenty_mistakes_each_with_a_place():
    assert len({row[:2] for row in twenty.ROWS}) == len({row[-1] for row in twenty.ROWS}) == 20


# --- names ------------------------------------------------------------------------------------------------------------

@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", written.WRITTEN)
def test_a_formula_as_it_is_written_agrees_with_the_vectors(name):
    for case in load()[name]:
        i = case["inputs"]
        got = {output: written.value(*written.compiled(ast.parse(expression, mode="eval")),
                                     lambda n: evaluate(n, FORMULAS[name], i), i)
               for output, expression in written.WRITTEN[name].items()}
        with np.errstate(all="ignore"):
            assert difference(got, {n: case["expected"][n] for n in got}, case["rtol"], case["atol"]) <= 1


def test_one_wrong_place_of_a_formula_is_named():
    def f(x, t, beta):
        return np.sqrt(1 + beta[t]) * x, beta[t]
    assert names(f, "gaussian.forward") == ["in mean, + beta[t] for - beta[t]"]
    found = diagnose(lambda c, d: c * d / (c * d + (1 - c) / (1 - d)), "binomial.perturbed").findings[0]
    assert (found.kind, found.name) == ("mistake", "divided by 1 - d, not multiplied")
    assert found.advice == "Right: rate = c * d / (c * d + (1 - c) * (1 - d))."


def test_a_schedule_has_no_samples_of_which_one_could_be_copied():
    assert names(lambda beta: 1 - np.cumprod(beta), "schedule.alpha_bar") == ["one minus the product of the rates"]
    assert names(lambda beta: np.append(1, 1 - np.cumprod(beta[1:])), "schedule.alpha_bar") == [
        "one minus the product of the rates, without beta_0"]
    assert names(lambda beta: 1 - np.cumprod(1 - beta), "schedule.alpha_bar") == ["what is lost for what is left"]
    zero = diagnose(lambda T: np.zeros(T + 1), "schedule.constant_erasure").findings[0]
    assert (zero.name, zero.ties) == ("missing (zero)", ())


def test_what_is_wrong_comes_before_a_different_choice():
    def f(xt, x0, t, beta, alpha_bar):
        mean, var = posterior(xt, x0, t, beta, alpha_bar)
        return mean + 0.01 * x0 ** 2, np.where(np.equal(t, 1), 0 * var, beta[t])
    result = diagnose(f, "gaussian.posterior")
    assert result.status == "wrong" and [f.kind for f in result.findings] == ["part", "choice"]


def test_what_is_nan_everywhere_is_said_to_be_that():
    found = names(lambda xt, x0, t, beta, alpha_bar: (xt * np.nan, posterior(xt, x0, t, beta, alpha_bar)[1]),
                  "gaussian.posterior")
    assert found == ["mean is nan everywhere"]
    assert names(lambda x0, t, alpha_bar: (x0 * np.nan, x0 * np.nan), "gaussian.marginal") == [
        "mean, var is nan everywhere"]


def test_cases_that_are_nan_are_set_aside_and_the_rest_is_named():
    def f(xt, x0, t, beta, alpha_bar):
        mean, var = posterior(xt, x0, t, beta, alpha_bar)
        return mean, np.where(np.asarray(beta[t]) == 1, np.nan, np.sqrt(var))
    assert names(f, "gaussian.posterior") == ["standard deviation for variance",
                                              "some numbers are nan (only at beta_t = 1)"]


@pytest.mark.parametrize("floor", [3e-7, 1.7e-4])
def test_a_floor_of_any_size_is_a_choice(floor):
    f = lambda **a: (posterior(**a)[0], np.maximum(posterior(**a)[1], floor))  # noqa: E731
    result = diagnose(lambda xt, x0, t, beta, alpha_bar: f(xt=xt, x0=x0, t=t, beta=beta, alpha_bar=alpha_bar),
                      "gaussian.posterior")
    assert result.status == "different choice" and result.findings[0].name == f"var at least {floor:.4g}"


def test_no_constant_is_concluded_from_one_number():
    def f(var):
        return right("gaussian.entropy", dict(var=var)) * (0.866835 if np.all(var == 1) else 1)
    assert "constant" not in names(f, "gaussian.entropy")[0]


def test_a_term_is_named_where_results_are_summed_over_coordinates():
    def f(mean_q, var_q, mean_p, var_p):
        return (kl(mean_q, var_q, mean_p, var_p) + 0.37 * (mean_q - mean_p) ** 2 / var_p / 2).sum(axis=1)
    assert "the difference of means enters with 1.37 times its coefficient" in names(f, "gaussian.kl")[0]


@pytest.mark.slow
def test_where_a_result_is_off_takes_two_words_at_most():
    for wrong_at in ({1}, {2}, {1, 2}, {3, 4, 5}, {2, 3, 4}, {1, 5}, {1, 2, 3, 4, 5}):
        def f(x0, t, alpha_bar):
            return np.sqrt(alpha_bar[t]) * x0 + 0.3 * np.isin(t, list(wrong_at)), 1 - alpha_bar[t]
        assert names(f, "gaussian.marginal")[0].split(":")[0].count(" or ") <= 1


def test_only_a_kl_of_two_variances_shows_which_way_round_it_is():
    def from_x0(x0, x0_hat, t, beta, alpha_bar):
        def step(x0):
            return posterior(0 * x0, x0, t, beta, alpha_bar)
        return kl(*step(x0_hat), *step(x0))
    assert diagnose(from_x0, "convert.kl_from_x0").status == "passed"          # the README says so
    assert names(lambda mean_q, var_q, mean_p, var_p: kl(mean_p, var_p, mean_q, var_q), "gaussian.kl") == [
        "q and p exchanged"]
