"""The checking kit itself: every mistake found and named, broken adapters survived, nothing right called wrong."""
import ast
import inspect
import json
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from dpm_ref.check import check, cli, program
from dpm_ref.check.candidates import outputs_changed
from dpm_ref.check.cases import difference, load
from dpm_ref.check.catalogue import CATALOGUE
from dpm_ref.check.conventions import conventions_of
from dpm_ref.check.diagnose import diagnosed
from dpm_ref.check.mistakes import FLAGS, FORMULAS, MISTAKES, right, wrong
from dpm_ref.check.reference import ADAPTER
from dpm_ref.check.report import as_json, ok, text
from dpm_ref.check.run import run, run_function

HERE = Path(cli.__file__).parent


def diagnose(function, name, **conventions):
    return diagnosed(run_function(function, name, conventions_of(conventions, name), 20.0))


def right_posterior(xt, x0, t, beta, alpha_bar):
    before, after = alpha_bar[t - 1], alpha_bar[t]
    mean = np.sqrt(before) * beta[t] / (1 - after) * x0 + np.sqrt(1 - beta[t]) * (1 - before) / (1 - after) * xt
    return mean, beta[t] * (1 - before) / (1 - after) + 0 * mean


def kl(mean_q, var_q, mean_p, var_p):
    return 0.5 * (np.log(var_p / var_q) + (var_q + (mean_q - mean_p) ** 2) / var_p - 1)


# --- the mistakes ----------------------------------------------------------------------------------------------------

def as_strangers(mistake):
    """A mistake as a function that names all that its cases have."""
    def f(**inputs):
        return wrong(mistake, inputs)
    names = load()[mistake.function][0]["inputs"]
    f.__signature__ = inspect.Signature([inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY) for n in names])
    return f


@pytest.fixture(scope="module")
def diagnoses(request):
    """Of every mistake with --slow, of each tenth one without."""
    some = MISTAKES[::1 if request.config.getoption("--slow") else 10]
    return [(m, diagnose(as_strangers(m), m.function)) for m in some]


@pytest.mark.parametrize("name", FORMULAS)
def test_the_right_formula_agrees_with_every_vector(name):
    for case in load()[name]:
        value = right(name, case["inputs"])
        got = dict(zip(case["expected"], value if isinstance(value, tuple) else (value,)))
        assert difference(got, case["expected"], case["rtol"], case["atol"]) <= 1, case["id"]


def test_there_are_at_least_sixty_mistakes_with_names_of_their_own():
    assert sum(not m.choice for m in MISTAKES) >= 60
    assert len({(m.function, m.name) for m in MISTAKES}) == len(MISTAKES)


def test_every_mistake_fails_a_vector(diagnoses):
    assert [m.name for m, r in diagnoses if r.status == "passed"] == []


def test_mistakes_are_named_first(diagnoses):
    first = [r.findings and r.findings[0].name == m.name and len(r.findings) == 1 for m, r in diagnoses]
    assert np.mean(first) >= 0.95
    unnamed = [(m.function, m.name) for (m, r), f in zip(diagnoses, first) if not f
               and m.name not in (r.findings[0].ties if r.findings else ())]
    assert unnamed == []


def test_single_precision_is_said_to_be_that():
    def single(xt, x0, t, beta, alpha_bar):
        return right_posterior(xt, x0, t, beta, np.cumprod((1 - beta).astype(np.float32)))
    result = diagnose(single, "gaussian.posterior")
    assert result.status == "wrong" and "dtype = 'float32'" in result.findings[0].name
    larger = diagnose(lambda *a: [1.2 * v for v in right_posterior(*a)], "gaussian.posterior")
    assert "float32" not in " ".join(f.name for f in larger.findings)


