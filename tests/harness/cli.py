"""The programs as a user meets them: usage, bad input, files, statuses."""
import json
import os
import random
import re
import shutil
import subprocess
import tempfile

from common import Result, read, run, shown, verdict

HELLO = b'fn main() { print("hello") }\n'
FAILS = b'fn f(n: int) { fail "no {n}" }\nfn main() { f(3) }\n'
TESTS = (b'test "good" { assert(1 == 1) }\n'
         b'test "bad" { print("seen"); assert(1 == 2) }\n')
REVS = (b"rev fn down(mut x: int) { x -= 1 }\n"
        b"rev fn up(mut x: int) { uncall down(&x) }\nfn main() { }\n")

# name: (arguments, stdin, status, what stdout holds, what stderr holds)
CASES = {
    "no arguments": ([], b"", 2, "", "usage: pal"),
    "help": (["help"], b"", 0, "usage: pal", ""),
    "help of a command": (["help", "run"], b"", 0, "--gc-stress", ""),
    "help of no command": (["help", "runn"], b"", 2, "", "you mean `run`?"),
    "help as an option": (["run", "--stats", "--help"], b"", 0, "pal run", ""),
    "version": (["version"], b"", 0, "pal ", ""),
    "docs of the library": (["doc"], b"", 0, "os", ""),
    "docs of a module": (["doc", "os"], b"", 0, "module os\n", ""),
    "docs of the input": (["doc", "-"], b"/// A.\npub fn f(a: int) = a\n", 0,
                          "pub fn f(a: int) -> int\n\n    A.\n", ""),
    "docs of one declaration": (["doc", "os.args"], b"", 0,
                                "pub fn args() -> [str]\n\n    The", ""),
    "docs of no declaration": (["doc", "os.arg"], b"", 2, "",
                               "os has no `arg`; did you mean `args`?"),
    "docs of no module": (["doc", "nowhere/os"], b"", 2, "",
                          "there is no file or module nowhere/os; `pal doc`"),
    "docs of a mistyped module": (["doc", "oss.args"], b"", 2, "",
                                  "there is no file or module oss.args"),
    "docs of no name": (["doc", "os."], b"", 2, "", "no file or module os."),
    "docs of nothing": (["doc", ""], b"", 2, "", "no file or module"),
    "docs of what does not parse": (["doc", "-"], b"pub fn f(", 2, "",
                                    "error[E0103]"),
    "docs of what does not check": (["doc", "os", "-"], b"pub fn f() = x", 2,
                                    "", "error[E0201]"),
    "docs of nothing that is pub": (["doc", "-"], HELLO, 0,
                                    "Nothing in it is `pub`", ""),
    "docs of all": (["doc", "--all", "-"], HELLO, 0, "\nfn main()\n", ""),
    "pages to nowhere": (["doc", "--html", "os"], b"", 2, "",
                         "--html wants -o DIR"),
    "pages of nothing": (["doc", "--html", "-o", "x"], b"", 2, "",
                         "--html wants a file, a folder or `stdlib`"),
    "pages of a declaration": (["doc", "--html", "-o", "-", "os.args"], b"", 2,
                               "", "a page is of a whole module"),
    "pages of two at once": (["doc", "--html", "-o", "-", "os", "os"], b"", 2,
                             "", "-o - takes one module, not 2"),
    "pages into a file": (["doc", "--html", "-o", "/dev/null", "os"], b"", 2,
                          "", "cannot write /dev/null: File exists"),
    "pages where there is no room": (
        ["doc", "--html", "-o", "/no/where", "os"], b"", 2, "",
        "cannot write /no/where: No such file"),
    "text to a folder": (["doc", "-o", "x", "os"], b"", 2, "",
                         "-o DIR is for --html"),
    "unknown command": (["zap"], b"", 2, "", "no command `zap`"),
    "no command but a file": (["x.pal"], b"", 2, "", "`pal run x.pal`"),
    "unknown option": (["run", "--zap", "-"], HELLO, 2, "", "--zap"),
    "mistyped command": (["chekc", "-"], b"", 2, "", "did you mean `check`?"),
    "mistyped option": (["run", "--hep=1M", "-"], HELLO, 2, "",
                        "did you mean --heap?\n"),
    "option of another command": (["check", "--heap=1M", "-"], HELLO, 2, "",
                                  "unknown option --heap=1M"),
    "values behind a space": (
        ["run", "--heap", "64M", "--stack", "1M", "--color", "never", "--gc",
         "nursery=1M", "-O", "0", "-"], HELLO, 0, "hello\n", ""),
    "values of other commands": (
        ["ir", "--dump", "fold again", "-o", "-", "-"], HELLO, 0, "main", ""),
    "no value": (["run", "--heap"], b"", 2, "", "--heap SIZE"),
    "an option for a value": (["build", "-", "-o", "--exe"], HELLO, 2, "",
                              "-o wants a value: -o FILE"),
    "a value too much": (["run", "--check-undo=1", "-"], HELLO, 2, "",
                         "--check-undo takes no value"),
    "-- ends options": (["run", "--", "-", "--x"], b"import os\n"
                        b"fn main() { print(os.args()) }", 0, '["--x"]', ""),
    "a file like an option": (["check", "--", "--x.pal"], b"", 2, "",
                              "cannot read --x.pal"),
    "a large size": (["run", "--stack=1T", "-"], HELLO, None, "", ""),
    "too large a size": (["run", "--stack=100T", "-"], HELLO, 2, "",
                         "--stack wants a size of at most 32T, not `100T`"),
    "overflowing size": (["run", "--heap=99999999999999999999G", "-"], HELLO,
                         2, "", "at most 32T"),
    "no size": (["run", "--gc=nursery=0", "-"], HELLO, 2, "",
                "--gc: `nursery=0`: nursery wants a size"),
    "a count of 0": (["run", "--gc-stress=0", "-"], HELLO, 2, "",
                     "--gc-stress wants a count of 1 or more, not `0`"),
    "no count": (["run", "--gc-stress=abc", "-"], HELLO, 2, "",
                 "a count of 1 or more, not `abc`"),
    "windows of 0": (["run", "--windows", "0", "-"], HELLO, 2, "",
                     "--windows wants a count of 1 or more"),
    "bad level": (["run", "-O3", "-"], HELLO, 2, "", "-O wants 0, 1 or 2"),
    "bad format": (["check", "--format=xml", "-"], HELLO, 2, "",
                   "--format wants text or json"),
    "bad emit": (["build", "--emit", "c", "-"], HELLO, 2, "",
                 "--emit wants image, pvm or ir"),
    "bad dump": (["ir", "--dump=zap", "-"], HELLO, 2, "", "there are fold, "),
    "no output name": (["build", "-", "-o", ""], HELLO, 2, "",
                       "-o wants the name of a file"),
    "no file name": (["run", ""], b"", 2, "", 'cannot read "": No such'),
    "checks and windows": (
        ["run", "--check-undo", "--windows=9", "-"], HELLO, 2, "",
        "--check-undo and --windows exclude each other"),
    "bad statistics": (["run", "--stats=xml", "-"], HELLO, 2, "",
                       "wants json or csv"),
    "50,000 parts in a string": (
        ["run", "-"], b'fn main() { let x = 1; print("' + b"{x}" * 50000 +
        b'".len) }', 0, "50000\n", ""),
    "command unlike any": (["fmt"], b"", 2, "", "`pal help` lists them"),
    "bad size": (["run", "--heap=much", "-"], HELLO, 2, "", "a size"),
    "no file given": (["run"], b"", 2, "", "pal: "),
    "file not there": (["run", "no/such.pal"], b"", 2, "", "No such file"),
    "a directory": (["check", "tests"], b"", 2, "", "directory"),
    "stdin": (["run", "-"], HELLO, 0, "hello\n", ""),
    "empty": (["check", "-"], b"", 2, "", "declares nothing"),
    "no main": (["run", "-"], b"let x = 1\n", 2, "", "- has no main function"),
    "empty, as a tree": (["ast", "-"], b"", 2, "", "- is empty"),
    "an inverse": (["invert", "-"], REVS, 0, "rev fn down_inverse(mut x: int) {\n"
                   "    x += 1\n}\nrev fn up_inverse(mut x: int) {\n"
                   "    uncall down_inverse(&x)\n}\nfn main() { }\n", ""),
    "the inverse of one": (["invert", "-", "up"], REVS, 0,
                           "rev fn up_inverse(mut x: int) {\n"
                           "    down(&x)\n}\n", ""),
    "the inverse of none": (["invert", "-"], HELLO, 2, "", "- has no `rev fn`"),
    "the inverse of a plain fn": (["invert", "-", "main"], REVS, 2, "",
                                  "`main` is no `rev fn`"),
    "the inverse of what is not there": (
        ["invert", "-", "dwon"], REVS, 2, "", "did you mean `down`?"),
    "the inverse of what is unlike any": (
        ["invert", "-", "zap"], REVS, 2, "", "- has no `rev fn zap`\n"),
    "two inverses": (["invert", "-", "up", "down"], REVS, 2, "",
                     "more than one function given"),
    "no inverse": (["invert", "-"], b"rev fn f(mut x: int) {\n    x = 1\n}\n",
                   2, "", "an assignment has no inverse\n  --> <stdin>:2:5"),
    "the inverse of what does not parse": (
        ["invert", "-"], b"rev fn f( {\n", 2, "", "error[E01"),
    "the inverse of assembly": (["invert", "-"], b".fn main()\n", 2, "",
                                "no source text"),
    "a round trip": (
        ["check", "--round-trip", "--seed", "5", "--cases=3", "-"], REVS, 0,
        "down: 3 forwards and back, 3 back and forwards\n"
        "up: 3 forwards and back, 3 back and forwards\n"
        "2 functions, 0 failed, seed 5\n", ""),
    "a round trip of one": (
        ["check", "--round-trip", "--seed=18446744073709551615", "-", "up"],
        REVS, 0, "up: 100 forwards and back, 100 back and forwards\n"
        "1 function, 0 failed, seed 18446744073709551615\n", ""),
    "a round trip of none": (["check", "--round-trip", "-"], HELLO, 2, "",
                             "- has no `rev fn`"),
    "a round trip of a plain fn": (["check", "--round-trip", "-", "main"],
                                   REVS, 2, "", "`main` is no `rev fn`"),
    "a round trip of what is refused": (
        ["check", "--round-trip", "-"], b"rev fn f(mut x: int) { x = 1 }\n", 2,
        "", "error[E0500]"),
    "a round trip as JSON": (
        ["check", "--round-trip", "--format=json", "-"], REVS, 2, "",
        "--round-trip and --format=json exclude each other"),
    "a function to check": (["check", "-", "up"], REVS, 2, "",
                            "FN is for --round-trip"),
    "globals that fail": (
        ["check", "--round-trip", "-"], b"let x = 1 / int(\"0\")\n" + REVS, 1,
        "", "- cannot be tried: its globals"),
    "a bad seed": (["check", "--round-trip", "--seed=-1", "-"], REVS, 2, "",
                   "--seed wants a whole number, not `-1`"),
    "too large a seed": (
        ["check", "--round-trip", "--seed=18446744073709551616", "-"], REVS, 2,
        "", "--seed wants a whole number"),
    "no cases": (["check", "--round-trip", "--cases=0", "-"], REVS, 2, "",
                 "--cases wants a number from 1 to 1000000, not `0`"),
    "endless": (["check", "/dev/zero"], b"", 2, "", "larger than 256 MB"),
    "assembly on stdin": (
        ["run", "-"], b"; a comment\n\n.fn main()\n    ldi s0, 7\n"
        b"    ldkr r0, \"seven\"\n    nat r0, s0, print\n    ret\n"
        b".main main\n", 0, "seven\n", ""),
    "assembly, wrong": (["check", "-"], b".zap\n", 2, "", "-:1:"),
    "a tree of assembly": (["ast", "-"], b".fn main()\n", 2, "",
                           "no source text"),
    "no main, an image": (["build", "-", "-o", "/dev/null"], b"let x = 1\n",
                          0, "", "warning: - has no main function"),
    "no main, an executable": (
        ["build", "--exe", "-", "-o", "/dev/null"], b"let x = 1\n", 2, "",
        "- has no main function"),
    "assertions": (
        ["check", "--assertions", "-"],
        b"rev fn f(n: int, mut x: int) {\n    local t = n\n"
        b"    if n == 0 { x += t } fi n ==\n 0\n"
        b"    from x == 0 do { x += 1 } until x == 9\n    delocal t = n\n}\n",
        0, "<stdin>:3:29 fi checked: n ==  0\n<stdin>:5:10 from checked: x == 0\n"
        "<stdin>:5:37 until checked: x == 9\n<stdin>:6:17 delocal checked: n\n", ""),
    "a refuted assertion": (
        ["check", "--assertions", "-"],
        b"rev fn f() {\n    local t = 1\n    delocal t = 2\n}\n", 2,
        "<stdin>:3:17 delocal refuted: 2\n", "error[E0526]"),
    "binary": (["check", "-"], bytes(range(256)) * 8, 2, "", "error["),
    "invalid UTF-8": (["check", "-"], b'let s = "\xff"\n', 2, "", "UTF-8"),
    "NUL bytes": (["check", "-"], b"let a\0b = 1\n", 2, "", "error["),
    "a line of 1 MB": (["run", "-"],
                       b'fn main() { print("' + b"x" * (1 << 20) +
                       b'".len) }', 0, "1048576\n", ""),
    "10,000 parentheses": (["check", "-"],
                           b"let x = " + b"(" * 10000 + b"1" + b")" * 10000,
                           2, "", "nested too deeply"),
    "10,000 blocks": (["check", "-"],
                      b"fn f() " + b"{" * 10000 + b"}" * 10000, 2, "",
                      "nested too deeply"),
    "10,000 brackets open": (["check", "-"], b"let x = " + b"[" * 10000, 2,
                             "", "error["),
    "a chain of 10,000 operands": (["check", "-"],
                                   b"fn f() -> int { " + b"1 + " * 10000 +
                                   b"1 }", None, "", ""),
    "unterminated string": (["check", "-"], b'let s = "abc\n', 2, "",
                            "unterminated"),
    "unterminated comment": (["check", "-"], b"/* /* */\n", 2, "",
                             "unterminated"),
    "unterminated interpolation": (["check", "-"], b'let s = "a {1 + \n', 2,
                                   "", "error["),
    "import of nothing": (["check", "-"], b"import\n", 2, "", "error["),
    "uncaught": (["run", "-"], FAILS, 1, "", "error: no 3 (fail)"),
    "uncaught, trace": (["run", "-"], FAILS, 1, "", "at <stdin>:2 main"),
    "tests": (["test", "-"], TESTS, 1, "1 passed, 1 failed\n", "seen"),
    "tests that do not compile": (["test", "-"], b"let x = y\n", 2,
                                  "0 passed, 1 failed\n", "error["),
    "tests that are not there": (["test", "no/such"], b"", 2,
                                 "0 passed, 1 failed\n", "No such file"),
    "tests whose globals fail": (
        ["test", "-"], b"let x = [1][2]\n" + TESTS, 1,
        "0 passed, 2 failed\n", "out of range"),
    "tests whose globals exit": (
        ["test", "-"], b"fn f() -> int { exit(0); 1 }\nlet x = f()\n" + TESTS,
        1, "0 passed, 2 failed\n", ""),
    "two paths of tests": (["test", "a", "b"], b"", 2, "", "more than one"),
    "check as JSON": (["check", "--format=json", "-"], b"let x = y\n", 2,
                      '"code": "E', ""),
    "colour": (["check", "--color=always", "-"], b"let x = y\n", 2, "",
               "\x1b["),
    "explain": (["explain", "E0101"], b"", 0, "E0101", ""),
    "explain a message with arguments": (
        ["explain", "E0242"], b"", 0,
        "`\u2026` takes \u2026 arguments, not \u2026\n", ""),
    "explain what": (["explain"], b"", 2, "", "no code given"),
    "an executable and something else": (
        ["build", "-", "--exe", "--emit=ir", "-o", "/dev/null"], HELLO, 2, "",
        "exclude each other"),
    "the same the other way round": (
        ["build", "-", "--emit=image", "--exe", "-o", "/dev/null"], HELLO, 2,
        "", "exclude each other"),
    "check of an image's text": (
        ["check", "examples/pvm/fibonacci.pvm"], b"", 0, "", ""),
    "explain nothing": (["explain", "E9999"], b"", 2, "", "E9999"),
    "deep recursion": (["run", "-"],
                       b"fn f(n: int) -> int { f(n + 1) + 1 }\n"
                       b"fn main() { print(f(0)) }\n", 1, "", "(stack)"),
    "full heap": (["run", "--heap=32M", "-"],
                  b"fn main() { let xs: [int] = []\nloop { xs.push(1) } }\n",
                  1, "", "(memory)"),
}


