"""Statements of reversible functions: their trees, text and inverses.

Expressions are those of tree.py.  Operands of the statements:

    update operator, place, value                  x += e
    change word, place                             neg x, inv x
    swap   place, place                            a <=> b
    move   word, list, place                       push(s, &x), pop(s, &x)
    do     call, or a built-in swap or reverse     f(k, &x)
    uncall call                                    uncall f(k, &x)
    assert condition, None
    rif    condition, block, fi, block or None     if c { A } else { B } fi d
    from   entry, block, block, exit               from c do { } loop { } until d
    count  Variable, from, to, block               for i in a..b
    local  Variable, annotated, first, block, last local t = e … delocal t = d
    within block, block
    block  block

A `rif` whose other block is one more `rif` is written as a chain.  A `local`
holds what stands between it and its `delocal`: there is never one without
the other.
"""
import tree
from tree import Node, expression

REVERSIBLE = frozenset("update change swap move do uncall assert rif from count "
                       "local within block".split())
OPPOSITE = {"+": "-", "-": "+", "^": "^", "<<<": ">>>", ">>>": "<<<",
            "push": "pop", "pop": "push"}


class Back(Node):
    """A statement of an inverse; `of` is the one that it inverts."""
    __slots__ = ("of",)


# ---- inverses ----------------------------------------------------------------

def inverse(block):
    """The table of the language's reference, statement by statement."""
    return [inverted(n) for n in reversed(block)]


def inverted(n):
    if isinstance(n, Back):
        return n.of
    back = Back(n.kind, n.type, *OPERANDS[n.kind](*n.args))
    back.of = n
    return back


def other(block):
    return None if block is None else inverse(block)


OPERANDS = {
    "update": lambda op, place, value: (OPPOSITE[op], place, value),
    "change": lambda word, place: (word, place),
    "swap": lambda a, b: (a, b),
    "move": lambda word, items, place: (OPPOSITE[word], items, place),
    "do": lambda call: (call,),        # whoever runs it looks at `Back`
    "uncall": lambda call: (call,),
    "assert": lambda condition, message: (condition, message),
    "rif": lambda c, yes, fi, no: (fi, inverse(yes), c, other(no)),
    "from": lambda c, body, step, d: (d, inverse(body), inverse(step), c),
    "count": lambda i, low, high, body: (i, low, high, inverse(body)),
    "local": lambda t, typed, first, body, last: (
        t, typed, last, inverse(body), first),
    "within": lambda body, use: (body, inverse(use)),
    "block": lambda body: (inverse(body),),
}


# ---- text --------------------------------------------------------------------

def braces(block, indent):
    if len(block) == 1 and block[0].kind != "raw":
        only = sentence(block[0], indent)
        if "\n" not in only and len(only) < 50:
            return "{ " + only + " }"
    lines = "".join(statement(s, indent + 1) for s in block)
    return "{\n" + lines + "    " * indent + "}" if block else "{ }"


def chain(n, indent):
    """An `if`; where it goes on with another, each branch has its `fi`."""
    c, yes, fi, no = n.args
    text = f"if {expression(c, indent)} {braces(yes, indent)}"
    if no and len(no) == 1 and no[0].kind == "rif":
        return (f"{text} fi {expression(fi, indent)}\n" + "    " * indent +
                "else " + chain(no[0], indent))
    if no is not None:
        text += " else " + braces(no, indent)
    return f"{text} fi {expression(fi, indent)}"


def local(n, indent):
    t, typed, first, body, last = n.args
    shown = t.name + (f": {t.type}" if typed else "")
    lines = [f"local {shown} = {expression(first, indent)}\n"]
    lines += [statement(s, indent) for s in body]
    lines += ["    " * indent,
              f"delocal {shown} = {expression(last, indent)}"]
    return "".join(lines)


def loop(n, indent):
    entry, body, step, until = n.args
    text = f"from {expression(entry, indent)} do {braces(body, indent)}"
    if step:
        text += " loop " + braces(step, indent)
    return f"{text} until {expression(until, indent)}"


def sentence(n, indent):
    k, a = n.kind, n.args
    e = lambda node: expression(node, indent)
    if k == "update":
        return f"{e(a[1])} {a[0]}= {e(a[2])}"
    if k == "change":
        return f"{a[0]} {e(a[1])}"
    if k == "move":
        return f"{a[0]}({e(a[1])}, &{e(a[2])})"
    if k == "rif":
        return chain(n, indent)
    if k == "from":
        return loop(n, indent)
    if k == "count":
        return f"for {a[0].name} in {e(a[1])}..{e(a[2])} {braces(a[3], indent)}"
    if k == "local":
        return local(n, indent)
    if k == "within":
        return f"within {braces(a[0], indent)} apply {braces(a[1], indent)}"
    if k == "block":
        return braces(a[0], indent)
    if k == "raw":
        return a[0]
    return tree.sentence(n, indent)


def statement(n, indent):
    return "    " * indent + sentence(n, indent) + "\n"


def function_text(f):
    if f.rev:
        return "rev " + tree.header(f) + braces(f.body, 0) + "\n"
    return tree.header(f) + tree.braces(f.body, 0) + "\n"


def program_text(p):
    out = [f"struct {s.name} {{ " + ", ".join(
               ("var " if var else "") + f"{name}: {type_}"
               for name, type_, var in s.fields) + " }\n"
           for s in p.structs.values()]
    out += [tree.statement(g, 0) for g in p.globals]
    out += ["\n" + function_text(f) for f in p.functions]
    return "".join(out)
