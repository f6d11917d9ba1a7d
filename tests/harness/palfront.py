"""examples/palfront, the front end written in the language, beside `pal ast`.

Of each program of the repository it must print the same tree; where `pal ast`
finds errors it must find one, too, and say where.  One run takes all the files
of a directory.
"""
import os
import re

from common import Result, difference, files, run, shown, verdict

HOME = "examples/palfront"
SKIPPED = {"data", "expected"}


def directories():
    for root in ("examples", "stdlib", "tests"):
        for directory, below, _ in os.walk(root):
            below[:] = sorted(set(below) - SKIPPED)
            if files(directory, ".pal"):
                yield directory


def trees(out):
    """{path: tree} of an output that heads each tree with its path."""
    parts = re.split(r"^==> (.*) <==\n", out, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def compare(path, ast, tree, err):
    """What palfront made of a file otherwise than `pal ast`."""
    if ast.status == 0:
        return difference(ast.out, tree, path)
    said = re.search(r"^%s:\d+:\d+: " % re.escape(path), err, re.M)
    if tree or not said:
        return [shown(ast), f"  {path}: palfront finds no error"]
    return []


def check_directory(ctx, directory):
    image = ctx.scratch(HOME, directory.replace("/", "-") + ".pvmb")
    built = run(ctx, [ctx.pal, "build", HOME + "/main.pal", "-o", image])
    if built.status != 0:
        return verdict([shown(built)])
    paths = files(directory, ".pal")
    # One more than there are, for a single tree has no heading.
    ours = run(ctx, [ctx.pvmr, image, paths[0], *paths])
    if ours.status not in (0, 1):
        return verdict([shown(ours)])
    found, problems, failed = trees(ours.out), [], 0
    for path in paths:
        ast = run(ctx, [ctx.pal, "ast", path])
        wrong = compare(path, ast, found.get(path, ""), ours.err)
        problems += wrong
        failed += bool(wrong)
    return Result(len(paths) - failed, failed, "\n".join(problems))


def check_tests(ctx, path):
    ran = run(ctx, [ctx.pal, "test", path])
    return verdict([] if ran.status == 0 else [shown(ran), ran.out])


def cases(ctx):
    for path in files(HOME, ".pal"):
        yield path, lambda path=path: check_tests(ctx, path)
    for directory in directories():
        yield directory, lambda d=directory: check_directory(ctx, d)
