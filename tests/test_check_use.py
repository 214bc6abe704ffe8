"""The checking kit as people first use it: wrong calls get one sentence, and what is said of a sampler is true."""
import json
from pathlib import Path

import numpy as np
import pytest

from dpm_ref.check import check, cli
from dpm_ref.check.conventions import conventions_of
from dpm_ref.check.diagnose import diagnosed
from dpm_ref.check.mistakes import right
from dpm_ref.check.run import misspelt, run_function


def diagnose(function, name, **conventions):
    with np.errstate(all="ignore"):
        return diagnosed(run_function(function, name, conventions_of(conventions, name), 5.0))


def posterior(xt, x0, t, beta, alpha_bar):
    return right("gaussian.posterior", dict(xt=xt, x0=x0, t=t, beta=beta, alpha_bar=alpha_bar))


# --- samplers ---------------------------------------------------------------------------------------------------------

@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("spread", [lambda var: np.sqrt(np.abs(np.log(var))), np.log, lambda var: np.log(var) / 2])
@pytest.mark.every(3)
def test_draws_whose_spread_is_wrong_are_not_said_to_have_a_wrong_mean(spread):
    rng = np.random.default_rng(0)

    def f(**inputs):
        mean, var = posterior(**inputs)
        return mean + np.where(var > 0, spread(np.where(var > 0, var, 1)), 0) * rng.standard_normal(mean.shape)

    def p_sample(xt, x0, t, beta, alpha_bar):
        return f(xt=xt, x0=x0, t=t, beta=beta, alpha_bar=alpha_bar)
    result = diagnose(p_sample, "gaussian.posterior", samples=["gaussian.posterior"])
    assert [finding.output for finding in result.findings] == ["var"] and "mean" not in result.findings[0].name


@pytest.mark.filterwarnings("ignore")
def test_what_draws_have_and_should_have_is_said_in_numbers():
    rng = np.random.default_rng(0)
    found = check(lambda mean, var: mean + np.log(var) * rng.standard_normal(mean.shape), "gaussian.draw", show=False)
    assert "mean" not in found.message.split("Right: ")[0] and "is expected" in found.message
    found = check(lambda mean, var: mean + 0.37 + np.sqrt(var) * rng.standard_normal(mean.shape), "gaussian.draw",
                  show=False)
    assert "mean is off" in found.message and "var is off" not in found.message


# --- kernels of eps ---------------------------------------------------------------------------------------------------

def of_eps(xt, x0, t, beta, alpha_bar):
    eps = (xt - np.sqrt(alpha_bar[t]) * x0) / np.sqrt(1 - alpha_bar[t])
    mean = (xt - beta[t] / np.sqrt(1 - alpha_bar[t]) * eps) / np.sqrt(1 - beta[t])
    return mean, posterior(xt, x0, t, beta, alpha_bar)[1]


def test_a_kernel_of_eps_that_is_nan_where_nothing_of_x_0_is_left_is_a_choice():
    result = diagnose(of_eps, "gaussian.posterior")
    assert result.status == "different choice" and "0/0 where beta_t = 1" in result.findings[0].name
    result = diagnose(lambda xt, x0, t, beta, alpha_bar: [a * np.where(np.equal(beta[t], 1), np.nan, 1) for a in (
        posterior(xt, x0, t, beta, alpha_bar))], "gaussian.posterior")
    assert result.status == "different choice" and "alpha_bar_t = 0" in result.findings[0].name


@pytest.mark.parametrize("f, name", [
    (lambda xt, x0, t, beta, alpha_bar: [np.nan_to_num(a) for a in of_eps(xt, x0, t, beta, alpha_bar)],
     "gaussian.posterior"),
    (lambda xt, x0, t, beta, alpha_bar: [a * np.where(np.equal(t, 1), np.nan, 1) for a in (
        posterior(xt, x0, t, beta, alpha_bar))], "gaussian.posterior"),
    (lambda xt, x0, t, beta, alpha_bar: [a * (1 + (np.ndim(t) > 0) * 0.1 * np.equal(t, 2)) for a in (
        of_eps(xt, x0, t, beta, alpha_bar))], "gaussian.posterior"),
    (lambda x, t, beta: (np.sqrt(1 - beta[t]) * x / (beta[t] != 1), beta[t]), "gaussian.forward")])
@pytest.mark.every(2)
def test_other_numbers_that_are_nan_or_off_are_wrong(f, name):
    assert diagnose(f, name).status == "wrong"


@pytest.mark.parametrize("variance, status", [
    (lambda before, after, beta_t: beta_t * (1 - before) / (1 - after), "different choice"),     # nan at beta_t = 1
    (lambda before, after, beta_t: beta_t + 0 * after, "wrong")])
def test_a_sampler_of_eps_is_checked_as_the_readme_says(variance, status):
    def as_posterior(xt, x0, t, beta, alpha_bar):
        def p_sample(eps, xt, t, noise):
            beta_t, before, after = beta[t], alpha_bar[t - 1], alpha_bar[t]
            mean = (xt - beta_t / np.sqrt(1 - after) * eps) / np.sqrt(1 - beta_t)
            return mean + np.sqrt(variance(before, after, beta_t)) * noise
        eps = (xt - np.sqrt(alpha_bar[t]) * x0) / np.sqrt(1 - alpha_bar[t])
        mean = p_sample(eps, xt, t, 0 * xt)
        return mean, p_sample(eps, xt, t, 1 + 0 * xt) - mean
    result = diagnose(as_posterior, "gaussian.posterior", spread="std")
    assert result.status == status
    assert result.findings[0].name == {"wrong": "variance beta_t"}.get(status, "not defined where alpha_bar_t = 0")