def test_what_is_off_only_there_but_not_always_is_said_so():
    def some(x0, t, alpha_bar, p):
        odd = (np.asarray(t) >= 2) * (np.asarray(t) % 2)
        return alpha_bar[t] * x0 + (1 - alpha_bar[t]) * p + 1e-3 * odd
    found = diagnose(some, "binomial.marginal").findings
    assert len(found) == 1 and "rate is off (only at t >= 2, not always)" in found[0].name


def test_one_number_for_all_is_survived():
    found = diagnose(lambda x0, t, beta, alpha_bar: (np.sqrt(alpha_bar[t]) * x0, np.ones((1, 1))),
                     "gaussian.marginal").findings
    assert found


def test_what_has_a_name_comes_before_what_has_none():
    def two(x, t, beta):
        return x * (1 - beta[t]), 1.1 * beta[t] + beta[t] ** 3
    kinds = [f.kind for f in diagnose(two, "gaussian.forward").findings]
    assert kinds == ["mistake", "part"]


def test_mistakes_that_the_vectors_cannot_tell_apart_are_said_to_be_ties(diagnoses):
    for m, r in diagnoses:
        assert r.findings[0].name == m.name or m.name in r.findings[0].ties


def test_choices_are_called_choices_and_mistakes_mistakes(diagnoses):
    undefined = "the mean through the noise, 0/0 where beta_t = 1"          # for there eps does not say what x_0 is
    assert [m.name for m, r in diagnoses if (r.status == "different choice") != (m.choice or m.name == undefined)] == []


def test_each_flag_catches_a_mistake_and_is_carried_by_a_case():
    carried = {(case["function"], flag) for cases in load().values() for case in cases for flag in case["flags"]}
    assert set(FLAGS) == {m.flag for m in MISTAKES}
    assert [m.name for m in MISTAKES if (m.function, m.flag) not in carried] == []


# --- nothing right is called wrong -----------------------------------------------------------------------------------

def test_the_package_passes_and_quickly():
    start = time.perf_counter()
    results = run(ADAPTER)
    assert ok(results) and all(r.status == "passed" for r in results)
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("name", ["ddpm_tables", "torch_like", "image_layout"])
def test_the_examples_pass(name):
    results = [diagnosed(r) for r in run(cli.adapter_at(str(HERE / "examples" / f"{name}.py")))]
    assert ok(results), text(results)


def test_a_float32_implementation_with_0_based_tables_passes_with_its_digits():
    results = {r.function: diagnosed(r) for r in run(cli.adapter_at(str(HERE / "examples" / "ddpm_tables.py")))}
    assert results["gaussian.marginal"].status == "passed" and 3 < results["gaussian.marginal"].digits < 9
    assert results["gaussian.posterior"].status == "different choice"


def posterior_with(change):
    """The right posterior with its mean and variance changed."""
    return lambda xt, x0, t, beta, alpha_bar: change(*right_posterior(xt, x0, t, beta, alpha_bar))


def posterior_from_0(xt, x0, t, beta, alpha_bar):
    return right_posterior(xt, x0, t + 1, np.append(0, beta), np.append(1, alpha_bar))


def posterior_of_columns(xt, x0, t, beta, alpha_bar):
    return tuple(a.T for a in right_posterior(xt.T, x0.T, t, beta, alpha_bar))


def posterior_for_rows(xt, x0, t, beta, alpha_bar):
    return right_posterior(xt, x0, np.reshape(t, (-1, 1)), beta, alpha_bar)


def posterior_for_one_t(xt, x0, t, beta, alpha_bar):
    assert isinstance(t, int)
    return right_posterior(xt, x0, t, beta, alpha_bar)