def problems_of(ran, status, out, err):
    problems = []
    if ran.crashed() or (status is not None and ran.status != status):
        problems.append(f"status {ran.status}, expected {status}")
    if out not in ran.out:
        problems.append(f"stdout lacks {out!r}")
    if err not in ran.err:
        problems.append(f"stderr lacks {err!r}")
    return problems + [shown(ran)] if problems else []


def plain_case(ctx, case):
    args, stdin, status, out, err = case
    ran = run(ctx, [ctx.pal, *args], stdin)
    return verdict(problems_of(ran, status, out, err))


def source_file(ctx, name, text):
    """A file with this text; its path."""
    path = ctx.scratch("cli", name)
    with open(path, "wb") as f:
        f.write(text)
    return path


NO_SPACE = "cannot write the output: No space left on device"
FULL = {
    # what is run, status, how often stderr says NO_SPACE, what else is there
    "pal run HELLO": (2, 1, f"pal: {NO_SPACE}\n"),
    "pal help": (2, 1, f"pal: {NO_SPACE}\n"),
    "pal build HELLO -o -": (2, 1, f"pal: {NO_SPACE}\n"),
    "pal build HELLO -o /dev/full": (2, 0, "/dev/full: No space left"),
    "pvmr --help": (2, 1, f"pvmr: {NO_SPACE}\n"),
    "pvmr IMAGE": (2, 1, f"pvmr: {NO_SPACE}\n"),
    "pvmr --back IMAGE": (2, 1, "the first again"),
    "pvmr --windows=9 IMAGE": (2, 1, f"pvmr: {NO_SPACE}\n"),
    "pal run MUCH": (1, 1, f"error: {NO_SPACE} (io)\n"),
    "pal run CAUGHT": (2, 2, f"caught {NO_SPACE}\non\npal: {NO_SPACE}\n"),
    "pal run LOUD": (1, 1, "on stderr\nerror: bad (fail)\n"),
    "pal run EXITS": (7, 1, f"pal: {NO_SPACE}\n"),
}
MUCH = b"for i in 0..20000 { print(\"line {i}\") }"
PRINTERS = {
    "HELLO": HELLO,
    "MUCH": b"fn main() { " + MUCH + b" }\n",
    "CAUGHT": b"fn much() { " + MUCH + b" }\n"
              b"fn main() {\n    try { much() }\n"
              b"    undo e { eprint(\"caught {e.message}\") }\n"
              b"    eprint(\"on\")\n}\n",
    "LOUD": b"fn main() { print(1); eprint(\"on stderr\"); fail \"bad\" }\n",
    "EXITS": b"fn main() { print(1); exit(7) }\n",
}


