"""Golden files: what the compiler makes of a source, kept beside it.

    tests/ir/NAME.pal   ->  NAME.ir (as lowered), NAME.opt.ir (at -O2)
    tests/pvm/NAME.pal  ->  NAME.pvm (at -O2)
    tests/invert/NAME.pal  ->  NAME.inverse
    tests/doc/NAME.pal  ->  NAME.txt, NAME.html

`make bless` renews them; read the difference before committing it.  A .pvm
file without a source beside it is written by hand (examples/pvm too): it is
assembled, verified and run, and its `expect:` comments are its stdout.  An
.inverse file, twice inverted, is itself.
"""
import os
import re

from common import difference, files, read, run, shown, verdict

GOLDENS = {
    "tests/ir": [(".ir", ["ir", "-O0"]), (".opt.ir", ["ir", "-O2"])],
    "tests/pvm": [(".pvm", ["build", "--emit=pvm", "-o", "-"])],
    "tests/invert": [(".inverse", ["invert"])],
    "tests/doc": [(".txt", ["doc"]), (".html", ["doc", "--html", "-o", "-"])],
}


def compare(ctx, source, ending, command):
    path = os.path.splitext(source)[0] + ending
    ran = run(ctx, [ctx.pal, *command, source])
    if ran.status != 0:
        return verdict([shown(ran)])
    if ctx.bless:
        with open(path, "w", encoding="utf-8") as f:
            f.write(ran.out)
        return verdict([])
    if not os.path.exists(path):
        return verdict([f"  {path} is missing: make bless"])
    return verdict(difference(read(path), ran.out, path))


def golden_cases(ctx, directory):
    for source in files(directory, ".pal"):
        for ending, command in GOLDENS[directory]:
            yield source + " " + ending, \
                lambda s=source, e=ending, c=command: compare(ctx, s, e, c)


def check_by_hand(ctx, path):
    want = re.findall(r"\bexpect:[ ]?(.*)$", read(path), re.MULTILINE)
    ran = run(ctx, [ctx.pal, "run", path])
    problems = difference("".join(l + "\n" for l in want), ran.out, "stdout")
    if ran.status != 0 or problems:
        problems = [shown(ran)] + problems
    return verdict(problems)


def check_twice(ctx, path):
    """The inverse of the inverse of a golden file is the file."""
    back = run(ctx, [ctx.pal, "invert", path])
    again = run(ctx, [ctx.pal, "invert", "-"], back.out.encode())
    problems = difference(read(path), again.out, path + ", twice inverted")
    if back.status or again.status:
        problems = [shown(back), shown(again)] + problems
    return verdict(problems)


def invert_cases(ctx):
    yield from golden_cases(ctx, "tests/invert")
    for path in files("tests/invert", ".inverse"):
        yield path + ", twice", lambda path=path: check_twice(ctx, path)


def ir_cases(ctx):
    return golden_cases(ctx, "tests/ir")


def doc_cases(ctx):
    return golden_cases(ctx, "tests/doc")


def pvm_cases(ctx):
    yield from golden_cases(ctx, "tests/pvm")
    if ctx.bless:
        return
    for directory in ("tests/pvm", "examples/pvm"):
        for path in files(directory, ".pvm"):
            if not os.path.exists(os.path.splitext(path)[0] + ".pal"):
                yield path, lambda path=path: check_by_hand(ctx, path)
