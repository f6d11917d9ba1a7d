"""The documentation: what its pages show is what the programs do.

Code blocks of README.md and docs/ are cases, by the words behind their fence:

    ```pal                a whole program, compiled without an error
    ```pal NAME.pal       the same, kept under this name, for commands and
                          programs that import it
    ```pal fragment       statements and declarations: compiled in a main
    ```pal test           a program for `pal test`
    ```pal fails          a program that ends with another status than 0
    ```pal error E0203    a program with exactly these errors
    ```text               the stdout of the program above
    ```text stderr        its stderr, or what the compiler says
    ```console            `$ COMMAND` lines and what each prints
    ```sh                 commands to be read only, like any other word

Commands run in a directory of the page's own, where pal and pvmr are on the
path.  In a text a line `…` stands for any lines.  --bless puts in what is
seen, but where there is such a line, and makes the pages of reference.py.

The comments of stdlib/ are pages, too: a block without a word is a fragment,
and where they say "`f(x)` is `y`" or "`f(x)` is 1" it is.
"""
import os
import re
import shutil

import reference
from common import Result, difference, files, read, run, shown, verdict

FENCE = re.compile(r"^( *)```(\w*)[ ]*(.*?)\n(.*?)^\1```$", re.M | re.S)
SAYS = re.compile(r"`([^`]+)`\s+is\s+(?:`([^`]+)`|(-?\d+(?:\.\d+)?))")
DECLARATION = re.compile(r"(pub |struct |fn |rev fn |test |import |enum )")
ANY = "…"


class Block:
    """A fenced block: its language, further words, text and place."""

    def __init__(self, page, match):
        self.language = match.group(2)
        self.words = match.group(3).split()
        self.text = match.group(4)
        self.span = match.span(4)
        self.line = page.count("\n", 0, match.start()) + 1


def paths():
    found = ["README.md"] + files("docs", ".md")
    for folder in ("guide", "reference", "internals"):
        found += files(os.path.join("docs", folder), ".md")
    return [p for p in found if os.path.exists(p)]


def agrees(want, got):
    """Equal texts, lines of … being any."""
    parts = re.split(rf"^{ANY}$\n?", want, flags=re.M)
    return re.fullmatch("(?s)" + ".*".join(map(re.escape, parts)), got)


class Page:
    """A page being checked, in a directory of its own.

    `said` is how the last program ran, or a function that runs it: only a
    program whose output is shown is run.
    """

    def __init__(self, ctx, path, text):
        self.ctx, self.path, self.text = ctx, path, text
        self.dir = ctx.scratch("docs", path.replace("/", "."), "x")[:-2]
        shutil.rmtree(self.dir)
        os.makedirs(self.dir)
        self.passed, self.problems, self.changes = 0, [], []
        self.said = None
        for block in map(lambda m: Block(self.text, m),
                         FENCE.finditer(self.text)):
            check = CHECKS.get(block.language)
            if check:
                self.note(block, check(self, block))
        if self.changes:
            self.rewrite()

    def note(self, block, problems):
        if problems:
            self.problems.append("\n".join(
                [f"  {self.path}:{block.line}"] + problems))
        else:
            self.passed += 1

    def sh(self, command):
        """Runs a command; stdout and stderr come as one in .out."""
        there = ("cd " + self.dir + " && PATH=" +
                 os.path.abspath(os.path.dirname(self.ctx.pal)) +
                 ":$PATH && { " + command + "\n}")
        return run(self.ctx, ["sh", "-c", there])

    def compare(self, block, want, got, span):
        """The problems of a shown text; --bless ends them."""
        if agrees(want, got):
            return []
        if self.ctx.bless and not re.search(rf"^{ANY}$", want, re.M):
            self.changes.append((span, got))
            return []
        return difference(want, got, f"line {block.line}")

    def rewrite(self):
        for (start, end), text in sorted(self.changes, reverse=True):
            self.text = self.text[:start] + text + self.text[end:]
        with open(self.path, "w", encoding="utf-8") as f:
            f.write(self.text)


# ---- programs ----------------------------------------------------------------

def wrapped(text):
    """A fragment as a program: declarations stay, the rest is main's."""
    outside, inside, into = [], [], None
    for line in text.splitlines():
        if line[:1] not in ("", " ", "}", ")", "/"):
            into = outside if DECLARATION.match(line) else inside
        (inside if into is None else into).append(line)
    return "\n".join(outside + ["fn main() {"] + inside + ["}", ""])