def full_disk(ctx):
    """A full disk on output: a message, once, and nothing left behind."""
    paths = {"pal": ctx.pal, "pvmr": ctx.pvmr,
             "IMAGE": ctx.scratch("cli", "hello.pvmb")}
    for name, text in PRINTERS.items():
        paths[name] = source_file(ctx, name.lower() + ".pal", text)
    run(ctx, [ctx.pal, "build", paths["HELLO"], "-o", paths["IMAGE"]])
    problems = []
    for line, (status, times, err) in FULL.items():
        line = " ".join(paths.get(w, w) for w in line.split())
        ran = run(ctx, ["sh", "-c", line + " > /dev/full"])
        problems += problems_of(ran, status, "", err)
        if ran.err.count(NO_SPACE) != times:
            problems += ["  not said once:", shown(ran)]
    return verdict(problems)


def endless_input(ctx):
    """No more is read than there is room for, whoever reads."""
    problems = []
    for command in ([ctx.pvmr], [ctx.pal, "asm", "-o", "/dev/null"]):
        ran = run(ctx, [*command, "/dev/zero"])
        problems += problems_of(ran, 2, "", "larger than 256 MB")
    return verdict(problems)


def empty_files(ctx):
    """No command makes anything of an empty file, whatever its name."""
    problems = []
    for ending in ("pal", "pvm", "pvmb"):
        path = source_file(ctx, "empty." + ending, b"")
        out = ctx.scratch("cli", "of-empty")
        for command in (["run"], ["check"], ["test"], ["ir"], ["ast"],
                        ["invert"],
                        ["disasm"], ["build", "-o", out],
                        ["build", "--exe", "-o", out], ["asm", "-o", out]):
            ran = run(ctx, [ctx.pal, *command, path])
            problems += problems_of(ran, 2, "", "empty")
            if os.path.exists(out):
                problems.append(f"  {command} left a file")
                os.remove(out)
    return verdict(problems)


