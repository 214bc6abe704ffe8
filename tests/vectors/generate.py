"""Write the test vectors: python tests/vectors/generate.py (--check compares with the files that are there).

Expected values come from `fifty_digits`, never from the functions under test. Every case carries flags; a case is
written only if, for each of its flags, some named mistake with that flag gives a clearly different result for it.
"""
import json
import sys

import numpy as np
import make_cases
import make_today

from dpm_ref.check.cases import VECTORS, VERSION, decode, difference, encode
from dpm_ref.check.catalogue import CATALOGUE
from dpm_ref.check.mistakes import FLAGS, MISTAKES, wrong

TOPICS = {**make_cases.TOPICS, **make_today.TOPICS}
TOLERANCE = {"gradient": (1e-8, 1e-10), "training": (1e-6, 1e-8)}


def document(topic):
    """One vector file as plain data: the flags that occur, explained, and the cases."""
    cases = [as_case(topic, *made) for part in TOPICS[topic] for made in part()]
    idle = [f"{case['id']}: no mistake flagged {flag} changes this case"
            for case in cases for flag in case["flags"] if not catches(case, flag)]
    assert not idle, "\n".join(idle)
    flags = sorted({flag for case in cases for flag in case["flags"]})
    return {"topic": topic, "version": VERSION, "schema": "schema.json",
            "flags": {flag: FLAGS[flag] for flag in flags}, "cases": cases}


def as_case(topic, function, name, flags, inputs, expected, law=None):
    """One case as JSON has it; `law` is (mean, var) or (rate,) of the distribution of which the result is a draw."""
    entry, (rtol, atol) = CATALOGUE[function], TOLERANCE.get(topic, (1e-9, 1e-12))
    case = {"id": f"{function}/{name}", "function": function, "equation": entry.equation,
            "inputs": {k: encode(v) for k, v in inputs.items()},
            "expected": {k: numbers(v) for k, v in zip(entry.returns, expected, strict=True)}}
    if law:
        case["law"] = {k: numbers(v) for k, v in zip(("mean", "var") if len(law) == 2 else ("rate",), law)}
    return {**case, "rtol": rtol, "atol": atol, "flags": flags.split()}


def numbers(values):
    """50-digit numbers as JSON has them."""
    return encode(np.vectorize(float)(values))


def catches(case, flag):
    """Does some named mistake with this flag change the result of this case by 100 tolerances?"""
    inputs, expected = decode(case["inputs"]), decode(case["expected"])
    for mistake in MISTAKES:
        if mistake.function == case["function"] and mistake.flag == flag:
            value = wrong(mistake, inputs)
            got = dict(zip(expected, value if isinstance(value, tuple) else (value,)))
            if difference(got, expected, case["rtol"], case["atol"]) > 100:
                return True
    return False


def text(data):
    """JSON with one case to a line: short to read, short to compare."""
    cases = ",\n".join("  " + json.dumps(case) for case in data["cases"])
    head = json.dumps({k: v for k, v in data.items() if k != "cases"}, indent=1)
    return head[:-2] + ',\n "cases": [\n' + cases + "\n ]\n}\n"


def main(arguments):
    """Write the vectors, or with --check compare; returns the exit status."""
    stale = []
    for topic in TOPICS:
        path, new = VECTORS / f"{topic}.json", text(document(topic))
        if "--check" in arguments:
            if not path.exists() or path.read_text() != new:
                stale.append(topic)
        else:
            path.write_text(new)
    print(f"not what the generator writes: {', '.join(stale)}" if stale else "all files are up to date")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
