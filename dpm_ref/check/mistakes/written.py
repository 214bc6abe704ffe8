"""Formulas as text, and every fault that one place of a formula can have: a sign, a factor, a root, an index, a name.

WRITTEN has an expression for each output. Names are those of the catalogue and of the formula's pieces. `faults` breaks
one place of an expression, and says in words which.
"""
import ast
import copy
from functools import lru_cache

import numpy as np

KL = "(log({p_var} / {q_var}) + {q_var} / {p_var} + ({q_mean} - {p_mean}) ** 2 / {p_var} - 1) / 2"
LOG_NORMAL = "-(x - {mean}) ** 2 / (2 * {var}) - log(2 * pi * {var}) / 2"
LIKE = "(xt * ({v} * (1 - beta[t]) + beta[t] * p) + (1 - xt) * (1 - {v} * (1 - beta[t]) - beta[t] * p))"
PRIOR = "(alpha_bar[t - 1] * x0 + (1 - alpha_bar[t - 1]) * p)"
ONE, ZERO = f"{LIKE} * {PRIOR}".format(v=1), f"{LIKE} * (1 - {PRIOR})".format(v=0)
STEP = "sqrt(1 - beta[t]) * x + sqrt(beta[t]) * noises[t]"
WRITTEN = {
    "schedule.constant_erasure": {"beta": "pad(1 / (T - arange(1, T + 1) + 1))"},
    "schedule.alpha_bar": {"alpha_bar": "cumprod(1 - beta)"},
    "schedule.learned": {"beta": "pad(append(beta_1, 1 / (1 + exp(-logits))))"},
    "gaussian.forward": {"mean": "sqrt(1 - beta[t]) * x", "var": "beta[t]"},
    "gaussian.marginal": {"mean": "sqrt(alpha_bar[t]) * x0", "var": "1 - alpha_bar[t]"},
    "gaussian.posterior": {
        "mean": "sqrt(alpha_bar[t - 1]) * beta[t] / (1 - alpha_bar[t]) * x0 "
                "+ sqrt(1 - beta[t]) * (1 - alpha_bar[t - 1]) / (1 - alpha_bar[t]) * xt",
        "var": "beta[t] * (1 - alpha_bar[t - 1]) / (1 - alpha_bar[t])"},
    "gaussian.kl": {"kl": KL.format(q_mean="mean_q", q_var="var_q", p_mean="mean_p", p_var="var_p")},
    "gaussian.entropy": {"H": "log(2 * pi * e * var) / 2"},
    "gaussian.log_density": {"log_q": f"certain(x, mean, var, {LOG_NORMAL.format(mean='mean', var='var')})"},
    "gaussian.draw": {"x": "mean + sqrt(var) * noise"},
    "gaussian.perturbed": {"mean": "mean + var * slope", "var": "var"},
    "binomial.forward": {"rate": "x * (1 - beta[t]) + p * beta[t]"},
    "binomial.marginal": {"rate": "x0 * alpha_bar[t] + p * (1 - alpha_bar[t])"},
    "binomial.posterior": {"rate": f"{ONE} / ({ONE} + {ZERO})"},
    "binomial.entropy": {"H": "-xlogy(rate, rate) - xlogy(1 - rate, 1 - rate)"},
    "binomial.kl": {"kl": "xlogy(rate_q, rate_q) - xlogy(rate_q, rate_p) + xlogy(1 - rate_q, 1 - rate_q) "
                          "- xlogy(1 - rate_q, 1 - rate_p)"},
    "binomial.perturbed": {"rate": "c * d / (c * d + (1 - c) * (1 - d))"},
    "bound.K": {"K": "-sum(kl_t, axis=0) + H_T - H_1 - H_p"},
    "bound.terms": {"kl_t": f"with_start(sum({KL.format(q_mean='q_mean', q_var='q_var', p_mean='p_mean', p_var='p_var')},"
                            " axis=2))", "H_T": "sum(log(2 * pi * e * (1 - alpha_bar[T])) / 2 + 0 * x0, axis=1)",
                    "H_1": "sum(log(2 * pi * e * (1 - alpha_bar[1])) / 2 + 0 * x0, axis=1)",
                    "H_p": "sum(log(2 * pi * e) / 2 + 0 * x0, axis=1)"},
    "bound.log_likelihood": {"L": "max(log_w, axis=0) + log(mean(exp(log_w - max(log_w, axis=0)), axis=0))"},
    "bound.sum_estimate": {"total": "(T - 1) * mean(kl_drawn, axis=0)"},
    "bound.L_null": {"L": "sum(-x0 ** 2 / 2 - log(2 * pi) / 2, axis=1)"},
    "bound.log_weights": {"log_w": "sum(end, axis=1) + sum(last, axis=1) + sum(p, axis=(0, 2)) - sum(q, axis=(0, 2))"},
    "bound.bits": {"bits": "nats / log(2)"},
    "reverse.mean": {"mean": "(x - z) * (1 - var) + z"},
    "reverse.variance": {"var": "1 / (1 + exp(-z) * (1 - beta[t]) / beta[t])"},
    "reverse.bumps": {"g": "exp(-(t - tau) ** 2 / (2 * w ** 2)) / sum(exp(-(t - tau) ** 2 / (2 * w ** 2)))"},
    "trajectory.forward_step": {"x_next": "sqrt(1 - beta[t]) * x + sqrt(beta[t]) * noise"},
    "trajectory.last_step": {"x_next": "sqrt(1 - beta[1]) * x1 + sqrt(beta[1]) * noise"},
    "trajectory.forward": {"path": f"forwards(x0, lambda x, t: {STEP}, T)"},
    "trajectory.reverse": {"path": "backwards(xT, lambda x, t: gain[t] * x + sqrt(gain_var[t]) * noises[t], lambda x, t: "
                                   f"{STEP}, T)"},
    "product.denoise": {"mean": "mean + var * (y - mean) / y_var", "var": "var"},
    "product.exact": {"mean": "(y_var * mean + var * y) / (var + y_var)", "var": "var * y_var / (var + y_var)"},
    "product.exponent": {"exponent": "(T - t) / T"},
    "entropy.bounds": {"lower": "log(2 * pi * e * beta[t]) / 2 + log(2 * pi * e * (1 - alpha_bar[t - 1])) / 2 "
                                "- log(2 * pi * e * (1 - alpha_bar[t])) / 2", "upper": "log(2 * pi * e * beta[t]) / 2"},
}
TWINS = [set(words.split()) for words in (
    "x0 xt x x1", "mean_q mean_p", "q_mean p_mean", "var_q var_p", "q_var p_var", "H_T H_1 H_p", "rate_q rate_p",
    "beta alpha_bar", "c d", "mean y", "var y_var", "x z", "gain gain_var", "t T")]