def large_function(ctx):
    """A function that no image can hold is told so, in little memory."""
    n = 12000
    path = source_file(ctx, "large.pal", "\n".join(
        ["fn f() -> int { 3 }", "fn main() {",
         *(f"    let v{i} = f()" for i in range(n)), "    var t = 0",
         *(f"    t += v{i}" for i in range(n)), "    print(t)", "}", ""]
    ).encode())
    ran = run(ctx, ["sh", "-c", "ulimit -v 2000000; exec \"$@\"", "-", ctx.pal,
                    "build", path, "-o", ctx.scratch("cli", "large.pvmb")]
              if ctx.plain else [ctx.pal, "build", path, "-o", "-"])
    return verdict(problems_of(ran, 2, "", "error[E0401]: ") +
                   problems_of(ran, 2, "", "large.pal:2:4"))


def output_behind_a_link(ctx):
    """-o writes the file that a link leads to, and leaves the link."""
    target, link = ctx.scratch("cli", "linked"), ctx.scratch("cli", "a-link")
    hello = source_file(ctx, "linked.pal", HELLO)
    for path in target, link:
        if os.path.lexists(path):
            os.remove(path)
    open(target, "wb").close()
    os.symlink("linked", link)
    ran = run(ctx, [ctx.pal, "build", hello, "-o", link])
    problems = problems_of(ran, 0, "", "")
    if not os.path.islink(link) or os.path.getsize(target) == 0:
        problems.append("  the link was replaced, not what it leads to")
    return verdict(problems)


def tests_of_a_folder(ctx):
    """Without a path the tests of the current folder, and a count always."""
    for name, text in {"a": TESTS, "b": b"let x = y\n",
                       "c": b"let x = [1][2]\n" + TESTS}.items():
        source_file(ctx, f"folder/{name}.pal", text)
    folder = os.path.dirname(ctx.scratch("cli", "folder", "x"))
    pal = os.path.abspath(ctx.pal)
    ran = run(ctx, ["sh", "-c", f"cd {folder} && {pal} test"])
    problems = problems_of(ran, 2, "1 passed, 4 failed\n", "c.pal")
    os.makedirs(os.path.join(folder, "none"), exist_ok=True)
    ran = run(ctx, [ctx.pal, "test", os.path.join(folder, "none")])
    problems += problems_of(ran, 0, "0 passed, 0 failed\n", "")
    link = os.path.join(folder, "none", "link")
    if not os.path.islink(link):
        os.symlink("..", link)
    ran = run(ctx, [ctx.pal, "test", link])
    return verdict(problems + problems_of(ran, 2, "1 passed, 4 failed\n",
                                          "c.pal"))


def tests_of_the_library(ctx):
    """`stdlib` is the library that is built in where it is no folder, and
    PAL_STDLIB what stands for it."""
    pal, there = os.path.abspath(ctx.pal), ctx.scratch("cli", "library", "x")
    there = os.path.dirname(there)
    test = ["sh", "-c", f"cd {there} && {pal} test stdlib"]
    ran = run(ctx, test)
    problems = problems_of(ran, 0, " passed, 0 failed\n", "")
    source_file(ctx, "library/other/os.pal",
                b'test "of the other" { assert(false) }\n')
    ran = run(ctx, test, env={"PAL_STDLIB": "other"})
    problems += problems_of(ran, 1, "0 passed, 1 failed\n", "other/os.pal:1")
    ran = run(ctx, test, env={"PAL_STDLIB": "stdlib"})
    problems += problems_of(ran, 2, "0 passed, 1 failed\n", "cannot read")
    ran = run(ctx, [ctx.pal, "test", "stdlib"])
    return verdict(problems + problems_of(ran, 0, " passed, 0 failed\n", ""))


# ---- documentation -----------------------------------------------------------

LIBRARY = {
    "grid.pal": b'/// Grids.\n\nimport "sub/cell" as c\n'
                b'pub struct Row { cells: [c.Cell] }\nfn hidden() { }\n',
    "sub/cell.pal": b"/// A `Row` of `grid` has `Cell`s.\n\n"
                    b"pub struct Cell { var n: int }\n",
    "index.pal": b"pub fn f() { }\n",
    "sub.cell.pal": b"pub fn g() { }\n",
    "other.txt": b"no program",
}


