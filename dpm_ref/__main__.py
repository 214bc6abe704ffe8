"""The commands: python -m dpm_ref --help."""
import argparse
import math
import os
import signal
import sys
import time


def main(argv=None):
    """Run a command, that of the command line unless given; return the exit status. An error is one sentence."""
    argv = sys.argv[1:] if argv is None else list(argv)
    try:
        status = COMMANDS[argv[0]](argv[1:]) if argv and argv[0] in COMMANDS else toy_rows(argv)
        sys.stdout.flush()       # here, so that a closed pipe is met here and not after the end
        return status
    except KeyboardInterrupt as stopped:
        print(f"\npython -m dpm_ref: {str(stopped) or 'stopped before the end'}", file=sys.stderr)
        return 130
    except BrokenPipeError:      # the reader, such as head, has closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except (OSError, ValueError, RuntimeError, FloatingPointError) as error:
        if sys.flags.dev_mode:   # python -X dev -m dpm_ref: where it came from
            raise
        file = getattr(error, "filename", None)
        print(f"python -m dpm_ref: error: {f'{file}: {error.strerror}' if file else error}", file=sys.stderr)
        return 2


def toy_rows(argv):
    """Train the toy models of Sohl-Dickstein et al. 2015, print their rows of Table 1, draw Figures 1 and 2."""
    from .experiments import ROWS, job
    p = parser(toy_rows, "", "commands, each with its own --help:\n"
               + "".join(f"  {name:8}{command.__doc__}\n" for name, command in COMMANDS.items())
               + "\nan error is one sentence; python -X dev -m dpm_ref ... shows where it came from")
    p.add_argument("row", nargs="?", help=f"one of {', '.join(job.TOYS)} (default both)")
    p.add_argument("--network", choices=("paper", "mlp"), help="the paper's network or the better one (default both)")
    p.add_argument("--keep", help="folder for the trained models, small files; figure --models takes this folder")
    training_options(p)
    p.add_argument("--out", default="runs", help="folder for the figures (default runs)")
    options, more = p.parse_known_args(argv)
    options = vars(options)
    row, network = options.pop("row"), options.pop("network")
    if row not in (None, *job.TOYS):
        there = f"the rows are {', '.join(job.TOYS)}, the commands {', '.join(COMMANDS)}"
        p.error(f"{row} is trained by: python -m dpm_ref train {row}" if row in ROWS else
                f"there is no row or command {row!r}; {there}")
    if more:
        p.error(f"unrecognized arguments: {' '.join(more)}")
    return job.toy_rows([row] if row else job.TOYS, [network] if network else ["mlp", "paper"], **options)


def train(argv):
    """train the network of a row, measure its K, write runs/ROW.npz"""
    from .engine.storage import check_free
    from .experiments import ROWS, learned_schedule, models, paper_networks, training
    p = parser(train, "train")
    p.add_argument("row", choices=ROWS)
    p.add_argument("--network", help="of a toy row: mlp, the better one (default), paper, paper-to-the-end (17 and 36 "
                   "minutes); of the roll also learned-rates (16 minutes)")
    budget = p.add_mutually_exclusive_group()
    budget.add_argument("--minutes", type=above_0,
                        help="of training in all, with those of earlier runs (default 60; toy rows: their steps)")
    budget.add_argument("--steps", type=at_least(1),
                        help="of training in all, in place of minutes: then a seed gives the same model")
    p.add_argument("--from", dest="start", metavar="MODEL",
                   help="file of a model, of this network or a narrower one, whose weights to start from; its "
                   "seconds count")
    training_options(p)
    p.add_argument("--out", default="runs", help="folder for the trained model (default runs)")
    options = vars(p.parse_args(argv))
    row, out = ROWS[options.pop("row")], options.pop("out")
    apart = {"paper-to-the-end": paper_networks, "learned-rates": learned_schedule}.get(options["network"])
    path = os.path.join(out, apart.file(row.name) if apart else f"{row.name}.npz")
    check_free(path, options["overwrite"] or options["resume"])
    if apart:
        if options["minutes"] or options["steps"] or options["start"]:
            p.error(f"--network {options['network']} has its own steps and start: leave out --minutes, --steps, --from")
        model = apart.make(row.name, path, **{name: options[name] for name in ("seed", "runs", "resume", "overwrite")})
    else:
        model = training.train_row(row.name, **options)
        models.save(path, model)
    w = model.words
    print(f"{path}: K = {w['K']:.3f} ± {w['K_error']:.3f}, K - L_null = {w['gain']:.3f} {row.unit}")
    if not apart:
        print(f"draw from it with: python -m dpm_ref figure {row.number} --models {out}")
    return 0


