"""Programs of the language, each with its expectations in comments:

    // expect: TEXT            a line of stdout; these are all, in order
    // stderr: TEXT            stands somewhere in stderr
    // status: N               exit status; 0 unless stated
    // args: WORD "TWO WORDS"  arguments of the program
    // stdin: TEXT             a line of its input
    // error: 3:7 E0203        an error of the compiler; these are all
    // warning: 3:7 W0301      a warning; when one is stated, these are all
    // run: test               `pal test` instead of `pal run`
    // last: TEXT              the last line of stdout (with run: test)
    // skip: MODE, MODE        modes that this program is not for (and why)

Instead of expect lines a file expected/NAME.txt may hold the whole stdout.
Every program is run in each of the MODES; what it does must be the same.
"""
import json
import os
import re
import shlex

from common import difference, files, read, run, shown, verdict

DIRECTIVE = re.compile(
    r"//\s*(expect|stderr|status|args|stdin|error|warning|run|last|skip):"
    r"[ ]?(.*)$")


def is_library(path):
    """A module of the standard library, which is its test blocks."""
    return path.startswith("stdlib/")


class Program:
    """A source file and what its comments promise."""

    def __init__(self, path):
        self.path = path
        self.name = os.path.splitext(os.path.basename(path))[0]
        self.said = {}
        for line in read(path).splitlines():
            m = DIRECTIVE.search(line)
            if m:
                self.said.setdefault(m.group(1), []).append(m.group(2))
        self.args = shlex.split(" ".join(self.all("args")))
        self.stdin = "".join(l + "\n" for l in self.all("stdin")).encode()
        self.status = int(self.one("status", "0"))
        self.is_test = self.one("run", "") == "test" or is_library(path)
        skipped = " ".join(s.split("(")[0] for s in self.all("skip"))
        self.skips = {w.strip(" ,") for w in skipped.split()}
        self.out = self.expected_output()

    def all(self, directive):
        return self.said.get(directive, [])

    def one(self, directive, default):
        return self.all(directive)[-1] if self.all(directive) else default

    def expected_output(self):
        beside = os.path.join(os.path.dirname(self.path), "expected",
                              self.name + ".txt")
        if os.path.exists(beside):
            return read(beside)
        return "".join(l + "\n" for l in self.all("expect"))

    def runs(self):
        """Whether it promises anything about running."""
        return bool(self.out or self.is_test or self.said.keys() &
                    {"status", "stderr", "last"})


# ---- what the compiler says ---------------------------------------------------

def diagnostics(ctx, program, severity):
    """(problems, places) of `pal check`; a place reads LINE:COL CODE."""
    ran = run(ctx, [ctx.pal, "check", "--format=json", program.path])
    try:
        found = [d for d in json.loads(ran.out) if d["severity"] == severity]
    except (ValueError, TypeError, KeyError):
        return [shown(ran), "  this is not the expected JSON: " +
                ran.out[:300]], [], ran
    places = [f"{d['line']}:{d['column']} {d['code']}" for d in found]
    return [], places, ran


def check_diagnostics(ctx, program):
    problems = []
    for severity in ("error", "warning"):
        want = program.all(severity)
        if not want:
            continue
        wrong, places, ran = diagnostics(ctx, program, severity)
        problems += wrong
        if not wrong:
            key = lambda p: tuple(map(int, re.findall(r"\d+", p)))
            problems += difference("\n".join(sorted(want, key=key)),
                                   "\n".join(sorted(places, key=key)),
                                   severity + "s")
        status = 2 if program.all("error") else 0
        if ran.status != status:
            problems.append(shown(ran))
            problems.append(f"  check should end with status {status}")
    return problems


# ---- what a program does --------------------------------------------------------

def judge(program, ran):
    """What a run did otherwise than promised."""
    if ran.crashed() or "Sanitizer" in ran.err or "runtime error:" in ran.err:
        return [shown(ran), "  it crashed"]
    problems = []
    if program.is_test:
        last = (ran.out.splitlines() or [""])[-1]
        if program.all("last") and last != program.one("last", ""):
            problems.append(f"  last line: {last!r}")
    else:
        problems += difference(program.out, ran.out, "stdout")
    for part in program.all("stderr"):
        if part not in ran.err:
            problems.append(f"  stderr lacks: {part}")
    if ran.status != program.status:
        problems.append(f"  status {ran.status}, expected {program.status}")
    return [shown(ran)] + problems if problems else []


def run_pal(*options):
    """A mode: `pal run` (or test) with these options."""
    def mode(ctx, p):
        verb = "test" if p.is_test else "run"
        return judge(p, run(ctx, [ctx.pal, verb, *options, p.path, *p.args],
                            p.stdin))
    return mode


def build_image(ctx, p, level="-O2"):
    """(problems, path) of the program's image."""
    image = ctx.scratch(p.path + level + ".pvmb")
    ran = run(ctx, [ctx.pal, "build", level, p.path, "-o", image])
    return ([] if ran.status == 0 else [shown(ran)]), image


def run_image(*options, level="-O2"):
    """A mode: build an image, run it by the runtime alone."""
    def mode(ctx, p):
        if p.is_test:
            return []
        problems, image = build_image(ctx, p, level)
        return problems or judge(p, run(
            ctx, [ctx.pvmr, *options, image, *p.args], p.stdin))
    return mode