def library(ctx, case):
    """A folder of modules; its path and where its pages go."""
    for name, text in LIBRARY.items():
        path = source_file(ctx, f"{case}/modules/{name}", text)
    folder = os.path.dirname(path)
    pages = ctx.scratch("cli", case, "pages")
    shutil.rmtree(pages, ignore_errors=True)
    return folder, pages


def pages_of_a_folder(ctx):
    """An index, and a page for each module; names of types are links."""
    folder, pages = library(ctx, "pages_of_a_folder")
    ran = run(ctx, [ctx.pal, "doc", "--html", "-o", pages, folder])
    problems = problems_of(ran, 0, "", "")
    there = sorted(os.listdir(pages)) if not problems else []
    if there != ["grid.html", "index.html", "index_.html", "sub.cell.html",
                 "sub.cell_.html"]:
        problems.append(f"  {there}")
        return verdict(problems)
    text = {p: read(os.path.join(pages, p)) for p in there}
    for page, part in (
            ("index.html", '<a href="sub.cell.html#Cell">'),
            ("index.html", '<a href="index_.html"><code>index</code></a>'),
            ("index.html", "<dd><p>Grids.</p>"),
            ("grid.html", '<a href="sub.cell.html#Cell"><span class="t">'),
            ("sub.cell.html", '<a href="grid.html"><code>grid</code></a>')):
        if part not in text[page]:
            problems.append(f"  {page} lacks {part}")
    if "hidden" in text["grid.html"] or "<script" in "".join(text.values()):
        problems.append("  what must not be there")
    for page, links in ((p, re.findall(r'href="([^"]*)"', t))
                        for p, t in text.items()):
        for link in links:
            to, _, anchor = link.partition("#")
            if anchor and f'id="{anchor}"' not in text[to or page]:
                problems.append(f"  {page}: {link} leads nowhere")
    return verdict(problems)


def docs_by_path(ctx):
    """Files are found with and without their ending, and a declaration
    behind them; what is not pub is named as such."""
    folder, pages = library(ctx, "docs_by_path")
    problems = []
    for name, status, out, err in (
            ("grid.pal", 0, "module grid\n\n    Grids.\n", ""),
            ("grid", 0, "pub struct Row { cells: [c.Cell] }\n", ""),
            ("grid.Row", 0, "pub struct Row", ""),
            ("sub/cell.pal.Cell", 0, "pub struct Cell", ""),
            ("grid.hidden", 2, "", "`hidden` of grid is not `pub`; --all"),
            ("sub", 0, "module cell\n", ""),
            ("other.txt", 2, "", "error[E01"),
            ("grid.pal.Raw", 2, "", "grid has no `Raw`; did you mean `Row`?")):
        ran = run(ctx, [ctx.pal, "doc", os.path.join(folder, name)])
        problems += problems_of(ran, status, out, err)
    ran = run(ctx, [ctx.pal, "doc", "sub", "grid"],
              env={"PAL_STDLIB": folder})
    problems += problems_of(ran, 2, "", "no file or module sub")
    os.makedirs(os.path.join(folder, "none"), exist_ok=True)
    ran = run(ctx, [ctx.pal, "doc", os.path.join(folder, "none")])
    problems += problems_of(ran, 2, "", "there is no .pal file in ")
    link = os.path.join(folder, "none", "link")
    if not os.path.islink(link):
        os.symlink(os.path.join("..", "sub"), link)
    ran = run(ctx, [ctx.pal, "doc", link])
    problems += problems_of(ran, 0, "module cell\n", "")
    ran = run(ctx, [ctx.pal, "doc", "--html", "-o", pages, "cell"],
              env={"PAL_STDLIB": os.path.join(folder, "sub")})
    return verdict(problems + problems_of(ran, 0, "", ""))


def broken_library(ctx):
    """One module that does not compile: no page is written."""
    folder, pages = library(ctx, "broken_library")
    source_file(ctx, "broken_library/modules/broken.pal", b"pub fn f( {\n")
    ran = run(ctx, [ctx.pal, "doc", "--html", "-o", pages, folder])
    os.remove(os.path.join(folder, "broken.pal"))
    problems = problems_of(ran, 2, "", "broken.pal:1")
    if os.path.exists(pages):
        problems.append("  there are pages")
    return verdict(problems)


# ---- modules -----------------------------------------------------------------

def modules_of_stdin(ctx):
    """A program from the standard input finds its modules from the working
    directory, and any program those of an absolute path."""
    pal = os.path.abspath(ctx.pal)
    path = source_file(ctx, "modules/lib/one.pal", b"pub fn one() -> int = 1\n")
    folder = os.path.dirname(os.path.dirname(path))
    program = b'import "lib/one"\nfn main() { print(one.one()) }\n'
    ran = run(ctx, ["sh", "-c", f"cd {folder} && {pal} run -"], program)
    problems = problems_of(ran, 0, "1\n", "")
    absolute = os.path.abspath(path)[:-4].encode()
    ran = run(ctx, [ctx.pal, "run", "-"], program.replace(b"lib/one", absolute))
    problems += problems_of(ran, 0, "1\n", "")
    ran = run(ctx, [ctx.pal, "run", "-"], program)
    return verdict(problems + problems_of(ran, 2, "", "lib/one.pal cannot be"))


def modules_that_are_none(ctx):
    """A pipe is not waited for, a folder and what may not be read are said."""
    problems = []
    pipe = ctx.scratch("cli", "modules", "pipe.pal")
    if not os.path.lexists(pipe):
        os.mkfifo(pipe)
    os.makedirs(ctx.scratch("cli", "modules", "folder.pal"), exist_ok=True)
    for name, why in (("pipe", "it is no regular file"),
                      ("folder", "Is a directory"), ("gone", "No such file"),
                      ("x" * 5000, "File name too long")):
        path = source_file(ctx, "modules/imports.pal", f'import "{name}" as m\n'
                           "fn main() { m.f() }\n".encode())
        ran = run(ctx, [ctx.pal, "check", path])
        problems += problems_of(ran, 2, "", why)
    return verdict(problems)


def modules_unused_are_left_out(ctx):
    """Of an imported module only what is called is in the image."""
    ran = run(ctx, [ctx.pal, "ir", "tests/lang/modules_trace.pal"])
    problems = problems_of(ran, 0, '"item"', "")
    if '"unused"' in ran.out or '"plus"' in ran.out:
        problems.append("  functions that nothing calls are compiled")
    return verdict(problems)


