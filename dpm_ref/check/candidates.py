"""Candidates for an explanation: what an implementation with a certain fault would return.

Three kinds: the mistakes of this function; the right formula with an argument that was changed before the call; and
either of them with an output that was changed afterwards.
"""
from functools import lru_cache
from itertools import combinations
from typing import Callable, NamedTuple

import numpy as np

from .catalogue import CATALOGUE, kind
from .mistakes import FORMULAS, MISTAKES, evaluate, right, wrong
from .mistakes.anywhere import ARGUMENTS, COMMON, OF_SAMPLES, OUTPUTS
from .mistakes.causes import INPUTS, PIECES
from .mistakes.written import WRITTEN, broken, value


class Candidate(NamedTuple):
    """One fault that may explain a result."""
    name: str
    advice: str
    answer: Callable        # of a case: what is returned with this fault
    cost: int               # the simplest of those that fit is reported
    choice: bool = False
    equation: str = ""      # where it is not the function's own
    each: bool = False      # acts on each output by itself


def kept(f):
    """f(inputs) as a function of a case; what it returns for a case with an id is kept, to be asked for again."""
    known = {}

    def answer(case):
        if "id" not in case:
            return f(case["inputs"])
        if case["id"] not in known:
            known[case["id"]] = f(case["inputs"])
        return known[case["id"]]
    return answer


@lru_cache(maxsize=None)
def named(function):
    """The mistakes of this function."""
    return [Candidate(m.name, m.advice, kept(lambda inputs, m=m: wrong(m, inputs)), 1, m.choice, m.equation)
            for m in MISTAKES if m.function == function]


def arguments_changed(function, inputs):
    """The right formula with one of its arguments changed before it is called; `inputs` show their shapes."""
    def candidate(name, advice, change):
        return Candidate(name, advice, kept(lambda inputs: right(function, changed(inputs, change(inputs)))), 2)

    for a, b in combinations(inputs, 2):
        alike = np.shape(inputs[a]) == np.shape(inputs[b]) and kind(a) == kind(b)
        if alike and kind(a) in ("x", "var", "time", "nats"):
            yield candidate(f"{a} and {b} exchanged", "Check the order of the arguments.",
                            lambda i, a=a, b=b: {a: i[b], b: i[a]})
    yield from (candidate(*row) for row in INPUTS)
    if not function.startswith(("gradient", "training")):                   # which are slow
        formula = FORMULAS[function]
        yield from (Candidate(name, advice, kept(lambda inputs, wrong=wrong: evaluate(
            formula.right, formula, inputs, wrong)), 2) for name, advice, wrong in PIECES)
    for name in inputs:
        for words, fault, advice, change in ARGUMENTS:
            if {name, kind(name)} & set(words.split()):
                yield candidate(fault.format(name), advice.format(name),
                                lambda i, name=name, change=change: {name: change(i[name])})


def changed(inputs, new):
    """The inputs with some of them replaced; alpha_bar follows where beta is."""
    return {**{n: v for n, v in inputs.items() if n != "alpha_bar" or "beta" not in new}, **new}


def outputs_changed(function, inputs):
    """The right formula with its outputs, or one of them, changed."""
    base = Candidate("", "", kept(lambda inputs: right(function, inputs)), 1)
    returns = CATALOGUE[function].returns
    words = [w for w in OUTPUTS if w not in OF_SAMPLES or not all(kind(n) == "time" for n in returns)]
    for names in [returns] + ([(n,) for n in returns] if 1 < len(returns) <= 4 else []):
        yield from (with_output(base, word, *OUTPUTS[word], names, returns) for word in words)


def held(function, outcomes):
    """The right formula with an output held at the smallest or the largest number that came back."""
    base, returns = Candidate("", "", kept(lambda inputs: right(function, inputs)), 1), CATALOGUE[function].returns
    for name in outcomes[0].got:
        got, expected = (np.concatenate([np.ravel(o[name]) for o in each]) for each in zip(*(
            (o.got, o.expected) for o in outcomes)))
        for word, end, change in (("at least", np.min(got), np.maximum), ("at most", np.max(got), np.minimum)):
            if np.sum((got == end) & (expected != end)) > 1:
                guard = word == "at least" and 0 < end < 0.01 and (kind(name) == "var" or name in ("alpha_bar", "beta"))
                relu = " (a ReLU?)" if word == "at least" and end == 0 else ""
                yield with_output(base, f"{word} {end:.4g}{relu}", lambda a, change=change, end=end: change(a, end),
                                  "A guard against log(0)." if guard else "Nothing bounds this number.",
                                  (name,), returns)._replace(choice=guard)


def named_and_changed(function, inputs):
    """Every named mistake with its outputs changed: for functions that are cheap to call."""
    if not function.startswith(("gradient", "training")):
        returns = CATALOGUE[function].returns
        yield from (with_output(c, word, *OUTPUTS[word], returns, returns)
                    for c in named(function) if not c.choice for word in COMMON)


def places(function, inputs):
    """The formula as it is written, with one place of it wrong."""
    for name, expression in WRITTEN.get(function, {}).items():
        for words, (code, names) in broken(expression, frozenset(inputs)):
            def answer(inputs, name=name, code=code, names=names):
                new = value(code, names, lambda n: evaluate(n, FORMULAS[function], inputs), inputs)
                return tuple({**by_name(right(function, inputs), CATALOGUE[function].returns), name: new}.values())
            label = f"in {name}, {words}" if len(WRITTEN[function]) > 1 else words
            yield Candidate(label, f"Right: {name} = {expression}.", kept(answer), 3, each=True)


def with_output(candidate, word, change, advice, names, returns):
    """The candidate with a change, called `word`, of some of its outputs."""
    def answer(case):
        values = by_name(candidate.answer(case), returns)
        shapes = {n: np.shape(expected) for n, expected in case["expected"].items()}
        whole = {n: np.broadcast_to(np.asarray(v, dtype=float), shapes[n]) for n, v in values.items()}
        return tuple(change(v) if n in names else v for n, v in whole.items())
    label = word if names == returns else f"{', '.join(names)} {word}"
    return Candidate("; ".join(filter(None, [candidate.name, label])), f"{candidate.advice} {advice}".strip(), answer,
                     candidate.cost + 1, each=not candidate.name)


def by_name(value, returns):
    """What a formula returns, as a dict."""
    return dict(zip(returns, value if isinstance(value, tuple) else (value,)))
