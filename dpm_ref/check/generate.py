"""Write the test vectors: python -m dpm_ref.check.generate (--check compares with the files that are there).

Expected values come from `fifty`, never from the functions under test. Every case carries flags; a case is written
only if, for each of its flags, some mistake of the bank with that flag gives a clearly different result for it.
"""
import json
import sys

import numpy as np

from .bank import BANK, FLAGS
from .catalogue import CATALOGUE
from .cases import VECTORS, decode, difference, encode

try:
    from .topics import TOPICS
except ImportError:
    TOPICS = None       # mpmath is not installed

TOLERANCE = {"gradient": (1e-8, 1e-10), "training": (1e-6, 1e-8)}


def document(topic):
    """One vector file as plain data: the flags that occur, explained, and the cases."""
    rtol, atol = TOLERANCE.get(topic, (1e-9, 1e-12))
    cases = []
    for part in TOPICS[topic]:
        for function, name, flags, inputs, expected, *law in part():
            entry = CATALOGUE[function]
            case = {"id": f"{function}/{name}", "function": function, "equation": entry.equation,
                    "inputs": {k: encode(v) for k, v in inputs.items()},
                    "expected": {k: encode(np.vectorize(float)(v)) for k, v in zip(entry.returns, expected, strict=True)}}
            if law:
                case["law"] = {k: encode(np.vectorize(float)(v)) for k, v in zip(("mean", "var") if len(law[0]) == 2 else ("rate",), law[0])}
            cases.append({**case, "rtol": rtol, "atol": atol, "flags": flags.split()})
    idle = [f"{case['id']}: no mistake flagged {flag} changes this case" for case in cases for flag in case["flags"] if not catches(case, flag)]
    assert not idle, "\n".join(idle)
    flags = sorted({flag for case in cases for flag in case["flags"]})
    return {"topic": topic, "schema": "schema.json", "flags": {flag: FLAGS[flag] for flag in flags}, "cases": cases}


def catches(case, flag):
    """Does some mistake of the bank with this flag change the result of this case by 100 tolerances?"""
    inputs, expected = decode(case["inputs"]), decode(case["expected"])
    for mistake in BANK:
        if mistake.function == case["function"] and mistake.flag == flag:
            with np.errstate(all="ignore"):
                wrong = mistake.wrong(**inputs)
            wrong = wrong if isinstance(wrong, tuple) else (wrong,)
            if difference(dict(zip(expected, wrong)), expected, case["rtol"], case["atol"]) > 100:
                return True
    return False


def text(data):
    """JSON with one case to a line: short to read, short to compare."""
    cases = ",\n".join("  " + json.dumps(case) for case in data["cases"])
    head = json.dumps({k: v for k, v in data.items() if k != "cases"}, indent=1)
    return head[:-2] + ',\n "cases": [\n' + cases + "\n ]\n}\n"


def main(arguments):
    """Write the vectors, or with --check compare; returns the exit status."""
    if TOPICS is None:
        print("the generator needs mpmath (pip install mpmath); the kit itself does not")
        return 2
    stale = []
    for topic in TOPICS:
        path, new = VECTORS / f"{topic}.json", text(document(topic))
        if "--check" in arguments:
            if not path.exists() or path.read_text() != new:
                stale.append(topic)
        else:
            path.write_text(new)
    print("these files differ from what the generator writes: " + ", ".join(stale) if stale else "all vector files are up to date")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
