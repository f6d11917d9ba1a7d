"""Types of the programs of sums_generate.py, what a place in them sees, and
the marks in their text that tell what was reached.

A type is its name, or a tuple of a kind and its parts: ("list", "int").  That
of a function has its result first: ("fn", "int", "str") is fn(str) -> int.
"""
import re

SCALARS = ("int", "float", "bool", "byte", "str", "Dir")
STRUCTS = ("Shape", "Rec", "Ring", "Act", "Error", "any")
KEYS = ("int", "str", "str", "Dir", "bool", "byte", ("tuple", "int", "Dir"),
        ("tuple", "str", "bool"))
# Often wanted, so that values of one type meet.
COMMON = ("str", "any", "Ring", "Shape", ("list", "int"), ("list", "str"),
          ("list", ("tuple", "int", "str")), ("map", "str", "int"),
          ("map", "str", "str"), ("option", "int"), ("option", "str"),
          ("tuple", "int", "str"), ("Cell", "int"), ("Pair", "int", "str"),
          ("Tree", "int"), ("lib.Stack", "int"), ("Walk", "int"))
GENERIC = ("Cell", "Res", "Walk", "Tree", "lib.Mood", "lib.Stack")


def option(t):
    return t if t[0] == "option" else ("option", t)


def text(t):
    """A type as it is written."""
    if isinstance(t, str):
        return t
    kind, *parts = t
    parts = [text(p) for p in parts]
    if kind == "option":
        return f"({parts[0]})?" if parts[0][:2] == "fn" else parts[0] + "?"
    if kind == "list":
        return f"[{parts[0]}]"
    if kind == "map":
        return f"[{parts[0]}: {parts[1]}]"
    if kind == "tuple":
        return f"({', '.join(parts)})"
    if kind == "fn":
        return f"fn({', '.join(parts[1:])}) -> {parts[0]}"
    return f"{kind}[{', '.join(parts)}]"


def holds(t, what):
    """Whether a value of the type may hold one of the kind `what`."""
    if isinstance(t, str):
        return t == what or t == "Act" and what == "fn"
    return t[0] == what or any(holds(p, what) for p in t[1:])


def holds_fn(t):
    return holds(t, "fn")


def is_ordered(t):
    return t in ("int", "float", "byte", "str") or (
        t[0] == "tuple" and all(is_ordered(p) for p in t[1:]))


def is_reference(t):
    return t[0] in ("list", "map", "Cell", "Pair", "Walk") or t in (
        "Rec", "Ring", "Act")


class Scope:
    """The variables that a place sees, and where it stands."""

    def __init__(self, up=None, **here):
        self.up = up
        self.names = list(up.names) if up else []   # (name, type, assignable)
        self.in_lambda = up.in_lambda if up else False
        self.result = up.result if up else None   # what `return` may give
        self.open = up.open if up else ()    # marks of the function's scopes
        self.loops = up.loops if up else ()  # (label or None, len(open))
        self.depth = up.depth + 1 if up else 0
        self.__dict__.update(here)

    def add(self, name, type_, assignable=False):
        self.names.append((name, type_, assignable))

    def of(self, type_):
        return [n for n, t, _ in self.names if t == type_]


# ---- marks -----------------------------------------------------------------
#
# A program is made with marks in its text, which are taken out before it runs:
#
#   «TEXT»        a statement that tells TEXT on the standard error
#   ‹NAME|E›      the expression E, a construct to be counted as NAME
#   ‹+N KIND|E›   E, in a scope that opens before it
#   ‹!N|E›        E, after scope N has failed
#   ‹-N T|E›      E of type T, whose scope N ends with it
#   «K N»         undo { keep, or a plain block where marks are told: what is
#                 kept from its beginning must do as if there were no scope
#
# Texts: `+ N KIND` and `- N` for a scope that opens and ends, `! N` for one
# that failed, `k N` for a keep, `m NAME` for a construct.

MARK = re.compile(r"«([^»]*)»|‹([^|]*)\||›")


def plain(made):
    """The program without its marks."""
    def without(m):
        return "undo { keep" if (m[1] or "").startswith("K ") else ""

    lines = (MARK.sub(without, l) for l in made.split("\n")
             if not re.fullmatch(r"\s*«[^K»][^»]*»", l))
    return "\n".join(re.sub(r"(^\s*|[;{] )(?:; )+", r"\1", l) for l in lines)


def told(made):
    """The program that tells its marks; places of constructs are numbered."""
    ends, places = [], [0]

    def say(words):
        if words[0] == "m":
            places[0] += 1
            words = f"m {places[0]} {words[2:]}"
        return f'eprint("@{words}")'

    def with_(m):
        if m[1] is not None:
            if m[1].startswith("K "):
                n = m[1][2:]
                return "{ " + say(f"+ {n} undo") + "; " + say(f"k {n}")
            return say(m[1])
        if m[2] is None:
            return ends.pop()
        sign, rest = m[2][0], m[2][1:]
        if sign == "-":
            n, type_ = rest.split(" ", 1)
            ends.append(f"; {say('- ' + n)}; done{n} }})")
            return f"({{ let done{n}: {type_} = "
        ends.append(" })")
        return "({ " + say(f"{sign} {rest}" if sign in "+!" else
                           "m " + m[2]) + "; "

    return MARK.sub(with_, made)


def count(err, counts):
    """Adds the constructs that a told program reached, by scope."""
    scopes = []    # [number, kind, kept, constructs]

    def close(outcome=None):
        _, kind, kept, reached = scopes.pop()
        if kind == "undo":
            outcome = "kept" if kept else "undo"
        for name, place in reached:
            counts.add((name, outcome or "try", place))
            if scopes:
                counts.add((name, "nested", place))

    for line in err.splitlines():
        if line[:1] != "@":
            continue
        sign, n, *rest = line[1:].split(" ", 2)
        if sign == "m" and scopes:
            scopes[-1][3].add((rest[0], n))
        elif sign == "m":
            counts.add((rest[0], "none", n))
        elif sign == "+":
            scopes.append([n, rest[0], False, set()])
        elif any(s[0] == n for s in scopes):
            at = max(i for i, s in enumerate(scopes) if s[0] == n)
            if sign == "k":
                scopes[at][2] = True
                continue
            while len(scopes) > at:
                close("failed" if sign == "!" else "try")