CONVENTIONS = {
    "std": ({"spread": "std"}, posterior_with(lambda m, v: (m, np.sqrt(v)))),
    "log_var": ({"spread": "log_var"}, posterior_with(lambda m, v: (m, np.log(v)))),
    "0-based": ({"t_first": 0}, posterior_from_0),
    "vector": ({"t_batch": "vector"}, posterior_for_rows),
    "flat": ({"t_batch": "flat"}, posterior_for_rows),
    "one t": ({"t_batch": "number"}, posterior_for_one_t),
    "DN": ({"layout": "DN"}, posterior_of_columns),
    "one sample": ({"layout": "D"}, right_posterior),
    "images": ({"layout": "NCHW"}, right_posterior),
    "float32": ({"dtype": "float32"}, lambda **a: tuple(v.astype(np.float32) for v in right_posterior(**a))),
}


@pytest.mark.parametrize("case", CONVENTIONS)
def test_a_stated_convention_is_converted(case):
    conventions, f = CONVENTIONS[case]
    with np.errstate(all="ignore"):
        assert diagnose(f, "gaussian.posterior", **conventions).status == "passed"


@pytest.mark.parametrize("conventions", [{}, {"t_first": 0}, {"spread": "std"}, {"t_batch": "flat"}, {"layout": "D"}])
def test_the_reverse_kernel_of_a_test_follows_the_conventions(conventions):
    def f(xt, t, beta, reverse, noise):
        if np.all(np.equal(t, conventions.get("t_first", 1))):
            return np.sqrt(1 - beta[t]) * xt + np.sqrt(beta[t]) * noise
        mean, spread = reverse(xt, t)
        assert np.shape(mean) == np.shape(spread) == np.shape(xt)
        return mean + (spread if "spread" in conventions else np.sqrt(spread)) * noise
    outcomes = diagnose(f, "trajectory.reverse_step", **conventions).outcomes
    assert [o.case["id"] for o in outcomes if not o.passed and "mixed" not in o.case["id"]] == []


@pytest.mark.parametrize("result", [
    lambda m, v: {"mean": m, "var": v}, lambda m, v: [m.tolist(), v.tolist()], lambda m, v: (m, v, "more"),
    lambda m, v: type("Q", (), {"mean": m, "variance": v}), lambda m, v: np.stack([m, v])])
def test_any_reasonable_way_to_return_is_understood(result):
    assert diagnose(lambda **a: result(*right_posterior(**a)), "gaussian.posterior").status == "passed"


def test_units_and_reductions_are_converted():
    assert diagnose(lambda *a: kl(*a).sum(axis=1) / np.log(2), "gaussian.kl", unit="bits",
                    reduce="sample").status == "passed"
    assert diagnose(lambda *a: kl(*a).mean(axis=1), "gaussian.kl", reduce="pixel").status == "passed"
    assert "in bits" in diagnose(lambda *a: kl(*a) / np.log(2), "gaussian.kl").findings[0].name


def test_a_schedule_may_come_back_as_alpha_bar():
    assert diagnose(lambda T: 1 - np.arange(T + 1) / T, "schedule.constant_erasure",
                    rate="alpha_bar").status == "passed"
    assert diagnose(lambda T: 1 / np.arange(T, 0, -1.0), "schedule.constant_erasure", t_first=0).status == "passed"


# --- functions that can only draw ------------------------------------------------------------------------------------

@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 2))])
@pytest.mark.parametrize("noise, status", [
    (lambda rng, x: rng.standard_normal(x.shape), "passed"),
    (lambda rng, x: 1.1 * rng.standard_normal(x.shape), "wrong"),
    (lambda rng, x: np.sqrt(3) * rng.uniform(-1, 1, x.shape), "wrong"),
    (lambda rng, x: rng.standard_normal(x.shape) + 0.2, "wrong"),
    (lambda rng, x: 0 * x, "wrong")])
def test_draws_are_checked_by_their_law(noise, status, seed):
    rng = np.random.default_rng(seed)
    assert diagnose(lambda x, beta_t: np.sqrt(1 - beta_t) * x + np.sqrt(beta_t) * noise(rng, x),
                    "trajectory.forward_step").status == status