def faults(node, names):
    """(words, what replaces the node) for each fault that one node may have; `names` are those that are known."""
    say = ast.unparse
    if isinstance(node, ast.BinOp):
        L, R, new = say(node.left), say(node.right), lambda op: ast.BinOp(node.left, op, node.right)
        turned = f"{wrapped(R)} {{0}} {wrapped(L)} for {wrapped(L)} {{0}} {wrapped(R)}"
        if isinstance(node.op, (ast.Add, ast.Sub)):
            signs = ("-", "+") if isinstance(node.op, ast.Add) else ("+", "-")
            yield f"{signs[0]} {R} for {signs[1]} {R}", new(ast.Sub() if signs[0] == "-" else ast.Add())
            yield f"{R} left out", node.left
            yield f"{L} left out", node.right if signs[0] == "-" else ast.UnaryOp(ast.USub(), node.right)
        if isinstance(node.op, ast.Sub):
            yield turned.format("-"), ast.BinOp(node.right, node.op, node.left)
            yield f"the root of {L} - {R}", call("sqrt", node)
            yield f"{L} - {R} squared", ast.BinOp(node, ast.Pow(), ast.Constant(2))
        if isinstance(node.op, ast.Mult):
            yield f"divided by {R}, not multiplied", new(ast.Div())
            yield f"divided by {L}, not multiplied", ast.BinOp(node.right, ast.Div(), node.left)
            yield f"the factor {R} left out", node.left
            yield f"the factor {L} left out", node.right
            yield f"{L} + {R} for {L} * {R}", new(ast.Add())
        if isinstance(node.op, ast.Div):
            yield f"multiplied by {R}, not divided", new(ast.Mult())
            yield f"not divided by {R}", node.left
            yield turned.format("/"), ast.BinOp(node.right, node.op, node.left)
            yield f"divided by the root of {R}", ast.BinOp(node.left, node.op, call("sqrt", node.right))
            yield f"divided by the square of {R}", ast.BinOp(node.left, node.op, ast.BinOp(node.right, ast.Pow(),
                                                                                         ast.Constant(2)))
        if isinstance(node.op, ast.Pow):
            yield f"{L} not squared", node.left
    elif isinstance(node, ast.UnaryOp):
        yield f"the sign of {say(node.operand)}", node.operand
    elif isinstance(node, ast.Call) and node.func.id in ("sqrt", "log", "exp", "cumprod", "sum", "mean"):
        yield f"no {node.func.id} of {say(node.args[0])}", node.args[0]
        if node.func.id in ("sum", "mean"):
            other = {"sum": "mean", "mean": "sum"}[node.func.id]
            yield f"a {other} for a {node.func.id}", ast.Call(ast.Name(other, ast.Load()), node.args, node.keywords)
    elif isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Tuple):
        for new in {"t": ("t - 1", "t + 1"), "t - 1": ("t", "t - 2"), "T": ("T - 1",), "1": ("0", "2")}.get(
                say(node.slice), ()):
            index = ast.parse(f"clip({new}, 0, T)" if new != "t" else new, mode="eval").body
            yield f"{say(node.value)}[{new}] for {say(node)}", ast.Subscript(node.value, index, node.ctx)
        yield f"the root of {say(node)}", call("sqrt", node)
        yield f"{say(node)} squared", ast.BinOp(node, ast.Pow(), ast.Constant(2))
    elif isinstance(node, ast.Constant) and node.value == 2:
        yield "the factor 2 left out", ast.Constant(1)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        for other in sorted(set().union(*(t for t in TWINS if node.id in t)) & names - {node.id}):
            yield f"{other} for {node.id}", ast.Name(other, ast.Load())
        if node.id.startswith(("var", "y_var", "q_var", "p_var")):
            yield f"the root of {node.id}", call("sqrt", node)
            yield f"{node.id} squared", ast.BinOp(node, ast.Pow(), ast.Constant(2))