def figure(argv):
    """draw a figure from a trained model"""
    from .experiments import figures, models
    p = parser(figure, "figure")
    p.add_argument("figure", choices=figures.FIGURES)
    models_option(p, models.FOLDER)
    p.add_argument("--steps", type=at_least(2),
                   help="of an image chain, which stops at so many of the trained chain's levels of noise "
                        "(default 250, a minute; trained are 1000, for bark 500)")
    p.add_argument("--seed", type=at_least(0), default=0, help="of data and noise (default 0)")
    p.add_argument("--out", default="runs", help="folder for the figure (default runs)")
    p.add_argument("--overwrite", action="store_true", help="replace an older figure there")
    options, start = p.parse_args(argv), time.perf_counter()
    without_effect(p, options, *figures.IGNORED.get(options.figure, ()), where=f"on figure {options.figure}")
    try:
        print(*figures.draw(options.figure, options.models, options.steps or 250, options.seed, options.out,
                            options.overwrite))
    except FileNotFoundError as error:
        p.error(missing(error, figures.FIGURES[options.figure], options.models))
    print(f"{time.perf_counter() - start:.0f} s")
    return 0


def tables(argv):
    """print the image rows of Table 1, and Table 2"""
    from .engine.storage import check_free
    from .experiments import models, tables as ours
    p = parser(tables, "tables")
    models_option(p, models.FOLDER)
    p.add_argument("--measure", action="store_true", help="measure K again (minutes), do not read it from the files")
    p.add_argument("--samples", type=at_least(1),
                   help="estimate Table 2 anew from so many MNIST samples (10000 by 50 steps: a quarter of an hour)")
    p.add_argument("--steps", type=at_least(2), help="of the chain that draws them (default 1000, as trained)")
    p.add_argument("--out", default=os.path.join("runs", "mnist.npz"),
                   help="file for the MNIST model with the new estimate (default runs/mnist.npz)")
    p.add_argument("--overwrite", action="store_true", help="replace this file where it exists")
    options = p.parse_args(argv)
    if not options.samples:
        without_effect(p, options, "steps", "out", "overwrite", where="without --samples")
    try:
        if options.samples:
            check_free(options.out, options.overwrite)
            model = ours.with_parzen(options.models, options.samples, options.steps)
            models.save(options.out, model)
            estimate = "{:.1f} ± {:.1f} bits, windows of width {:.3f}".format(*model.words["parzen"])
            print(f"{estimate}; kept in {options.out}")
        second = ours.table_2((model if options.samples else models.load("mnist", options.models)).words)
    except FileNotFoundError as error:
        second = "Table 2: " + missing(error, "mnist", options.models)
        if options.samples:
            p.error(second)
    print(ours.image_table(options.models, options.measure) + "\n\n" + second)
    return 0


def check(argv):
    """check another implementation against this one"""
    from .check.cli import main
    return main(argv)


def slips(argv):
    """compute both sides of what is wrong or left open in the paper"""
    from .proofs.slips import main
    parser(slips, "slips").parse_args(argv)
    main()
    return 0


def eq(argv):
    """print an equation, its code, its test and notebook, and a number by two routes"""
    from .proofs import lookup
    p = parser(eq, "eq")
    p.add_argument("words", nargs="+", metavar="WORD", help="48, 37-51, App.1, D.1, or a function: gaussian.posterior")
    return lookup.main(p.parse_args(argv).words)


COMMANDS = {"train": train, "figure": figure, "tables": tables, "check": check, "slips": slips, "eq": eq}


def parser(command, name, epilog=None):
    """A parser for the words after a command."""
    return argparse.ArgumentParser(prog=f"python -m dpm_ref {name}".strip(), description=command.__doc__, epilog=epilog,
                                   formatter_class=argparse.RawDescriptionHelpFormatter)


def models_option(p, folder):
    """Add the option of where the trained models are."""
    p.add_argument("--models", default=folder, help="folder of the trained models (default: those of the package)")


def training_options(p):
    """Add the options that all training has."""
    p.add_argument("--seed", type=at_least(0), default=0, help="of parameters, data and noise (default 0)")
    p.add_argument("--runs", default="runs", help="folder for the checkpoints (default runs)")
    again = p.add_mutually_exclusive_group()
    again.add_argument("--resume", action="store_true", help="go on from the checkpoints in --runs")
    again.add_argument("--overwrite", action="store_true", help="start again where files of an earlier run exist")


def without_effect(p, options, *names, where):
    """Refuse options that were given where they change nothing."""
    for name in names:
        if getattr(options, name) != p.get_default(name):
            p.error(f"--{name} has no effect {where}")


def at_least(lowest):
    """The type of a whole number that is not below `lowest`."""
    def whole_number(text):
        if not text.isdecimal() or int(text) < lowest:
            raise argparse.ArgumentTypeError(f"must be a whole number, at least {lowest}; got {text}")
        return int(text)
    return whole_number


def above_0(text):
    """The type of a finite number above 0."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"must be a number above 0; got {text}")
    return value


def missing(error, row, folder):
    """What to say where a file is missing: a model, which a command makes, or data, which the error explains."""
    how = f"python -m dpm_ref train {row} --out {folder} makes it"
    return f"{error.filename} is not there: {how}" if error.filename else str(error)


if __name__ == "__main__":
    from .engine.console import end
    signal.signal(signal.SIGTERM, end)
    sys.exit(main())