def test_a_mistake_in_draws_is_named():
    rng = np.random.default_rng(0)
    found = diagnose(lambda x, beta_t: np.sqrt(1 - beta_t) * x + beta_t * rng.standard_normal(x.shape),
                     "trajectory.forward_step")
    assert found.findings[0].name == "noise times beta"


def test_bits_are_checked_by_their_rate():
    rng = np.random.default_rng(0)
    assert diagnose(lambda rate: rng.random(rate.shape) < rate, "binomial.draw").status == "passed"
    assert diagnose(lambda rate: rng.random(rate.shape) > rate, "binomial.draw").status == "wrong"


# --- names -----------------------------------------------------------------------------------------------------------

def test_no_two_modules_of_the_kit_give_one_name_to_two_functions():
    found = {}
    for path in HERE.glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and path.stem != "reference":    # the package's names
                found.setdefault(node.name, []).append(path.name)
    assert not {name: places for name, places in found.items() if len(places) > 1}


# --- broken adapters -------------------------------------------------------------------------------------------------

def raises(xt, x0):
    raise ZeroDivisionError("no")


def hangs(xt, x0):
    time.sleep(2)


def leaves_python(xt, x0):
    sys.exit(3)


@pytest.mark.parametrize("f, says", [
    (raises, "raises ZeroDivisionError: no"), (lambda xt: None, "returns None"), (hangs, "takes more than"),
    (leaves_python, "raises SystemExit"), (lambda xt: (xt[:2], xt), "returns mean of shape (2, 2) where (3, 2)"),
    (lambda xt: xt, "one array where 2 values are expected"), (lambda xt: (xt,), "returns 1 values where 2"),
    (lambda xt: {"mean": xt}, "a dict without var"), (lambda xt: ("a", "b"), "returns str"),
    (lambda foo: 1, "asks for foo"),
    (lambda xt: ([[1, 2], [3]], 1), "no array"), (lambda xt: (xt * np.nan, 0 * xt), "mean is nan everywhere")])
def test_a_broken_function_gives_a_clear_line(f, says):
    result = diagnosed(run_function(f, "gaussian.posterior", conventions_of({}, "gaussian.posterior"), 0.3))
    assert result.status in ("broken", "wrong")
    assert any(says in finding.name for finding in result.findings), result.findings


@pytest.mark.parametrize("f, name, unknown", [
    (lambda x0, xt, t, beta, abar_: right_posterior(xt, x0, t, beta, abar_), "gaussian.posterior", "abar_"),
    (lambda mean_p, var_p, mean_q, variance_q: kl(mean_q, variance_q, mean_p, var_p), "gaussian.kl", "variance_q"),
    (lambda a, b, c, d, /: kl(c, d, a, b), "gaussian.kl", "a, b, c, d"),
    (lambda z, mean, **rest: mean + np.sqrt(rest["var"]) * z, "gaussian.draw", "z")])
def test_right_code_with_an_unknown_name_is_asked_and_not_accused(f, name, unknown):
    result = diagnose(f, name)
    assert result.status == "broken" and [finding.name.split("; it can offer ")[0] for finding in result.findings] == [
        f"asks for {unknown}, which the kit does not know"]
    offered = result.findings[0].name.split("; it can offer ")[1].split(", ")
    assert set(CATALOGUE[name].arguments) <= set(offered)


@pytest.mark.parametrize("f, name", [
    (lambda x_0, x_t, **rest: right_posterior(x_t, x_0, **rest), "gaussian.posterior"),
    (lambda x0, clip=False, *rest: right_posterior(rest[0], x0, *rest[1:]), "gaussian.posterior"),
    (lambda var_p, guard=0, mean_p=None, /, *, mu_q, var_q: kl(mu_q, var_q, mean_p, var_p + guard), "gaussian.kl"),
    (lambda *some, **rest: kl(**rest), "gaussian.kl"),
    (lambda eps, std, mean: mean + std * eps, "gaussian.draw"),
    (lambda mean, var, noise, eps=1e-30: mean + np.sqrt(var + eps) * noise, "gaussian.draw")])
