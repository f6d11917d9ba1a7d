"""examples/palfront, the front end written in the language, beside `pal ast`.

Of each program of the repository it must print the same tree; where `pal ast`
finds errors it must find one, too, and say where.  So it must of mutants:
programs with a word or sign dropped, doubled, exchanged or put in, most of
which are wrong.  One run takes all the files of a directory.
"""
import os
import random
import re

from common import Result, difference, files, run, shown, verdict

HOME = "examples/palfront"
SKIPPED = {"data", "expected"}
MUTANTS = 300
INSERTED = """{ } ( ) [ ] , ; : . .. = == < - + ! ? ?? & => -> " \"\"\" ' \\ 1 1. 1.5e
    x if else fn let match try undo fi from until loop not in is return break fail
    rev test as pub none // /* local old record mut""".split() + ["\n"]


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
    return check_files(ctx, files(directory, ".pal"), directory)


def check_files(ctx, paths, name):
    image = ctx.scratch(HOME, name.replace("/", "-") + ".pvmb")
    built = run(ctx, [ctx.pal, "build", HOME + "/main.pal", "-o", image])
    if built.status != 0:
        return verdict([shown(built)])
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


def mutant(rng, text):
    parts = re.findall(r"\w+|\s+|.", text)
    for _ in range(rng.choice([1, 1, 2])):
        i, j = rng.randrange(len(parts)), rng.randrange(len(parts))
        kind = rng.randrange(4)
        if kind == 0:
            parts[i] = ""
        elif kind == 1:
            parts[i] += parts[i]
        elif kind == 2:
            parts[i], parts[j] = parts[j], parts[i]
        else:
            parts[i] += rng.choice(INSERTED)
    return "".join(parts)


def check_mutants(ctx):
    rng = random.Random(1)
    sources = [p for d in directories() for p in files(d, ".pal")]
    paths = []
    for i in range(MUTANTS):
        with open(rng.choice(sources), encoding="utf-8", errors="replace") as f:
            text = mutant(rng, f.read())
        paths.append(ctx.scratch(HOME, "mutants", f"{i}.pal"))
        with open(paths[-1], "w", encoding="utf-8") as f:
            f.write(text)
    return check_files(ctx, paths, "mutants")


def check_tests(ctx, path):
    ran = run(ctx, [ctx.pal, "test", path])
    return verdict([] if ran.status == 0 else [shown(ran), ran.out])


def cases(ctx):
    for path in files(HOME, ".pal"):
        yield path, lambda path=path: check_tests(ctx, path)
    for directory in directories():
        yield directory, lambda d=directory: check_directory(ctx, d)
    yield "mutants", lambda: check_mutants(ctx)
