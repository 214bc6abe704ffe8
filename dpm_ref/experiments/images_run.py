"""The commands for trained models: main_train, main_figure and main_tables, each with a list of words from the command line."""
import argparse
import time
from pathlib import Path

import numpy as np

from .. import trajectory
from ..plots import points, style
from . import ROWS
from .diagram import figure_d1
from .images_model import IMAGE_ROWS, MODELS, load_model
from .images_tables import keep_parzen, parzen_of_model, table_1, table_2
from .run import trained

FIGURES = {"1": "swiss_roll", "gif": "swiss_roll", "2": "heartbeat", "3": "cifar10", "4": "dead_leaves", "5": "bark",
           "app1": "mnist", "d1": "cifar10"}


def main_train(argv):
    """python -m dpm_ref train ROW --minutes 60: train, measure, write runs/<row>.npz.

    Eq. (15), §2.4
    """
    from .images_train import train_images
    p = argparse.ArgumentParser(prog="python -m dpm_ref train", description="Train an image model and measure its K.")
    p.add_argument("row", choices=IMAGE_ROWS)
    p.add_argument("--minutes", type=float, default=60, help="of training in all, those before --resume included (default 60)")
    p.add_argument("--steps", type=int, help="of training in all, in place of --minutes: then a seed gives the same model")
    p.add_argument("--from", dest="start", metavar="MODEL", help="file of a model whose weights to start from; its seconds count")
    p.add_argument("--seed", type=int, default=0, help="of parameters, data and noise (default 0)")
    p.add_argument("--runs", default="runs", help="folder for the checkpoints (default runs)")
    p.add_argument("--resume", action="store_true", help="go on from the checkpoint in --runs")
    p.add_argument("--out", default="runs", help="folder for the trained model (default runs)")
    options = p.parse_args(argv)
    if not options.minutes > 0 or options.steps is not None and options.steps < 1:
        p.error(f"--minutes must be above 0 and --steps at least 1; got {options.minutes:g} and {options.steps}")
    try:
        path = train_images(options.row, options.minutes, options.seed, options.runs, options.resume, options.out, options.steps,
                            options.start)
    except KeyboardInterrupt:
        return 130
    words = load_model(options.row, options.out).words
    print(f"{path}: K = {words['K']:.3f} ± {words['K_error']:.3f}, K - L_null = {words['gain']:.3f} {IMAGE_ROWS[options.row].UNIT}")
    print(f"draw from it with: python -m dpm_ref figure {next(f for f, row in FIGURES.items() if row == options.row)} --models {options.out}")
    return 0


def main_figure(argv):
    """python -m dpm_ref figure 1|2|3|4|5|app1|d1|gif: draw a figure from a trained model.

    text, §3
    """
    p = argparse.ArgumentParser(prog="python -m dpm_ref figure", description="Draw a figure from a trained model.")
    p.add_argument("figure", choices=FIGURES)
    p.add_argument("--models", default=MODELS, help="folder of the trained models (default: those of the package)")
    p.add_argument("--steps", type=int, default=250, help="T of an image chain, which stops at so many of the trained chain's "
                                                          "levels of noise (default 250, a minute; trained are 1000, for bark 500)")
    p.add_argument("--seed", type=int, default=0, help="of data and noise (default 0)")
    p.add_argument("--out", default="figures", help="folder for the figures (default figures)")
    options = p.parse_args(argv)
    if options.steps < 2:
        p.error(f"--steps must be at least 2; got {options.steps}")
    start = time.perf_counter()
    try:
        print(*draw(options.figure, options.models, options.steps, options.seed, options.out))
    except FileNotFoundError as error:
        name = FIGURES[options.figure]
        how = f"train {name} --out" if name in IMAGE_ROWS else f"{name} --keep"
        p.error(missing(error, f"{how} {options.models}"))
    print(f"{time.perf_counter() - start:.0f} s")
    return 0


def missing(error, command):
    """What to say where a file is missing: a model, which a command of ours makes, or data, which the error explains."""
    return f"{error.filename} is not there: python -m dpm_ref {command} makes it" if error.filename else str(error)


def draw(figure, models, steps, seed, out):
    """Draw one figure; return the paths of its files.

    text, §3
    """
    name, rng = FIGURES[figure], np.random.default_rng(seed)
    if figure == "d1":
        return style.save(figure_d1(IMAGE_ROWS[name]), out, "figure_d1_network")
    if name in IMAGE_ROWS:
        model = load_model(name, models, steps)
        return style.save(model.row.figure(model, rng), out, model.row.FIGURE)
    reverse, _ = trained(name, Path(models) / f"{name}.npz")
    if figure == "gif":
        return [roll_gif(ROWS[name], reverse, rng, Path(out) / "swiss_roll.gif")]
    return style.save(ROWS[name].figure(reverse, rng), out, ROWS[name].FIGURE)


def roll_gif(row, reverse, rng, path, N=1500):
    """The roll that dissolves and forms again, as an animation; return its path.

    Figure 1
    """
    forward = trajectory.forward_trajectory(row.KERNEL, row.draw_data(rng, N), row.SCHEDULE, trajectory.noises(row.KERNEL, rng, (N, 2), row.SCHEDULE.T))
    back = trajectory.reverse_trajectory(row.KERNEL, reverse, trajectory.start(row.KERNEL, rng, (N, 2)), row.SCHEDULE,
                                         trajectory.noises(row.KERNEL, rng, (N, 2), row.SCHEDULE.T))
    return points.roll_gif(dict(forward), dict(back), path)


def main_tables(argv):
    """python -m dpm_ref tables: the image rows of Table 1 and the MNIST row of Table 2.

    Table 1, §3
    """
    p = argparse.ArgumentParser(prog="python -m dpm_ref tables", description="The image rows of Tables 1 and 2.")
    p.add_argument("--models", default=MODELS, help="folder of the trained models (default: those of the package)")
    p.add_argument("--measure", action="store_true", help="measure K again (minutes), do not read it from the model's file")
    p.add_argument("--samples", type=int, default=0, help="draw so many MNIST samples for Table 2 (10000 by 150 steps: half an hour) and keep "
                                                          "the estimate in the model's file; default 0: read it there")
    p.add_argument("--steps", type=int, help="draw them by a chain of so many steps, not the row's own 1000: faster, rougher")
    options = p.parse_args(argv)
    if options.samples < 0 or options.steps is not None and options.steps < 2:
        p.error(f"--samples must be at least 0 and --steps at least 2; got {options.samples} and {options.steps}")
    if options.steps and not options.samples:
        p.error(f"--steps {options.steps} says how samples are drawn, and without --samples none are: give both")
    if options.samples:
        try:
            words = parzen_of_model(options.models, options.samples, options.steps)
        except FileNotFoundError as error:
            p.error(missing(error, f"train mnist --out {options.models}"))
        print("{:.1f} ± {:.1f} bits, windows of width {:.3f}".format(*words["parzen"]))
        keep_parzen(options.models, words)
    print(table_1(options.models, options.measure) + "\n\n" + table_2(options.models))
    return 0
