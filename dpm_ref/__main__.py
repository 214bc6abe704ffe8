"""The commands: python -m dpm_ref --help."""
import argparse
import os
import sys
import time

ROW_NAMES = ("swiss_roll", "heartbeat")


def parser():
    p = argparse.ArgumentParser(
        prog="python -m dpm_ref", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Train the toy models of Sohl-Dickstein et al. 2015, print their rows of Table 1, draw Figures 1 and 2.",
        epilog="other commands, each with its own --help:\n"
               "  python -m dpm_ref check ADAPTER           check another implementation against this one\n"
               "  python -m dpm_ref train ROW --minutes M   train an image model\n"
               "  python -m dpm_ref figure N                draw a figure from a trained model\n"
               "  python -m dpm_ref tables                  the image rows of Table 1, and Table 2\n\n"
               "an error is one sentence; python -X dev -m dpm_ref ... shows where it came from")
    p.add_argument("row", nargs="?", help=f"one of {', '.join(ROW_NAMES)} (both, if none is named)")
    p.add_argument("--network", choices=("paper", "mlp"), help="the paper's network or the better one (both, if none is named)")
    p.add_argument("--seed", type=int, default=0, help="of parameters, data and noise (default 0)")
    p.add_argument("--out", default="figures", help="folder for the figures (default figures)")
    p.add_argument("--runs", default="runs", help="folder for the checkpoints (default runs)")
    p.add_argument("--keep", help="folder for the trained parameters, small files that experiments.run.trained loads")
    p.add_argument("--resume", action="store_true", help="go on from the checkpoints in --runs")
    return p


def main(argv=None):
    try:
        return run(sys.argv[1:] if argv is None else argv)
    except (OSError, ValueError, RuntimeError, FloatingPointError) as error:
        if sys.flags.dev_mode:   # python -X dev -m dpm_ref: where it came from
            raise
        print(f"python -m dpm_ref: error: {error}", file=sys.stderr)
        return 2


def run(argv):
    if argv[:1] == ["check"]:
        from .check.cli import main as check
        return check(argv[1:])
    if argv[:1] in (["train"], ["figure"], ["tables"]):
        from .experiments import images_run
        return getattr(images_run, f"main_{argv[0]}")(argv[1:])
    options = parser().parse_args(argv)
    if options.row not in (None,) + ROW_NAMES:
        parser().error(f"there is no row {options.row!r}; the rows are {', '.join(ROW_NAMES)}")
    return toy_rows(options)


def toy_rows(options):
    """Train the rows side by side, one process and one BLAS thread each; then the table and the figures."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")   # small matrices: a second thread costs more than it brings
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    from .experiments.run import complete, table
    start = time.perf_counter()
    rows = [options.row] if options.row else ROW_NAMES
    chosen = [options.network] if options.network else ["mlp", "paper"]
    with ProcessPoolExecutor(len(rows), mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(complete, row, chosen, options.seed, options.runs, options.resume, options.out, options.keep, i)
                for i, row in enumerate(rows)]
        try:
            done = [job.result() for job in jobs]
        except KeyboardInterrupt:
            return 130
    print("\n" + table(sum((d.results for d in done), [])))
    for d in done:
        print(f"{d.note}; figure: {', '.join(map(str, d.figures))}")
    print(f"{time.perf_counter() - start:.0f} s in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