def test_arguments_arrive_by_name_however_a_signature_has_them(f, name):
    assert diagnose(f, name).status == "passed"


def test_the_run_goes_on_after_a_broken_function(capsys):
    results = [diagnosed(r) for r in run({"gaussian.forward": raises, "gaussian.entropy": lambda: None,
                                          "bound.bits": lambda nats: nats / np.log(2)})]
    assert [r.status for r in results if r.outcomes] == ["broken", "broken", "passed"]


def test_printing_and_changing_arguments_are_noted_and_do_no_harm(capsys):
    def f(x, t, beta, noise):
        print("hello")
        x *= np.sqrt(1 - beta[t])
        x += np.sqrt(beta[t]) * noise
        return x
    result = diagnose(f, "trajectory.forward_step")
    assert result.status == "passed"
    assert {"prints to stdout, which is dropped: print to stderr to see it",
            "changes its argument x in place"} <= result.notes
    assert capsys.readouterr().out == ""


def test_an_error_at_some_cases_says_where():
    def f(xt, x0, t, beta, alpha_bar):
        if np.ndim(t):
            raise TypeError("only one t")
        return right_posterior(xt, x0, t, beta, alpha_bar)
    assert "only at a different t in each row" in diagnose(f, "gaussian.posterior").findings[0].name


def test_an_error_at_t_0_only_says_so():
    def f(x0, t, alpha_bar):
        if not (np.ndim(t) or t > 0):
            raise AssertionError
        return np.sqrt(alpha_bar[t]) * x0, 1 - alpha_bar[t]
    result = diagnose(f, "gaussian.marginal")
    assert result.status == "wrong" and [f.name for f in result.findings] == ["raises AssertionError (only at t = 0)"]


def test_two_different_errors_have_a_place_each():
    def f(x0, t, alpha_bar):
        if np.ndim(t):
            raise TypeError("one t")
        if t == 0:
            raise AssertionError
        return np.sqrt(alpha_bar[t]) * x0, 1 - alpha_bar[t]
    names = [f.name for f in diagnose(f, "gaussian.marginal").findings]
    assert names == ["raises TypeError: one t (only at a different t in each row)",
                     "raises AssertionError (only at t = 0)"]


def test_the_last_state_for_a_whole_path_is_a_wrong_shape():
    found = diagnose(lambda x0, noises, beta: x0, "trajectory.forward").findings
    assert "returns path of shape (3, 2) where (6, 3, 2) is expected" in found[0].name


class NoArray:
    """Like a tensor of bfloat16: numpy cannot read it."""
    dtype = "bfloat16"

    def __array__(self, *_, **__):
        raise TypeError("Got unsupported ScalarType BFloat16")


@pytest.mark.parametrize("value", [NoArray(), (NoArray(), NoArray()), {"mean": NoArray(), "var": 1}, object(), {}, [],
                                   "no"])
def test_what_cannot_be_read_as_numbers_is_broken_and_nothing_else(value):
    results = run({"gaussian.marginal": lambda x0: value, "bound.bits": lambda nats: nats / np.log(2)})
    results = [diagnosed(r) for r in results if r.outcomes]
    assert [r.status for r in results] == ["broken", "passed"] and text(results)


@pytest.mark.parametrize("stated", [{"samples": ["bound.K", "gaussian.kl", "reverse.bumps"]}, {"layout": "D"},
                                    {"layout": "NHWC"}])
def test_odd_conventions_end_in_a_report(stated):
    functions = {name: lambda **a: None for name in CATALOGUE}
    assert {r.status for r in map(diagnosed, run({**functions, "conventions": stated}))} == {"broken"}


