"""What the suites share: results, running a program, showing a difference."""
import difflib
import os
import subprocess


class Result:
    """How many checks of a case went well, and what to say of the others;
    a note is said of what could not be checked here."""

    def __init__(self, passed=0, failed=0, text="", note=""):
        self.passed, self.failed, self.text = passed, failed, text
        self.note = note


def verdict(problems):
    """One check: passed when there is no problem to tell."""
    if problems:
        return Result(failed=1, text="\n".join(problems))
    return Result(passed=1)


class Context:
    """Where the programs under test are, and how patient to be."""

    def __init__(self, build, bless=False, modes=()):
        self.build = build
        self.bless = bless
        self.modes = set(modes)    # of lang.MODES; empty: all
        self.pal = os.path.join(build, "bin/pal")
        self.pvmr = os.path.join(build, "bin/pvmr")
        variant = os.path.relpath(build, "build")
        self.plain = variant in (".", "clang", "debug")
        self.timeout = 30 if self.plain else 300

    def scratch(self, *parts):
        """A path for a file that a case makes; its directory exists."""
        path = os.path.join(self.build, "tmp", *parts)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path


class Ran:
    """A finished process: status (negative: a signal) and its output."""

    def __init__(self, command, status, out, err):
        self.command, self.status = command, status
        self.out, self.err = out, err

    def crashed(self):
        return self.status is None or self.status < 0


def run(ctx, command, stdin=b"", timeout=None, env=()):
    """Runs a command with text output; a status of None means too slow."""
    env = {**os.environ, "NO_COLOR": "1", "LC_ALL": "C.UTF-8",
           "PAL_CACHE": "off", **dict(env)}
    try:
        p = subprocess.run(command, input=stdin, capture_output=True,
                           timeout=timeout or ctx.timeout, env=env)
    except subprocess.TimeoutExpired as e:
        return Ran(command, None, text(e.stdout), text(e.stderr))
    except OSError as e:
        return Ran(command, 127, "", str(e))
    return Ran(command, p.returncode, text(p.stdout), text(p.stderr))


def text(raw):
    return (raw or b"").decode("utf-8", "backslashreplace")


def shown(ran, limit=1500):
    """The command and what it said on stderr, for a failure's text."""
    status = "too slow" if ran.status is None else f"status {ran.status}"
    said = "".join(f"    | {l}\n" for l in ran.err[:limit].splitlines())
    return f"  $ {' '.join(ran.command)}   ({status})\n{said}".rstrip()


def difference(want, got, what):
    """A unified diff, or nothing when the texts are equal."""
    if want == got:
        return []
    lines = difflib.unified_diff(want.splitlines(), got.splitlines(),
                                 f"{what} expected", f"{what} seen",
                                 lineterm="", n=2)
    lines = list(lines) or ["(the final newline differs)"]
    return ["  " + l for l in lines[:60]]


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def files(directory, ending):
    """Sorted paths in a directory; an absent directory has none."""
    if not os.path.isdir(directory):
        return []
    return sorted(os.path.join(directory, n) for n in os.listdir(directory)
                  if n.endswith(ending))
