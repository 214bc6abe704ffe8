"""The adapters of other libraries: they pass where these are installed, compute nothing, and show planted faults."""
import ast
import importlib
import inspect
import re
import sys
import textwrap

import pytest

from dpm_ref.check import cli
from dpm_ref.check.diagnose import diagnosed
from dpm_ref.check.report import text
from dpm_ref.check.run import run

README = cli.Path(cli.__file__).parent / "README.md"
FOLDER = "dpm_ref.check.examples"
LIBRARIES = {"diffusers_ddpm": "diffusers", "lucidrains_ddpm": "denoising_diffusion_pytorch",
             "openai_ddpm": "guided_diffusion", "diffusionjax_ddpm": "diffusionjax"}
OTHERS = {"openai_ddpm": "improved_diffusion"}               # in place of the first
CHOICES = {"openai_ddpm": {"trajectory.reverse_step": "the last step by the reverse kernel, without noise"}}


def adapter(name):
    pytest.importorskip(LIBRARIES[name])
    return importlib.import_module(f"{FOLDER}.{name}")


def results(module, only=None):
    """{name: Result} of the functions that the adapter has."""
    return {r.function: r for r in map(diagnosed, run(module, only, 60)) if r.outcomes}


@pytest.mark.parametrize("name", LIBRARIES)
def test_every_function_of_the_library_passes_or_is_the_known_choice(name):
    got = results(adapter(name))
    assert len(got) == int(re.search(rf"\| `{name}` \|.*?\| (\d+) \|", README.read_text())[1])
    choices = {f: [c.name for c in r.findings] for f, r in got.items() if r.status == "different choice"}
    assert choices == {f: [c] for f, c in CHOICES.get(name, {}).items()}
    assert all(r.status in ("passed", "different choice") for r in got.values()), text(list(got.values()))


@pytest.mark.parametrize("name", LIBRARIES)
def test_where_the_library_is_missing_one_sentence_says_what_to_install(name, monkeypatch, capsys):
    for library in (LIBRARIES[name], OTHERS.get(name, "jax")):
        monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.delitem(sys.modules, f"{FOLDER}.{name}", raising=False)
    assert cli.main([f"{FOLDER}.{name}"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "pip install" in said and "this adapter needs" in said


@pytest.mark.parametrize("name", LIBRARIES)
def test_an_adapter_only_renames(name):
    tree = ast.parse((cli.Path(cli.__file__).parent / "examples" / f"{name}.py").read_text())
    computing = (ast.BinOp, ast.AugAssign, ast.For, ast.While)
    assert [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, computing)] == []
    arrays = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)
              and isinstance(node.value, ast.Name) and node.value.id in ("torch", "jnp", "np")}
    assert arrays <= {"as_tensor", "asarray", "arange", "cat", "nn", "ones_like", "zeros_like", "randn_like"}


# --- planted faults --------------------------------------------------------------------------------------------------

def with_fault(cls, method, right, wrong):
    """A subclass in whose method one expression is replaced."""
    source = textwrap.dedent(inspect.getsource(getattr(cls, method)))
    assert source.count(right) == 1
    names = {}
    exec(compile(source.replace(right, wrong), method, "exec"), sys.modules[cls.__module__].__dict__, names)
    out = type(cls.__name__, (cls,), names)
    out.__module__ = cls.__module__
    return out


FAULTS = [
    ("step", "alpha_prod_t_prev ** (0.5) * current_beta_t", "alpha_prod_t ** (0.5) * current_beta_t",
     "gaussian.posterior", "alpha_bar of t for t - 1 in c0"),
    ("step", "alpha_prod_t_prev ** (0.5) * current_beta_t", "alpha_prod_t ** (0.5) * current_beta_t",
     "convert.mean_from_v", "alpha_bar of t for t - 1 in c0"),
    ("step", "(beta_prod_t**0.5) * model_output", "beta_prod_t * model_output",
     "convert.x0_from_v", "1 - alpha_bar_t without the root"),
    ("step", "(self._get_variance(t, predicted_variance=predicted_variance) ** 0.5) * variance_noise",
     "self._get_variance(t, predicted_variance=predicted_variance) * variance_noise",
     "gaussian.posterior", "var squared"),
    ("add_noise", "(1 - alphas_cumprod[timesteps]) ** 0.5", "(1 - alphas_cumprod[timesteps])",
     "gaussian.marginal", "variance squared"),
]


@pytest.mark.parametrize("method, right, wrong, function, said", FAULTS)
def test_a_fault_planted_in_a_scheduler_of_diffusers_is_named(method, right, wrong, function, said, monkeypatch):
    module = adapter("diffusers_ddpm")
    monkeypatch.setattr(module, "Scheduler", with_fault(module.DDPMScheduler, method, right, wrong))
    got, = results(module, [function]).values()
    assert got.status == "wrong" and [f.name for f in got.findings] == [said], text([got])


@pytest.mark.parametrize("options, said", [({}, "x_0 clipped to -1..1"), (
    {"clip_sample": False, "variance_type": "fixed_large"}, "reverse variance beta_t, and 0 at t = 1")])
def test_the_settings_of_diffusers_are_different_choices(options, said, monkeypatch):
    module = adapter("diffusers_ddpm")
    monkeypatch.setattr(module, "options", options)
    got, = results(module, ["gaussian.posterior"]).values()
    assert got.status == "different choice" and [f.name for f in got.findings] == [said], text([got])


def test_another_scheduler_is_one_changed_line(monkeypatch):
    """DDIM with eta = 1 is the same chain; the root of a rounding error is left in its mean where beta_t = 1."""
    module = adapter("diffusers_ddpm")
    said = {}
    for name in "DDPMParallelScheduler", "DDIMScheduler":
        monkeypatch.setattr(module, "Scheduler", getattr(importlib.import_module("diffusers"), name))
        got = results(module, ["gaussian.marginal", "gaussian.posterior"])
        said[name] = [f"{c.output} {c.name}" for r in got.values() for c in r.findings]
    assert said["DDPMParallelScheduler"] == []
    assert len(said["DDIMScheduler"]) == 1 and "only at beta_t = 1" in said["DDIMScheduler"][0], said


def test_the_example_trains_and_prints_its_bound(capsys):
    pytest.importorskip("torch")
    importlib.import_module(f"{FOLDER}.train_and_bound").main(steps=3, N=4)
    assert capsys.readouterr().out.count("discrete decoder") == 2