@pytest.mark.slow
def test_results_of_every_odd_shape_end_in_a_report():
    def spoilt(name, spoil):
        def f(**inputs):
            value = right(name, {k: v for k, v in inputs.items() if k in CATALOGUE[name].arguments})
            return tuple(map(spoil, map(np.asarray, value if isinstance(value, tuple) else (value,))))
        return f
    for k, spoil in enumerate((np.sum, np.ravel, np.transpose, np.atleast_3d, lambda a: a * np.nan, lambda a: a.astype(int),
                  lambda a: a.ravel()[:1], lambda a: a[1:] if a.ndim else a, lambda a: 0.5 + 1.5 * a)):
        names = [name for name in CATALOGUE if not name.startswith(("gradient", "training"))][k % 3::3]
        results = [diagnosed(r) for r in run({name: spoilt(name, spoil) for name in names})]
        findings = [finding.name for r in results for finding in r.findings]
        assert text(results) and as_json(results) and not [name for name in findings if "cannot read" in name]


def test_bits_before_do_not_change_what_a_gaussian_result_is_compared_with():
    two = diagnose(lambda **a: tuple(2 * v for v in right_posterior(**a)), "gaussian.posterior").findings[0]
    diagnose(lambda x0, alpha_bar_t, p: 2 * x0, "binomial.marginal")
    assert diagnose(lambda **a: tuple(2 * v for v in right_posterior(**a)), "gaussian.posterior").findings[0] == two
    case = load()["gaussian.posterior"][0]
    with np.errstate(all="ignore"):
        assert {len(c.answer(case)) for c in outputs_changed("gaussian.posterior", case["inputs"])} == {2}


def test_an_unknown_convention_is_refused():
    with pytest.raises(ValueError, match="t_first"):
        conventions_of({"t_first": 2}, "bound.K")
    with pytest.raises(ValueError, match="unknown convention"):
        conventions_of({"tfirst": 1}, "bound.K")


# --- where no named mistake fits -------------------------------------------------------------------------------------

def test_an_unknown_mistake_is_pinned_to_its_part():
    def f(xt, x0, t, beta, alpha_bar):
        mean, var = right_posterior(xt, x0, t, beta, alpha_bar)
        return mean + 0.1 * xt, var
    finding = diagnose(f, "gaussian.posterior").findings[0]
    assert finding.kind == "part" and finding.output == "mean" and "the coefficient of xt" in finding.name


def test_a_constant_factor_and_an_offset_are_named():
    assert "constant factor 1.1" in diagnose(lambda log_w: 1.1 * ADAPTER["bound.log_likelihood"](log_w),
                                             "bound.log_likelihood").findings[0].name
    assert "constant offset 0.25" in diagnose(lambda var: 0.25 + ADAPTER["gaussian.entropy"](var),
                                              "gaussian.entropy").findings[0].name


def test_a_fault_in_one_term_of_K_is_pinned_to_the_term():
    def f(**a):
        kl_t, H_T, H_1, H_p = right("bound.terms", a)
        return kl_t, H_T, H_1 + 0.3, H_p
    findings = diagnose(f, "bound.terms").findings
    assert [f.output for f in findings] == ["H_1"]


def test_two_mistakes_at_once_are_both_named():
    def f(xt, x0, t, beta, alpha_bar):
        mean, var = right_posterior(xt, x0, t, beta, alpha_bar)
        swapped, _ = right_posterior(x0, xt, t, beta, alpha_bar)
        return swapped, np.sqrt(var)
    names = [f.name for f in diagnose(f, "gaussian.posterior").findings]
    assert len(names) == 2 and "exchanged" in names[0] and "standard deviation" in names[1]


# --- check(), reports, command line ----------------------------------------------------------------------------------

def test_check_answers_in_a_notebook(capsys):
    found = check(right_posterior, "gaussian.posterior")
    assert found.passed and "passed (14 vectors" in capsys.readouterr().out
    found = check(lambda xt, x0: (xt, x0), "gaussian.posterior")
    assert not found.passed and repr(found) + "\n" == capsys.readouterr().out
    with pytest.raises(ValueError, match="gaussian.posterior"):
        check(right_posterior, "posterior")