# --- wrong calls ------------------------------------------------------------------------------------------------------

def kl(mean_q, var_q, mean_p, var_p):
    return (np.log(var_p / var_q) + (var_q + (mean_q - mean_p) ** 2) / var_p - 1) / 2


@pytest.mark.parametrize("call, says", [
    (lambda: check(kl), r"give a name: check\(f, 'gaussian.kl'\)"),
    (lambda: check(kl, spread="log_var"), r"give a name: check\(f, 'gaussian.kl'\)"),
    (lambda: check("gaussian.kl", kl), r"first the function, then its name: check\(f, 'gaussian.kl'\)"),
    (lambda: check(kl, "gaussian.kl", conventions={"spread": "log_var"}), r"check\(f, name, spread='log_var'\)")])
def test_a_wrong_call_of_check_is_answered_with_the_right_one(call, says):
    with pytest.raises(ValueError, match=says):
        call()


@pytest.mark.parametrize("name, near", [
    ("gaussian_KL", "gaussian.kl"), ("convert_x0_from_velocity", "convert.x0_from_v"), ("bound_k_true", "bound.K_true"),
    ("Gaussian.posterior", "gaussian.posterior"), ("gausian_posterior", "gaussian.posterior")])
def test_a_function_that_is_named_like_one_of_the_catalogue_is_reported(name, near):
    assert misspelt({name: kl}) == misspelt(type("Mine", (), {name: kl})) == [
        f"{name} is not in the catalogue (nearest: {near})"]


def test_other_names_are_not_reported():
    assert misspelt({"helper": kl, "numpy": kl, "gaussian_kl": kl, "bound.bits": kl, "bound_size": 3}) == []


# --- the command line -------------------------------------------------------------------------------------------------

def test_what_a_function_prints_is_said_to_be_dropped():
    def f(nats):
        print("here", nats)
        return nats / np.log(2)
    assert "note: prints to stdout, which is dropped: print to stderr to see it" in check(
        f, "bound.bits", show=False).message


def test_list_with_a_name_shows_the_shapes_of_the_first_case(capsys):
    assert cli.main(["--list", "gaussian.kl"]) == 0
    out = capsys.readouterr().out
    assert "gaussian.kl(mean_q, var_q, mean_p, var_p) -> kl" in out and "gaussian.entropy" not in out
    assert "first case: mean_q (3, 2), var_q (3, 2), mean_p (3, 2), var_p (3, 2) -> kl (3, 2)" in out
    assert cli.main(["--list", "gaussian.k"]) == 2 and "gaussian.kl" in capsys.readouterr().err


def test_json_is_valid_where_the_adapter_prints_on_import(tmp_path, capsys):
    (tmp_path / "mine.py").write_text("print('hello')\ndef bound_bits(nats): return nats\n")
    assert cli.main([str(tmp_path / "mine.py"), "--json"]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["passed"] is False and "hello" in err


def test_the_loop_that_grades_a_folder_takes_names_with_spaces():
    loop = (Path(__file__).parent.parent / "notebooks" / "README.md").read_text("utf-8")
    assert 'check "$f" --json' in loop and "printf '%s ' \"$f\"" in loop


@pytest.mark.parametrize("limit", ["-1", "0", "nan", "inf"])
def test_a_limit_is_a_number_above_0(limit, capsys):
    with pytest.raises(SystemExit):
        cli.main(["mine.py", "--limit", limit])
    assert "must be a number above 0" in capsys.readouterr().err


def test_a_name_that_is_not_there_is_answered_with_the_nearest(capsys):
    assert cli.main(["dpm_ref.check.reference", "--only", "gaussian.post"]) == 2
    assert "did you mean gaussian.posterior" in capsys.readouterr().err


# --- arrays over time -------------------------------------------------------------------------------------------------

def kept(first, dropped=0):
    """bound.terms whose kl_t has the rows from `first` on, an empty one with no other axis where none is left."""
    def f(x0, noises, beta, alpha_bar, gain, gain_var):
        pad = [np.concatenate([v[:1], v]) if dropped else v for v in (noises, beta, alpha_bar, gain, gain_var)]
        pad[1][0], pad[2][0] = 0, 1
        assert len(pad[0]) == len(pad[1])
        kl_t, *others = right("bound.terms", dict(zip(("noises", "beta", "alpha_bar", "gain", "gain_var"), pad), x0=x0))
        return np.array([*kl_t[first:]]), *others
    return f


def test_a_wrong_shape_over_time_is_answered_with_all_that_may_come():
    found = diagnose(kept(2), "bound.terms").findings[0].name
    assert found == "returns kl_t of shape (0,) where (2, 3), (1, 3) or (0, 3) is expected (only at T = 1)"
    found = diagnose(lambda beta: np.ones(len(beta) + 1), "schedule.alpha_bar").findings[0].name
    assert "of shape (7,) where (6,) or (5,) is expected" in found


@pytest.mark.parametrize("first", [0, 1])
def test_kl_t_may_have_a_row_for_t_0_or_none_where_steps_count_from_0(first):
    assert diagnose(kept(first, 1), "bound.terms", t_first=0).status == "passed"