# ---- the cache ---------------------------------------------------------------

class Building:
    """A program of two files, built again and again with a cache of its own."""

    def __init__(self, ctx, name):
        self.ctx = ctx
        self.folder = os.path.dirname(ctx.scratch("cli", name, "x"))
        shutil.rmtree(self.folder)
        os.makedirs(self.folder)
        self.cache = os.path.join(self.folder, "cache")
        self.out = os.path.join(self.folder, "out")
        self.main = os.path.join(self.folder, "main.pal")
        self.problems = []
        self.write("main.pal", 'import "one"\n'
                   "fn main() { print(one.one()) }\n")
        self.write("one.pal", "pub fn one() -> int = 1\n")

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as f:
            f.write(text)

    def build(self, *options, env=()):
        return run(self.ctx, [self.ctx.pal, "build", *options, self.main, "-o",
                              self.out], env={"PAL_CACHE": self.cache,
                                              **dict(env)})

    def again(self, built, *options, what="", env=(), prints="1\n"):
        """Builds; whether the output was written anew must be as told.  An
        output is written by renaming, so it is another file then."""
        before = os.stat(self.out) if os.path.exists(self.out) else None
        ran = self.build(*options, env=env)
        problems = problems_of(ran, 0, "", "")
        after = os.stat(self.out)
        same = before and (before.st_ino, before.st_mtime_ns) == (
            after.st_ino, after.st_mtime_ns)
        if bool(same) == built:
            problems.append(f"  {what}: it was {'' if built else 'not '}to be "
                            "built again")
        if "--emit=pvm" not in options:
            command = [self.out] if "--exe" in options else [self.ctx.pvmr,
                                                            self.out]
            problems += problems_of(run(self.ctx, command), 0, prints, "")
        self.problems += problems

    def records(self):
        return [os.path.join(self.cache, n) for n in os.listdir(self.cache)]


def cache_of_builds(ctx):
    """What has not changed is not built again; everything else is."""
    b = Building(ctx, "cache")
    b.again(True, what="the first time")
    b.again(False, what="unchanged")
    b.again(True, "-O0", what="another level")
    b.again(True, what="back to the level")
    b.again(True, "--no-cache", what="--no-cache")
    b.again(False, what="after --no-cache")
    b.write("one.pal", "pub fn one() -> int = 2\n")
    b.again(True, what="a changed import", prints="2\n")
    b.write("one.pal", "pub fn one() -> int = 1\n")
    b.again(True, what="changed back")
    os.utime(b.main)
    b.again(False, what="a new time alone")
    with open(b.out, "ab") as f:
        f.write(b"x")
    b.again(True, what="a changed output")
    os.remove(b.out)
    b.again(True, what="no output")
    b.again(True, "--emit=pvm", what="another kind")
    b.again(False, "--emit=pvm", what="of that kind")
    b.again(True, what="the first kind")
    b.again(True, env={"PAL_CACHE": "off"}, what="PAL_CACHE=off")
    b.again(True, env={"PAL_STDLIB": "stdlib"}, what="PAL_STDLIB")
    b.write("main.pal", 'import "one"\nfn main() { let x = 1\n'
            "    print(one.one()) }\n")
    for _ in range(2):
        if "W0301" not in b.build().err:
            b.problems.append("  a warning is not seen again")
    return verdict(b.problems)


def cache_of_executables(ctx):
    """An executable is built again when it lost its bits, too."""
    if not ctx.plain:
        return Result(passed=1)
    b = Building(ctx, "cache_exe")
    b.again(True, "--exe", what="the first time")
    b.again(False, "--exe", what="unchanged")
    os.chmod(b.out, 0o644)
    b.again(True, "--exe", what="no longer executable")
    return verdict(b.problems)


def cache_by_identity(ctx):
    """Two names of one file are one module, and no longer when they are two
    files of the same text."""
    b = Building(ctx, "cache_identity")
    b.write("one.pal", "pub struct S { x: int }\n"
            "pub fn one(s: S) -> int = s.x\n")
    two = os.path.join(b.folder, "two.pal")
    os.symlink("one.pal", two)
    b.write("main.pal", 'import "one"\nimport "two"\n'
            "fn main() { print(one.one(two.S(1))) }\n")
    b.again(True, what="the first time")
    b.again(False, what="unchanged")
    os.remove(two)
    shutil.copy(os.path.join(b.folder, "one.pal"), two)
    ran = b.build()
    return verdict(b.problems + problems_of(ran, 2, "", "E0210"))


def cache_that_is_damaged(ctx):
    """Any byte of a record may be another, or the rest missing: then the
    program is built."""
    b = Building(ctx, "cache_damaged")
    b.again(True, what="the first time")
    record, = b.records()
    with open(record, "rb") as f:
        good = f.read()
    for at in [*range(0, len(good), 7), len(good) - 1]:
        for bad in (good[:at], good[:at] + bytes([good[at] ^ 0x41]) +
                    good[at + 1:]):
            with open(record, "wb") as f:
                f.write(bad)
            b.again(True, what=f"damaged at {at}")
    with open(record, "ab") as f:
        f.write(b"more")
    b.again(True, what="longer")
    b.again(False, what="repaired")
    os.remove(record)
    os.mkdir(record)
    b.again(True, what="a folder in its place")
    return verdict(b.problems)


def cache_without_a_place(ctx):
    """Where nothing can be remembered, building works as ever."""
    b = Building(ctx, "cache_nowhere")
    b.write("file", "")
    for place in ("/proc/none", os.path.join(b.folder, "file"),
                  os.path.join(b.folder, "file/below")):
        b.cache = place
        b.again(True, what=place)
        b.again(True, what=place)
    b.cache = os.path.join(b.folder, "deep/er/cache")
    b.again(True, what="made")
    b.again(False, what="made")
    for env, where in (({"XDG_CACHE_HOME": b.folder + "/xdg"}, "xdg"),
                       ({"XDG_CACHE_HOME": "no/root", "HOME": b.folder},
                        ".cache")):
        env = {k: os.path.abspath(v) if v[0] != "n" else v
               for k, v in env.items()}
        b.again(True, what=where, env={"PAL_CACHE": "", **env})
        b.again(False, what=where, env={"PAL_CACHE": "", **env})
        if not os.listdir(os.path.join(b.folder, where, "palindrome")):
            b.problems.append(f"  nothing in {where}")
    return verdict(b.problems)