def program(page, block):
    words = block.words
    name = next((w for w in words if w.endswith(".pal")), "snippet.pal")
    os.makedirs(os.path.dirname(os.path.join(page.dir, name)), exist_ok=True)
    with open(os.path.join(page.dir, name), "w", encoding="utf-8") as f:
        f.write(wrapped(block.text) if "fragment" in words else block.text)
    ran = page.said = page.sh(f"pal check {name}")
    errors = re.findall(r"^error\[(E\d+)\]", ran.err, re.M)
    wanted = words[words.index("error") + 1:] if "error" in words else []
    if ran.crashed() or errors != wanted:
        return [shown(ran)]
    if not wanted:
        page.said = lambda: execute(page, words, name)
    return []


def execute(page, words, name):
    ran = page.sh(f"pal {'test' if 'test' in words else 'run'} {name}")
    ran.unexpected = (ran.status != 0) != ("fails" in words)
    return ran


def output(page, block):
    """What the program above printed."""
    if callable(page.said):
        page.said = page.said()
    ran = page.said
    if ran is None:
        return ["  there is no program above this text"]
    if ran.crashed() or getattr(ran, "unexpected", False):
        return [shown(ran)]
    got = ran.err if block.words == ["stderr"] else ran.out
    return page.compare(block, block.text, got, block.span)


# ---- commands ----------------------------------------------------------------

def console(page, block):
    problems = []
    parts = re.finditer(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block.text, re.M)
    for m in parts:
        ran = page.sh(f"{{ {m.group(1)}\n}} 2>&1")
        if ran.crashed():
            problems.append(shown(ran))
            continue
        span = tuple(block.span[0] + at for at in m.span(2))
        problems += page.compare(block, m.group(2), ran.out, span)
    return problems


CHECKS = {"pal": program, "text": output, "console": console}


# ---- the suite ---------------------------------------------------------------

def check_page(ctx, path):
    page = Page(ctx, path, read(path))
    problems = page.problems + list(dead_links(path, page.text))
    return Result(page.passed, len(problems), "\n".join(problems))


def comments(path):
    """The text of a module's comments, on the lines where it stands."""
    is_code = False
    for line in read(path).splitlines():
        line = line[4:] if line.startswith("///") else ""
        if line.startswith("```"):
            is_code = not is_code
            line = "```pal fragment" if is_code and line == "```" else line
        yield line + "\n"


def check_comments(ctx, path):
    text = "".join(comments(path))
    page = Page(ctx, path, text)
    name = os.path.basename(path)[:-len(".pal")]
    lines = [f"import {m}" for m in sorted({name, "math", "test"})]
    lines += ["fn main() {"]
    said = SAYS.findall(re.sub(r"```.*?```", "", text, flags=re.S))
    lines += [f"    test.assert_equal({e}, {v or n})" for e, v, n in said]
    with open(os.path.join(page.dir, "said.pal"), "w", encoding="utf-8") as f:
        f.write("\n".join(lines + ["}", ""]))
    ran = page.sh("pal run said.pal")
    if ran.status:
        page.problems.append(shown(ran))
    return Result(page.passed + 1, len(page.problems),
                  "\n".join(page.problems))


def dead_links(path, text):
    """Links to files that are not there."""
    text = re.sub(r"```.*?```", "", text, flags=re.S)
    for to in re.findall(r"\]\(([^)#: ]+)(?:#[^)]*)?\)", text):
        if not os.path.exists(os.path.join(os.path.dirname(path), to)):
            yield f"  {path} links to {to}, which is not there"


def check_reference(ctx, path, make):
    text = make()
    if ctx.bless:
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
    have = read(path) if os.path.exists(path) else ""
    problems = difference(text, have, path)
    if problems:
        problems.append("  `tests/run --bless docs` renews it")
    return verdict(problems)


def cases(ctx):
    for path, make in reference.PAGES.items():
        yield "made " + path, (
            lambda path=path, make=make: check_reference(ctx, path, make))
    for path in paths():
        yield path, lambda path=path: check_page(ctx, path)
    for path in files("stdlib", ".pal"):
        yield path, lambda path=path: check_comments(ctx, path)