def call(name, node):
    """A call of a function of one argument."""
    return ast.Call(ast.Name(name, ast.Load()), [node], [])


def wrapped(text):
    """The text in brackets where it is not one word."""
    return text if text.replace("_", "").isalnum() else f"({text})"


class Replace(ast.NodeTransformer):
    """Puts `new` in place of the node `old`."""

    def __init__(self, old, new):
        self.old, self.new = old, new

    def visit(self, node):
        return self.new if node is self.old else self.generic_visit(node)


@lru_cache(maxsize=None)
def broken(expression, names):
    """(words, expression, compiled) for each place of an expression that can be wrong; `names` are to be exchanged."""
    tree, out = ast.parse(expression, mode="eval"), {}
    for k, node in enumerate(ast.walk(tree)):
        for j in range(len(list(faults(node, names)))):
            whole = copy.deepcopy(tree)
            old = list(ast.walk(whole))[k]
            words, new = list(faults(old, names))[j]
            new = ast.fix_missing_locations(Replace(old, copy.deepcopy(new)).visit(whole))
            out.setdefault(words, compiled(new))
    return list(out.items())


def compiled(tree):
    """The code of an expression, and the names that it needs: all but those that it binds itself."""
    own = {a.arg for node in ast.walk(tree) if isinstance(node, ast.Lambda) for a in node.args.args}
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - own
    return compile(tree, "formula", "eval"), frozenset(names)


def value(code, names, find, inputs):
    """The value of a compiled expression; `find` a name that is neither an input nor a helper."""
    known = {n: inputs[n] if n in inputs else find(n) for n in names if n in inputs or n not in HELPERS}
    return eval(code, {**HELPERS, **known})


def xlogy(a, b):
    """a log b, 0 where a is 0."""
    return np.where(a == 0, 0.0, a * np.log(b))


def forwards(x, step, T):
    """The path x_0..x_T of x_t = step(x_{t-1}, t)."""
    path = [x]
    for t in range(1, T + 1):
        path.append(step(path[-1], t))
    return np.array(path)


def backwards(x, step, last, T):
    """The path x_0..x_T of x_{t-1} = step(x_t, t), or last(x_1, 1)."""
    path = [x]
    for t in range(T, 0, -1):
        path.insert(0, (step if t > 1 else last)(path[0], t))
    return np.array(path)


HELPERS = {**{n: getattr(np, n) for n in ("sqrt", "log", "exp", "cumprod", "sum", "mean", "max", "arange", "append",
                                          "clip", "pi", "e")},
           "pad": lambda a: np.append(0, a), "with_start": lambda a: np.concatenate([np.zeros((2, *a.shape[1:])), a]),
           "certain": lambda x, mean, var, log_q: np.where(var == 0, np.where(x == mean, np.inf, -np.inf), log_q),
           "xlogy": xlogy, "forwards": forwards, "backwards": backwards}