def cache_is_bounded(ctx):
    """Old records go when there are too many; other files of the directory
    are left alone."""
    b = Building(ctx, "cache_bounded")
    os.makedirs(b.cache)
    for i in range(1001):
        path = os.path.join(b.cache, f"build-{i:032x}")
        with open(path, "w", encoding="utf-8"):
            pass
        os.utime(path, (i, i))
    with open(os.path.join(b.cache, "mine"), "w", encoding="utf-8"):
        pass
    b.again(True, what="the first time")
    left = os.listdir(b.cache)
    if len(left) != 901 or "mine" not in left or f"build-{5:032x}" in left:
        b.problems.append(f"  {len(left)} records are left")
    b.again(False, what="unchanged")
    return verdict(b.problems)


def cache_of_two_at_once(ctx):
    """Two programs built to one file at once: either may be there in the end,
    and building one of them again gives that one."""
    b = Building(ctx, "cache_race")
    others = []
    for n in (1, 2):
        path = os.path.join(b.folder, f"p{n}.pal")
        with open(path, "w", encoding="utf-8") as f:
            f.write(f"fn main() {{ print({n}) }}\n")
        others.append([ctx.pal, "build", path, "-o", b.out])
    env = dict(os.environ, PAL_CACHE=b.cache)
    for _ in range(15):
        ps = [subprocess.Popen(c, env=env) for c in others * 2]
        if any(p.wait() for p in ps):
            b.problems.append("  a build failed")
        for n, command in enumerate(others, 1):
            run(ctx, command, env={"PAL_CACHE": b.cache})
            ran = run(ctx, [ctx.pvmr, b.out])
            b.problems += problems_of(ran, 0, f"{n}\n", "")
    if len(b.records()) != 1:
        b.problems.append(f"  there are {len(b.records())} records")
    return verdict(b.problems)


def pvmr_options(ctx):
    """pvmr reads its options as pal does."""
    image = ctx.scratch("cli", "options.pvmb")
    run(ctx, [ctx.pal, "build", "-", "-o", image], HELLO)
    problems = []
    for options, status, out, err in (
            (["--heap", "64M", "--", image, "--x"], 0, "hello", ""),
            (["--bak", image], 2, "", "did you mean --back?"),
            (["--back", "--check-undo", image], 2, "", "exclude each other"),
            (["--back", "--windows=9", image], 2, "", "exclude each other"),
            (["--version"], 0, "pvmr ", ""), (["-h"], 0, "usage: pvmr", ""),
            (["--heap"], 2, "", "--heap SIZE"), ([], 2, "", "no image")):
        ran = run(ctx, [ctx.pvmr, *options])
        problems += problems_of(ran, status, out, err)
    return verdict(problems)


def sources_shown(ctx):
    """An image names its sources; no other file is shown, and none waited
    for."""
    problems = []
    secret = source_file(ctx, "secret.txt", b"a secret\n")
    pipe = ctx.scratch("cli", "pipe.pal")
    if not os.path.exists(pipe):
        os.mkfifo(pipe)
    shows = source_file(ctx, "shows.pal", b"a source\n")
    for path, seen in ((secret, False), (pipe, False), (shows, True)):
        text = (f'.fn main() at "{path}":1\n    ldkr r0, "x"     @1:1\n'
                f'    ldkr r1, "fail"  @1:1\n    nat r0, s0, error @1:1\n'
                f'    fail r0          @1:1\n.main main\n')
        ran = run(ctx, [ctx.pal, "run", "-"], text.encode())
        problems += problems_of(ran, 1, "", "error: x (fail)\n")
        if (" | " in ran.err) != seen:
            problems += [f"  {path}:", shown(ran)]
    return verdict(problems)


def no_partial_file(ctx):
    """An error in the source leaves no output file."""
    out = ctx.scratch("cli", "partial.pvmb")
    if os.path.exists(out):
        os.remove(out)
    ran = run(ctx, [ctx.pal, "build", "-", "-o", out], b"let x = y\n")
    problems = problems_of(ran, 2, "", "error[")
    left = [f for f in os.listdir(os.path.dirname(out)) if "partial" in f]
    return verdict(problems + [f"left behind: {left}"] * bool(left))


def build_args_exe(ctx, name):
    """(problems, path) of an executable that prints its arguments."""
    exe = ctx.scratch("cli", name)
    ran = run(ctx, [ctx.pal, "build", "--exe", "-", "-o", exe],
              b"import os\nfn main() { print(os.args()) }\n")
    return problems_of(ran, 0, "", ""), exe


def executable(ctx):
    """--exe runs by itself, passes arguments, and has no front end."""
    problems, exe = build_args_exe(ctx, "args.exe")
    if not problems:
        ran = run(ctx, [exe, "--help", "b"])
        problems = problems_of(ran, 0, '["--help", "b"]\n', "")
        names = run(ctx, ["nm", exe])
        front = [w for w in ("parse_unit", "sema_check", "lower_unit",
                             "be_function") if w in names.out]
        problems += [f"the executable holds {front}"] * bool(front)
    return verdict(problems)


def self_contained(ctx):
    """The executable wants no library but those of C, where the others exist
    as archives; a sanitizer brings more."""
    problems, exe = build_args_exe(ctx, "alone.exe")
    needed = run(ctx, ["readelf", "-dW", exe])
    wants = re.findall(r"\(NEEDED\).*\[(.*?)\.so", needed.out)
    where = run(ctx, ["gcc", "-print-file-name=libzstd.a"]).out
    more = sorted(set(wants) - {"libc", "libm", "ld-linux-x86-64"})
    if ctx.plain and "/" in where and (more or needed.status):
        problems.append(f"  it wants {more}")
    return verdict(problems)


def stripped(ctx):
    """strip leaves the program in its executable; where it was taken out, or
    cannot be read, the executable says so and is not pvmr."""
    problems, exe = build_args_exe(ctx, "strip.exe")
    for options in (["strip"], ["strip", "-g"]):
        ran = run(ctx, [*options, "-o", exe + "1", exe])
        problems += problems_of(ran, 0, "", "")
        problems += problems_of(run(ctx, [exe + "1", "x"]), 0, '["x"]\n', "")
    run(ctx, ["objcopy", "--remove-section=.palindrome", exe, exe + "2"])
    ran = run(ctx, [exe + "2", "--help"])
    problems += problems_of(ran, 2, "", "was taken out")
    if os.geteuid() == 0 and ctx.plain:
        problems += unreadable(ctx, exe)
    return verdict(problems)