def test_the_report_puts_the_worst_first_and_json_says_the_same():
    results = [diagnosed(r) for r in run({"gaussian.entropy": lambda var: var,
                                          "bound.bits": lambda nats: nats / np.log(2)})]
    report = text(results)
    assert report.index("gaussian.entropy") < report.index("bound.bits")
    assert "\033" not in report and "\033" in text(results, True)
    data = json.loads(as_json(results))
    assert not data["passed"] and {f["status"] for f in data["functions"]} == {"wrong", "passed", "not checked"}


def test_the_command_line(tmp_path, capsys):
    good, bad, empty = (tmp_path / f"{name}.py" for name in ("good", "bad", "empty"))
    good.write_text("import math\ndef bound_bits(nats): return nats / math.log(2)\n")
    bad.write_text("import math\ndef bound_bits(nats): return nats * math.log(2)\n")
    empty.write_text("")
    assert cli.main([str(good)]) == 0
    assert cli.main([str(bad), "--json"]) == 1
    assert "multiplied by ln 2" in capsys.readouterr().out
    assert cli.main([str(empty)]) == 1
    assert cli.main([str(tmp_path / "missing.py")]) == 2
    assert cli.main(["dpm_ref.check.reference:ADAPTER", "--only", "schedule"]) == 0
    assert cli.main(["dpm_ref.check.reference", "--only", "nothing"]) == 2


def test_the_template_has_every_function_and_checks_nothing(tmp_path):
    path = tmp_path / "mine.py"
    assert cli.main(["--template", str(path)]) == 0
    assert cli.main(["--template", str(path)]) == 2
    written = path.read_text()
    for name, entry in CATALOGUE.items():
        assert f"def {name.replace('.', '_')}({', '.join(entry.arguments)}):" in written
    assert all(r.status == "not checked" for r in run(cli.adapter_at(str(path))))


def test_an_unfilled_template_and_a_misspelt_name_are_told_so(tmp_path, capsys):
    path = tmp_path / "mine.py"
    cli.main(["--template", str(path)])
    assert cli.main([str(path)]) == 1
    assert "unfilled template" in capsys.readouterr().err
    path.write_text("def gaussian_posteriors(xt): return xt, xt")
    assert cli.main([str(path)]) == 1
    assert "gaussian_posteriors is not in the catalogue (nearest: gaussian.posterior)" in capsys.readouterr().err
    assert "(nearest: bound.bits)" in check({"bound.bit": abs}, show=False).message