def assembly_round_trip(ctx, p):
    """image -> text -> image gives the same bytes, at both levels."""
    return assembly_at(ctx, p, "-O0") or assembly_at(ctx, p, "-O2")


def assembly_at(ctx, p, level):
    problems, image = build_image(ctx, p, level)
    if problems:
        return problems
    text, again = image + ".pvm", image + ".again"
    ran = run(ctx, [ctx.pal, "disasm", image])
    with open(text, "w", encoding="utf-8") as f:
        f.write(ran.out)
    if ran.status == 0:
        ran = run(ctx, [ctx.pal, "asm", text, "-o", again])
    if ran.status != 0:
        return [shown(ran)]
    with open(image, "rb") as a, open(again, "rb") as b:
        if a.read() != b.read():
            return [f"  {image} and {again} differ"]
    return []


def ir_round_trip(ctx, p):
    """The IR's text, read and printed, is the same text; each reversible
    function is the inverse of its inverse."""
    for option in ("-O0", "-O2", "--rev"):
        ran = run(ctx, [ctx.pal, "ir", option, "--round-trip", p.path])
        if ran.status != 0:
            return [shown(ran)]
    return []


def there_and_back(ctx, p):
    """Forward in one traced window, then back: the first state again."""
    if p.is_test:
        return []
    problems, image = build_image(ctx, p)
    if problems:
        return problems
    ran = run(ctx, [ctx.pvmr, "--back", image, *p.args], p.stdin)
    if "too long to log" in ran.err:
        return []
    problems = difference(p.out, ran.out, "stdout")
    if "the first again" not in ran.err or ran.crashed():
        problems.append("  it did not come back")
    return [shown(ran)] + problems if problems else []


def tried(ctx, p):
    """Each reversible function forwards and back on random arguments."""
    with open(p.path, encoding="utf-8") as f:
        if "rev fn" not in f.read():
            return []
    ran = run(ctx, [ctx.pal, "check", "--round-trip", "--seed=1",
                    "--cases=10", p.path], timeout=4 * ctx.timeout)
    last = (ran.out.splitlines() or [""])[-1]
    fine = ran.status == 0 and re.search(r"\b0 failed, seed 1$", last)
    return [] if fine else [shown(ran), ran.out]


def inverse_text(ctx, p):
    """Each reversible function written as its inverse, the program does the
    same: the two inverters agree.  Inverted once more it does so too, and a
    third time it is the text of the first."""
    if not re.search(r"^rev fn ", read(p.path), re.M):
        return []
    text, first = p.path, None
    for time in (1, 2, 3):
        ran = run(ctx, [ctx.pal, "invert", text])
        if ran.status != 0:
            return [shown(ran)]
        if time == 3:
            return difference(first, ran.out, "inverted three times")
        first = first or ran.out
        text = ctx.scratch(f"{p.path}.inverse{time}.pal")
        with open(text, "w", encoding="utf-8") as f:
            f.write(ran.out)
        verb = "test" if p.is_test else "run"
        ran = run(ctx, [ctx.pal, verb, text, *p.args], p.stdin)
        problems = difference(p.out, ran.out, "stdout")
        if ran.status != p.status or (problems and not p.is_test):
            return [shown(ran)] + problems
    return []


MODES = {
    "O2": run_pal("-O2"),
    "O0": run_pal("-O0"),
    "gc-stress": run_pal("--gc-stress=1"),
    "small": run_pal("--gc=small,nursery=64K", "--check-tape"),
    "image": run_image(),
    "assembly": assembly_round_trip,
    "ir": ir_round_trip,
    "back": there_and_back,
    "tried": tried,
    "inverse": inverse_text,
    "windows": run_image("--windows=1000"),
    "windows-O0": run_image("--windows=1000", level="-O0"),
    "check": run_image("--check-undo", "--check-tape"),
    "check-O0": run_image("--check-undo", "--check-tape", level="-O0"),
}


# Of long programs, where sanitizers make each run slow.
LONG = {"O2", "O0", "small", "back", "check"}


def check(ctx, path, is_long=False):
    p = Program(path)
    modes = ctx.modes or (LONG if is_long and not ctx.plain else set(MODES))
    problems = check_diagnostics(ctx, p)
    if p.all("error") or not p.runs():
        if not p.said:
            problems.append("  it expects nothing")
        return verdict(problems)
    for name, mode in MODES.items():
        if name in p.skips or name not in modes:
            continue
        found = mode(ctx, p)
        if found:
            problems += [f"  mode {name}:"] + found
            break    # the other modes would only say it again
    return verdict(problems)


def cases_in(ctx, directory, is_long=False):
    for path in files(directory, ".pal"):
        yield path, lambda path=path: check(ctx, path, is_long)


def lang_cases(ctx):
    yield from cases_in(ctx, "tests/lang")
    yield from cases_in(ctx, "tests/lang/rev")


def library_cases(ctx):
    yield from cases_in(ctx, "stdlib", is_long=True)


def example_cases(ctx):
    yield from cases_in(ctx, "examples", is_long=True)
    yield from cases_in(ctx, "examples/rev", is_long=True)