def unreadable(ctx, exe):
    """Another user may execute the file and not read it."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        copy = shutil.copy(exe, folder)
        os.chmod(copy, 0o111)
        ran = run(ctx, ["setpriv", "--reuid=65534", "--regid=65534",
                        "--clear-groups", copy, "--help"])
    return problems_of(ran, 2, "", "must be allowed to read it")


def damaged_images(ctx):
    """A truncated or bit-flipped image is refused, never run or crashed on."""
    image = ctx.scratch("cli", "damage.pvmb")
    broken = ctx.scratch("cli", "damaged.pvmb")
    ran = run(ctx, [ctx.pal, "build", "examples/tour.pal", "-o", image])
    problems = problems_of(ran, 0, "", "")
    if problems:
        return verdict(problems)
    with open(image, "rb") as f:
        good = f.read()
    rng = random.Random(1)
    cuts = [good[:rng.randrange(len(good))] for _ in range(20)]
    flips = []
    for _ in range(40):
        flipped = bytearray(good)
        flipped[rng.randrange(len(good))] ^= 1 << rng.randrange(8)
        flips.append(bytes(flipped))
    for bytes_ in [b"", b"PVMB", good + b"x"] + cuts + flips:
        with open(broken, "wb") as f:
            f.write(bytes_)
        ran = run(ctx, [ctx.pvmr, broken])
        problems += problems_of(ran, 2, "", "no valid image")
    return verdict(problems[:8])


def checked_images(ctx):
    """`pal check` verifies an image as `pal run` does."""
    image = ctx.scratch("cli", "checked.pvmb")
    ran = run(ctx, [ctx.pal, "build", "examples/tour.pal", "-o", image])
    problems = problems_of(ran, 0, "", "")
    ran = run(ctx, [ctx.pal, "check", image])
    problems += problems_of(ran, 0, "", "")
    with open(image, "r+b") as f:
        f.truncate(40)
    ran = run(ctx, [ctx.pal, "check", image])
    problems += problems_of(ran, 2, "", "no valid image")
    text = ctx.scratch("cli", "checked.pvm")
    with open(text, "wb") as f:
        f.write(b"nonsense\n")
    ran = run(ctx, [ctx.pal, "check", text])
    return verdict(problems + problems_of(ran, 2, "", "checked.pvm:1:"))


def folded_trace(ctx):
    """The calls of a recursion are one line of the trace."""
    source = (b"fn f(n: int) -> int {\n    if n == 0 { fail \"no\" }\n"
              b"    f(n - 1) + 1\n}\nfn main() { print(f(5)) }\n")
    ran = run(ctx, [ctx.pal, "run", "-"], source)
    return verdict(problems_of(
        ran, 1, "", "  at <stdin>:2 f\n  at <stdin>:3 f (5 times)\n"
                    "  at <stdin>:5 main\n"))


def back(ctx):
    """`pvmr --back` says that the state is the first again."""
    image = ctx.scratch("cli", "back.pvmb")
    run(ctx, [ctx.pal, "build", "examples/bank.pal", "-o", image])
    ran = run(ctx, [ctx.pvmr, "--back", image])
    return verdict(problems_of(ran, 0, "", "the state is the first again"))


BOTH_WAYS = b"""import os
rev fn step(xs: [int], i: int, mut x: int) {
    x += xs[i] * i
    local t = x
    xs[i] ^= t
    delocal t = x
}
rev fn spin(xs: [int], n: int, mut x: int) {
    for i in 0..n {
        within { x ^= 5 } apply { step(xs, i % xs.len, &x) }
    }
}
fn main() {
    let xs = [1, 2, 3]
    var x = 1
    let n = int(os.args()[1])
    if "f" in os.args()[0] { spin(xs, n, &x) }
    if "b" in os.args()[0] { uncall spin(xs, n, &x) }
    print(x, xs)
}
"""


def costs_of_going_back(ctx):
    """uncall runs the inverse's code: as many ticks as forwards.  Neither way
    leaves anything behind: live memory is the same however long it was."""
    stats, problems = {}, []
    for ways in ("", "f", "b", "fb"):
        for n in (1000, 200000):
            ran = run(ctx, [ctx.pal, "run", "--stats=json", "-", ways, str(n)],
                      BOTH_WAYS)
            problems += problems_of(ran, 0, "1 [1, 2, 3]\n" if ways in ("", "fb")
                                    else "", '"ticks"')
            if ran.status == 0:
                stats[ways, n] = json.loads(ran.err.splitlines()[-1])
    if problems:
        return verdict(problems)
    for n in (1000, 200000):
        base, forth, back, both = (stats[w, n]["ticks"]
                                   for w in ("", "f", "b", "fb"))
        if not n < forth - base == back - base == (both - base) / 2:
            problems.append(f"  ticks of {n} steps: {base} {forth} {back} {both}")
    for what in ("heap", "allocated"):
        seen = {s[what] for (ways, n), s in stats.items() if ways == "fb"}
        if len(seen) != 1:
            problems.append(f"  {what} grows with the steps: {seen}")
    return verdict(problems)


def hand_written(ctx, name):
    """The examples in assembly run forward and back."""
    source, image = f"examples/pvm/{name}.pvm", ctx.scratch("cli", name)
    ran = run(ctx, [ctx.pal, "asm", source, "-o", image])
    problems = problems_of(ran, 0, "", "")
    ran = run(ctx, [ctx.pvmr, "--back", image])
    return verdict(problems + problems_of(ran, 0, "", "the first again"))


def cases(ctx):
    for name, case in CASES.items():
        yield name, lambda case=case: plain_case(ctx, case)
    for check in (full_disk, endless_input, empty_files, no_partial_file,
                  large_function, output_behind_a_link,
                  tests_of_a_folder, tests_of_the_library, pages_of_a_folder,
                  docs_by_path, broken_library, modules_of_stdin,
                  modules_that_are_none, modules_unused_are_left_out,
                  cache_of_builds, cache_of_executables, cache_by_identity,
                  cache_that_is_damaged, cache_without_a_place,
                  cache_is_bounded, cache_of_two_at_once, pvmr_options, sources_shown, executable,
                  self_contained, stripped, damaged_images, checked_images,
                  folded_trace, back, costs_of_going_back):
        yield check.__name__, lambda check=check: check(ctx)
    for name in ("simple_test", "fibonacci"):
        yield name, lambda name=name: hand_written(ctx, name)
