"""The package against the test vectors, and the vectors against their generator and schema."""
import ast
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from dpm_ref import bound, gaussian, train
from dpm_ref.check import reference
from dpm_ref.check.cases import VECTORS, load
from dpm_ref.check.catalogue import CATALOGUE
from dpm_ref.check.conventions import conventions_of
from dpm_ref.check.mistakes import MISTAKES
from dpm_ref.check.reference import ADAPTER
from dpm_ref.check.report import ok
from dpm_ref.check.run import run, run_case

CASES = [case for cases in load().values() for case in cases]
FILES = sorted(p for p in VECTORS.glob("*.json") if p.name != "schema.json")


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_package_agrees_with_the_vector(case):
    name, notes = case["function"], set()
    outcome = run_case(ADAPTER[name], name, case, conventions_of(ADAPTER["conventions"], name), 10.0, notes)
    assert outcome.passed, outcome.error or outcome.ratios
    assert not notes


@pytest.mark.slow
def test_the_files_are_what_the_generator_writes(capsys):
    pytest.importorskip("mpmath")
    sys.path.insert(0, str(Path(__file__).parent / "vectors"))
    from generate import main
    assert main(["--check"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("path", FILES, ids=[p.stem for p in FILES])
def test_the_file_obeys_the_schema(path):
    schema = json.loads((VECTORS / "schema.json").read_text())
    errors = list(violations(json.loads(path.read_text()), schema, schema, path.stem))
    assert not errors, errors[:3]


@pytest.mark.parametrize("spoil", [
    lambda d: d.pop("flags"), lambda d: d.update(more=1), lambda d: d.update(cases=[]),
    lambda d: d["cases"][0].pop("rtol"), lambda d: d["cases"][0].update(rtol="small"),
    lambda d: d["cases"][0]["inputs"].update(x="nan"), lambda d: d["cases"][0].update(flags=[])])
def test_the_schema_is_strict(spoil):
    schema, data = (json.loads((VECTORS / name).read_text()) for name in ("schema.json", "kl.json"))
    spoil(data)
    assert list(violations(data, schema, schema, "kl"))


def violations(value, rule, schema, where):
    """What breaks the part of JSON Schema that schema.json uses."""
    if "$ref" in rule:
        yield from violations(value, schema["$defs"][rule["$ref"].split("/")[-1]], schema, where)
        return
    if "anyOf" in rule and all(list(violations(value, r, schema, where)) for r in rule["anyOf"]):
        yield f"{where}: fits none of the alternatives"
    if "enum" in rule and value not in rule["enum"]:
        yield f"{where}: not one of {rule['enum']}"
    types = {"object": dict, "array": list, "string": str, "number": (int, float)}
    if "type" in rule and (not isinstance(value, types[rule["type"]]) or isinstance(value, bool)):
        yield f"{where}: not a {rule['type']}"
        return
    if "pattern" in rule and not re.search(rule["pattern"], value):
        yield f"{where}: {value!r} does not fit {rule['pattern']}"
    if "exclusiveMinimum" in rule and value <= rule["exclusiveMinimum"]:
        yield f"{where}: not above {rule['exclusiveMinimum']}"
    if isinstance(value, list) and not rule.get("minItems", 0) <= len(value) <= rule.get("maxItems", 1e9):
        yield f"{where}: {len(value)} items"
    if isinstance(value, list) and "items" in rule:
        for i, item in enumerate(value):
            yield from violations(item, rule["items"], schema, f"{where}[{i}]")
    if isinstance(value, dict):
        yield from (f"{where}: {name} is missing" for name in rule.get("required", ()) if name not in value)
        for name, item in value.items():
            inner = rule.get("properties", {}).get(name, rule.get("additionalProperties"))
            if inner is False:
                yield f"{where}: {name} is not allowed"
            elif isinstance(inner, dict):
                yield from violations(item, inner, schema, f"{where}.{name}")


@pytest.mark.slow
def test_the_installed_jsonschema_agrees():
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((VECTORS / "schema.json").read_text())
    for path in FILES:
        jsonschema.validate(json.loads(path.read_text()), schema)


def test_every_function_has_vectors_a_reference_and_mistakes():
    assert set(load()) == set(CATALOGUE) == set(ADAPTER) - {"conventions"} == {m.function for m in MISTAKES}


def test_every_case_has_the_arguments_and_results_of_its_function():
    extra = {"product.denoise": {"xt"}}       # there to tempt: the wrong point for the gradient
    for case in CASES:
        entry = CATALOGUE[case["function"]]
        assert set(case["inputs"]) == set(entry.arguments) | extra.get(case["function"], set()), case["id"]
        assert tuple(case["expected"]) == entry.returns, case["id"]
        assert case["equation"] == entry.equation


def test_ids_are_unique_and_flags_are_explained():
    ids = [case["id"] for case in CASES]
    assert len(set(ids)) == len(ids)
    for path in FILES:
        data = json.loads(path.read_text())
        assert {f for case in data["cases"] for f in case["flags"]} == set(data["flags"])


# --- the package's adapter -------------------------------------------------------------------------------------------

def test_the_adapter_of_the_package_only_renames():
    tree = ast.parse(Path(reference.__file__).read_text())
    computing = (ast.BinOp, ast.AugAssign, ast.For, ast.While)
    assert [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, computing)] == []
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    from_numpy = {node.attr for node in attributes if isinstance(node.value, ast.Name) and node.value.id == "np"}
    assert from_numpy <= {"array", "concatenate", "eye", "full", "random", "tile", "zeros"}
    names = {node.attr for node in attributes} | {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not [name for name in names if "grad" in name and not name.startswith("gradient_")]


def terms_given(x0, noises, schedule, reverse):
    return bound.terms_given(gaussian, reference.normal(reverse), x0, schedule, noises[2:])[:4]


def sampled_K(x0, noises, schedule, reverse):
    """Where every t is drawn once for each point."""
    draws = len(noises) - 2
    given = reference.Given([array for n in range(len(x0)) for array in (np.full(draws, 0.5), noises[2:, n])])
    return bound.sampled_K(gaussian, reference.normal(reverse), x0, schedule, given, draws, power=0)


AGAIN = {"bound.terms": terms_given, "bound.K_true": sampled_K}


def test_what_the_package_computes_in_two_ways_passes_in_both():
    assert [r.status for r in run(AGAIN, list(AGAIN))] == ["passed", "passed"]


@pytest.mark.parametrize("function", [bound.terms, bound.terms_given, bound.sampled_K, bound.draw_t, train.ascend])
@pytest.mark.every(2)
def test_the_vectors_reach(function, monkeypatch):
    calls, module = [], bound if hasattr(bound, function.__name__) else train
    monkeypatch.setattr(module, function.__name__, lambda *a, **k: (calls.append(1), function(*a, **k))[1])
    assert ok([r for adapter in (ADAPTER, AGAIN) for r in run(adapter)]) and calls