def test_an_adapter_may_define_dataclasses(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("from __future__ import annotations\nfrom dataclasses import dataclass\n\n@dataclass\nclass Q:\n"
                    "    mean: float\n    var: float\n\ndef gaussian_marginal(x0, alpha_bar_t):\n"
                    "    return Q(alpha_bar_t ** 0.5 * x0, 1 - alpha_bar_t)\n")
    assert cli.main([str(path)]) == 0


def test_a_console_without_pi_gets_a_report(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("def binomial_marginal(x0, alpha_bar_t): return x0 * alpha_bar_t + (1 - alpha_bar_t) / 2\n")
    out = subprocess.run([sys.executable, "-m", "dpm_ref.check.cli", str(path)], capture_output=True,
                         env={**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONPATH": str(HERE.parent.parent)})
    assert out.returncode == 1 and b"? = B(0.5) whatever p is" in out.stdout


def test_a_command_for_windows_keeps_its_backslashes():
    assert program.words(r"C:\me\python.exe mine.py", windows=True) == r"C:\me\python.exe mine.py"
    assert program.words("python 'my file.py'", windows=False) == ["python", "my file.py"]


@pytest.mark.parametrize("source, says", [
    ("", "stopped with status 0"), ("import sys; sys.exit(3)", "stopped with status 3"),
    ("import sys\nfor line in sys.stdin: print(line, end='', flush=True)", "answers without \"result\" or \"error\""),
    ("import time; time.sleep(60)", "does not answer within 0.9 s"),
    ("import sys\nfor line in sys.stdin: print('{\"id\": 1,\\n\"result\": {}}', flush=True)",
     "its last line: '\"result\": {}}'")])
def test_a_program_that_cannot_answer_costs_one_line_and_one_limit(tmp_path, capsys, source, says):
    path = tmp_path / "program.py"
    path.write_text(source)
    start = time.perf_counter()
    assert cli.main(["--program", f"{sys.executable} {path}", "--limit", "1"]) == 2
    assert says in capsys.readouterr().err and time.perf_counter() - start < 5


@pytest.mark.slow
def test_a_program_that_falls_silent_is_asked_once_more(tmp_path, capsys):
    path = tmp_path / "program.py"
    path.write_text(textwrap.dedent("""
        import json, sys, time
        for line in sys.stdin:
            q = json.loads(line)
            if q["function"].startswith("bound"):
                time.sleep(60)
            print(json.dumps({"id": q["id"], "error": "not offered"}), flush=True)
    """))
    assert cli.main(["--program", f"{sys.executable} {path}", "--limit", "1", "--json"]) == 1
    functions = {f["function"]: f for f in json.loads(capsys.readouterr().out)["functions"]}
    assert [name for name, f in functions.items() if f["status"] == "broken"] == ["bound.terms", "bound.terms_bits"]
    assert "nothing more was asked" in functions["bound.terms_bits"]["findings"][0]["name"]


def test_a_program_is_asked_in_json_lines(tmp_path, capsys):
    path = tmp_path / "program.py"
    path.write_text(textwrap.dedent("""
        import json, math, sys
        for line in sys.stdin:
            q = json.loads(line)
            print("some chatter")
            answer = {"error": "not offered"}
            if q["function"] == "conventions":
                answer = {"result": {"unit": "bits"}}
            if q["function"] == "bound.L_null_bits":
                p = q["inputs"]["p"]
                answer = {"result": [sum(math.log2(p if b else 1 - p) for b in row) for row in q["inputs"]["x0"]]}
            if q["function"] == "bound.L_null":
                answer = {"error": "cannot do this"}
            if q["function"] == "gaussian.entropy":
                sys.exit(1)
            print(json.dumps({"id": q["id"], **answer}), flush=True)
    """))
    assert cli.main(["--program", f"{sys.executable} {path}", "--json", "--limit", "5"]) == 1
    status = {f["function"]: f for f in json.loads(capsys.readouterr().out)["functions"]}
    assert status["bound.L_null_bits"]["status"] == "passed"
    assert "cannot do this" in status["bound.L_null"]["findings"][0]["name"]
    assert "stopped" in status["gaussian.entropy"]["findings"][0]["name"]
    assert status["bound.K"]["status"] == "not checked"


def test_the_module_runs_from_a_shell():
    out = subprocess.run([sys.executable, "-m", "dpm_ref.check.cli", "dpm_ref.check.reference", "--only", "gaussian"],
                         capture_output=True, text=True)
    assert out.returncode == 0 and "8 passed" in out.stdout


def test_one_function_of_an_adapter_is_checked_in_the_adapter_s_conventions():
    def entropy(var):                                        # which is a standard deviation
        return 0.5 * np.log(2 * np.pi * np.e * var ** 2)
    assert check({"gaussian.entropy": entropy, "conventions": {"spread": "std"}}, "gaussian.entropy", show=False).passed
    assert not check({"gaussian.entropy": entropy, "conventions": {"spread": "std"}}, "gaussian.entropy", show=False,
                     spread="var").passed
    with pytest.raises(ValueError, match="states its own conventions; got spread"):
        check({"gaussian.entropy": entropy}, spread="std")
