"""The pages of docs/reference that are made from the project's tables.

Each function of PAGES makes the text of one page; `tests/run docs` compares,
`tests/run --bless docs` writes.  A table's rows are calls of a macro; a
comment of one line between them begins a section.
"""
import re
import textwrap

import grammar
from common import read

ROW = re.compile(r"([A-Z]+)\(")
SECTION = re.compile(r"/\* (?:-+ )?(.*?)(?: -+)? \*/$")
TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|,|\)|[^",()]+)')


def arguments(text, at):
    """The arguments of a macro call from behind its bracket on."""
    found, now = [], ""
    while True:
        m = TOKEN.match(text, at)
        at, token = m.end(), m.group(1)
        if token in ",)":
            found.append(now.strip())
            now = ""
            if token == ")":
                return found
        elif token[0] == '"':
            now += re.sub(r"\\(.)", r"\1", token[1:-1])
        else:
            now += token


def table(path):
    """[(section, [row, …]), …] of a .def file; a row is its arguments."""
    text = read(path)
    body = text[text.index("*/") + 2:]
    sections = [("", [])]
    at = 0
    for line in re.sub(r"/\*[^*]*\n.*?\*/", flat, body, flags=re.S).split("\n"):
        title, row = SECTION.match(line), ROW.match(line)
        if title:
            sections.append((title.group(1), []))
        elif row:
            at = body.index(line, at)
            sections[-1][1].append(arguments(body, at + row.end()))
    return [s for s in sections if s[1]]


def flat(comment):
    """A comment of several lines as one, so that it can be a title."""
    return re.sub(r"\s*\n\s*", " ", comment.group(0))


def page(title, source, intro, body):
    return (f"# {title}\n\n<!-- Made from {source}: `tests/run --bless docs` "
            f"renews this page. -->\n\n{intro.strip()}\n\n" +
            "\n".join(body).strip() + "\n")


def filled(text):
    """Plain text with `code` as lines of Markdown."""
    parts = text.split("`")
    parts[::2] = [re.sub(r"([\\*_<\[\]#])", r"\\\1", p) for p in parts[::2]]
    text = "`".join(parts)
    return textwrap.wrap(text, 79, break_long_words=False,
                         break_on_hyphens=False)


def rows(head, lines):
    """A table; a bar inside a cell would end it."""
    def line(cells):
        return "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |"
    return [line(head), "|" + " --- |" * len(head)] + [line(l) for l in lines]


def heading(text):
    return ["", f"## {text[:1].upper()}{text[1:]}", ""]


# ---- diagnostics -------------------------------------------------------------

def diagnostics():
    body = []
    for title, found in table("frontend/diag.def"):
        body += heading(re.sub(r"^[EW]0\dxx: ", "", title))
        for code, severity, message, explanation in found:
            message = re.sub(r"%u argument%s", "… arguments", message)
            body += [f"### {code}", "",
                     f"*{severity.lower()}:* {re.sub('%[su]', '…', message)}",
                     "", *filled(explanation), ""]
    return page("Diagnostics", "frontend/diag.def", """
Every error and warning of the compiler. `pal explain E0201` shows an entry on
the terminal. A code keeps its meaning for good, so tools may rely on it; the
wording may change. `…` stands for a name or a type of your program.""", body)


# ---- instructions ------------------------------------------------------------

OPERANDS = {
    "s": "scalar register, written", "S": "scalar register, read",
    "U": "scalar register, updated in place",
    "r": "reference register, written", "R": "reference register, read",
    "V": "reference register, updated in place",
    "i": "immediate of 16 bits, signed", "n": "immediate of 32 bits, signed",
    "j": "jump of 16 bits, from the next instruction on",
    "J": "jump of 32 bits, likewise",
    "f": "word of an object", "g": "word of the globals",
    "k": "constant", "t": "type", "T": "type, its index as a function's",
    "x": "function", "N": "native",
    "p": "first reference register of a call's window",
    "q": "first scalar register of a call's window",
    "e": "reference register, or none", "K": "scalar register, or none",
}
CLASSES = [
    ("ASSIGN", "overwrites a register", "puts the logged word back"),
    ("UPDATE", "changes a register by a bijection", "runs its partner"),
    ("STORE", "writes memory through the barrier",
     "puts back what the barrier logged"),
    ("JUMP", "goes elsewhere", "follows the logged arrival"),
    ("BACK", "goes back, and counts a tick", "follows the logged arrival"),
    ("CONTROL", "makes or leaves a frame",
     "follows the logged arrival and the logged frame"),
    ("RUNS_C", "runs a function of the runtime",
     "puts back all words that it logged"),
    ("LEAVES", "raises an error or ends", "nothing came after it"),
]
EFFECTS = {
    "PURE": "reads its arguments only", "READ": "reads objects",
    "HEAP": "changes objects, through the barrier",
    "HELD": "output that waits while a scope is open",
    "NOW": "output or a pause, at once",
    "HOST": "asks the host; constant during a run",
    "ASK": "asks the host; the answer may be another each time",
    "ACT": "changes the world or takes input; fails `effect` while a scope is "
           "open",
    "EXIT": "ends the run",
}


def instructions():
    body = heading("operands")
    body += rows(["letter", "operand"],
                 [[f"`{k}`", v] for k, v in OPERANDS.items()])
    body += heading("classes")
    body += ["The class says how an instruction is taken back when the "
             "machine runs in reverse.", ""]
    body += rows(["class", "forward", "back"], [list(c) for c in CLASSES])
    for title, found in table("runtime/pvm/ops.def"):
        body += heading(title.split(": ")[0].split("; ")[0])
        body += rows(["number", "name", "operands", "class", "meaning"],
                     [[n, f"`{text}`", f"`{letters}`",
                       cls + ("" if pair == name else
                              f", undone by `{pair.lower()}`"), meaning]
                      for n, name, text, letters, cls, pair, _, meaning
                      in found])
    body += heading("natives")
    body += ["Functions of the runtime that `nat` calls. An image names them "
             "by name and signature: parameters, a colon, results, a letter "
             "each.", ""]
    body += rows(["letter", "type"], [
        ["`i f b y`", "int, float, bool, byte"], ["`s e`", "str, Error"],
        ["`I F Y Z`", "[int], [float], [byte], [str]"], ["`a l`", "any reference, any list"],
        ["`W G A`", "weak box, guardian, an object as an `any`, or none"],
        ["`w m`", "list of scalars, list of references"],
        ["`x r`", "an item of the first list, scalar or reference"],
        ["`=`", "the type of the first reference argument"],
        ["`M`", "any map"],
        ["`k K`", "a key of the first map, scalar or reference"],
        ["`v V`", "a value of it, scalar or reference"],
        ["`p q`", "a list of its keys, a list of its values"]])
    body += [""] + rows(["effect", "meaning"],
                        [[k, v] for k, v in EFFECTS.items()])
    for title, found in table("runtime/pvm/natives.def"):
        body += ["", f"### {title[:1].upper()}{title[1:]}", ""]
        body += rows(["name", "signature", "effect", "meaning"],
                     [[f"`{name}`", f"`{sig}`", effect, meaning]
                      for _, name, sig, effect, _, meaning in found])
    return page("Instructions of the PVM", "runtime/pvm/ops.def and "
                "runtime/pvm/natives.def", """
The machine has two kinds of registers: `s0 s1 …` hold 64-bit scalars (an int,
a byte, a bool, the bits of a float), `r0 r1 …` hold references. An instruction
is one 64-bit word with the fields A, B and C, or A and D. `pal disasm` shows
them in the order of the letters below.""", body)


# ---- operations of the IR ----------------------------------------------------

def operations():
    body = []
    for title, found in table("ir/ops.def"):
        body += heading(title.split("; ")[0])
        body += rows(["name", "signature", "class", "partner", "flags",
                      "meaning"],
                     [[f"`{text}`", f"`{sig}`", cls.lower(),
                       "" if pair == name else f"`{pair.lower()}`", flags,
                       meaning]
                      for name, text, cls, pair, flags, sig, _, meaning
                      in found])
    return page("Operations of PIR", "ir/ops.def", """
PIR is the intermediate representation; `pal ir FILE` shows a program in it, and
`pal ir --rev FILE` its reversible functions before they become plain code, each
with its inverse.

A **pure** operation makes a fresh value, an **injective** one consumes its
argument and is undone by its partner, a **logged** one destroys a value in
memory that the trail restores, an **effect** calls a native, **control** moves
control and is read from the last line up as its partner.

Flags: `R` reads memory, `W` writes memory, `F` may fail, `T` ends a block.

Signatures are arguments, a colon, results, a letter each: `i` int, `f` float,
`b` bool, `y` byte, `n` int or byte, `c` int, byte or bool, `w` any scalar, `r`
any reference, `s` str, `e` Error, `l` any list, `x` an item of it, `v` any (all
alike), `V` the type that the operation names, `*` any number.""", body)


# ---- built-in functions ------------------------------------------------------

PARAMETERS = {
    "*": "…", "v": "x: T", "c": "x: str, [T] or [K: V]", "n": "a: N", "L": "xs: [T]",
    "T": "x: T", "=": "b: N", "i": "i: int", "b": "condition: bool",
    "s": "s: str", "M": "m: [K: V]", "k": "key: K", "R": "x: T",
    "W": "w: weak[T]", "G": "g: Guardian[T]", "O": "x: T",
}
OPTIONAL = {"s": "message: str", "B": "by: fn(T) -> K"}
RESULTS = {
    "-": "", "!": "", "i": " -> int", "b": " -> bool", "s": " -> str",
    "T": " -> T", "I": " -> [int]", "Z": " -> [str]", "K": " -> [K]",
    "V": " -> [V]", "o": " -> V?", "E": " -> [(int, T)]", "W": " -> weak[T]",
    "G": " -> Guardian[T]", "O": " -> T?",
}


def signature(text, letters, result):
    """A row's name, parameter letters and result as a declaration."""
    letters, _, optional = letters.partition("?")
    params = []
    for letter in letters:
        param = PARAMETERS[letter]
        params.append("j: int" if param in params else param)
    after = RESULTS.get(result, " -> N" if "n" in letters else " -> T")
    if text.startswith("."):    # a method only
        text = params.pop(0).split(":")[0] + text
    inside = ", ".join(params)
    if optional:
        inside += f"[, {OPTIONAL[optional]}]"
    return f"{text}({inside}){after}"


def builtins():
    found = [r for _, rs in table("frontend/builtins.def") for r in rs]
    body = rows(["function", "meaning"],
                [[f"`{signature(text, params, result)}`", meaning]
                 for _, text, params, result, meaning in found])
    return page("Built-in functions", "frontend/builtins.def", """
Visible everywhere, without an import; a program may declare its own functions
of these names. Any of them can be written as a method of its first argument:
`xs.push(1)` is `push(xs, 1)`. T is any type, N is int, float or byte, what
stands in `[, …]` may be left out, and "fails index" names the kind of the error.
The conversions `int(x)`, `float(x)`, `str(x)`,
`byte(x)` and `bool(x)` are described in
[the language](language.md#conversions).""", body)


# ---- the grammar -------------------------------------------------------------

def the_grammar():
    return page("The grammar", "frontend/parser.y and frontend/tokens.def", """
What the parser takes. What it means, and what the checker asks of it besides, is
told in [the language](language.md).""", grammar.body())


PAGES = {
    "docs/reference/grammar.md": the_grammar,
    "docs/reference/diagnostics.md": diagnostics,
    "docs/reference/instructions.md": instructions,
    "docs/reference/pir.md": operations,
    "docs/reference/builtins.md": builtins,
}
