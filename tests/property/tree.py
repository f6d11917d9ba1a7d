"""Syntax trees of generated programs, and their text.

A node has a kind, a static type (a str such as "[int]", or None for a
statement) and its operands.  Every expression is written in parentheses where
that could matter, so a tree has one meaning whatever the grammar's
precedences are; tests/lang covers those.

Operands of statements:

    var    Variable, keyword, annotated, value     let x: T = e
    set    operator, place, value                  x += e
    swap   place, place                            a <=> b
    do     call                                    f(x)
    uncall call                                    uncall f(x)
    print  values...         eprint  values...
    if     condition, block, block or None
    while  label, condition, block
    loop   label, block
    range  label, Variable, from, to, block        for i in a..b
    each   label, Variable, list, block            for x in xs
    break, continue    label
    return value or None     fail    message       exit    status
    keep                     assert  condition, message or None
    undo   block             block   block
    try    block, Variable, block
    value  value                                   the last of a value's block

Operands of expressions:

    lit    value, plain: a byte written without its conversion
    name   Variable          ref     place         &place
    unary  operator, value   binary  operator, left, right
    field  value, name       index   value, index
    slice  value, from, to   list    items...      fill  item, count
    make   struct, named, values...                P(1, b: 2)
    call   Function, method, arguments...
    built  name, method, arguments...              xs.push(1), len(s)
    conv   value             to the node's type
    choose condition, block, block                 if as an expression
    braces block             what_if block         undo as an expression
    caught block, Variable, block                  try as an expression
    orelse value, value                            try a else b
    text   parts: str, or (value, format)          "…{x:>4}…"
    about  value, what                             e.message, e.kind, trace
"""

STATEMENTS = frozenset(
    "var set swap do print eprint if while loop range each break continue "
    "return fail exit keep assert undo block try value uncall".split())
BLOCK_VALUES = frozenset(("choose", "braces", "what_if", "caught"))


class Node:
    __slots__ = ("kind", "type", "args")

    def __init__(self, kind, type_, *args):
        self.kind, self.type, self.args = kind, type_, list(args)


class Variable:
    """A declaration; two of one name are still two variables."""
    __slots__ = ("name", "type", "mutable", "is_global")

    def __init__(self, name, type_, mutable, is_global=False):
        self.name, self.type = name, type_
        self.mutable, self.is_global = mutable, is_global


class Struct:
    def __init__(self, name, fields):
        self.name = name
        self.fields = fields    # of (name, type, whether var)


class Function:
    """parameters are Variables; those that are mutable are `mut`."""

    def __init__(self, name, parameters, result):
        self.name, self.parameters, self.result = name, parameters, result
        self.body = []
        self.recursive = False
        self.rev = False    # then its statements are those of rev_tree.py
        self.inner = False  # main does not call it by itself


class Program:
    def __init__(self, structs, globals_, functions):
        self.structs = structs        # by name
        self.globals = globals_       # `var` nodes
        self.functions = functions    # the last is main


def item_of(type_):
    """The type of a list's items; None for what is no list."""
    return type_[1:-1] if type_[0] == "[" else None


# ---- text ------------------------------------------------------------------

ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\0": "\\0",
           "{": "\\{", "}": "\\}", "\r": "\\r"}


def quoted(text):
    return "".join(ESCAPES.get(c, c) for c in text)


def literal(node):
    value, plain = node.args
    if node.type == "str":
        return f'"{quoted(value.decode())}"'
    if node.type == "bool":
        return "true" if value else "false"
    if node.type == "byte":
        return str(value) if plain else f"byte({value})"
    if node.type == "float":
        if value != value:
            return "(0.0 / 0.0)"
        if value in (float("inf"), float("-inf")):
            return "(1.0 / 0.0)" if value > 0 else "(-1.0 / 0.0)"
        shown = repr(value)
        if "." not in shown:
            shown = shown.replace("e", ".0e")
        return f"({shown})" if shown[0] == "-" else shown
    return str(value) if value >= 0 else f"({value})"


def listed(nodes, indent):
    return ", ".join(expression(n, indent) for n in nodes)


def call(name, method, arguments, indent):
    if not method:
        return f"{name}({listed(arguments, indent)})"
    receiver = expression(arguments[0], indent)
    if name == "len":
        return receiver + ".len"
    return f"{receiver}.{name}({listed(arguments[1:], indent)})"


def braces(block, indent):
    if len(block) == 1:
        only = sentence(block[0], indent)
        if "\n" not in only and len(only) < 50:
            return "{ " + only + " }"
    lines = "".join(statement(s, indent + 1) for s in block)
    return "{\n" + lines + "    " * indent + "}" if block else "{ }"


def interpolation(parts, indent):
    out = []
    for part in parts:
        if isinstance(part, str):
            out.append(quoted(part))
        else:
            value, spec = part.args
            shown = expression(value, indent)
            out.append("{" + shown + (":" + spec if spec else "") + "}")
    return '"' + "".join(out) + '"'


def expression(n, indent):
    k, a = n.kind, n.args
    e = lambda node: expression(node, indent)
    if k == "lit":
        return literal(n)
    if k == "name":
        return a[0].name
    if k == "ref":
        return "&" + e(a[0])
    if k == "unary":
        return f"({a[0]} {e(a[1])})"
    if k == "binary":
        return f"({e(a[1])} {a[0]} {e(a[2])})"
    if k == "field":
        return f"{e(a[0])}.{a[1]}"
    if k == "index":
        return f"{e(a[0])}[{e(a[1])}]"
    if k == "slice":
        return f"{e(a[0])}[{e(a[1])}..{e(a[2])}]"
    if k == "list":
        return f"[{listed(a, indent)}]"
    if k == "fill":
        return f"[{e(a[0])}; {e(a[1])}]"
    if k == "make":
        named = len(a) - 2 - a[1]
        fields = a[0].fields
        shown = [(f"{fields[i][0]}: " if i >= named else "") + e(v)
                 for i, v in enumerate(a[2:])]
        return f"{a[0].name}({', '.join(shown)})"
    if k == "call":
        return call(a[0].name, a[1], a[2:], indent)
    if k == "built":
        return call(a[0], a[1], a[2:], indent)
    if k == "conv":
        return f"{n.type}({e(a[0])})"
    if k == "choose":
        return (f"(if {e(a[0])} {braces(a[1], indent)} else "
                f"{braces(a[2], indent)})")
    if k == "braces":
        return f"({braces(a[0], indent)})"
    if k == "what_if":
        return f"(undo {braces(a[0], indent)})"
    if k == "caught":
        return (f"(try {braces(a[0], indent)} undo {a[1].name} "
                f"{braces(a[2], indent)})")
    if k == "orelse":
        return f"(try {e(a[0])} else {e(a[1])})"
    if k == "text":
        return interpolation(a, indent)
    if k == "about":
        return f"{e(a[0])}.{'trace.len' if a[1] == 'trace' else a[1]}"
    raise ValueError(k)


def labelled(label):
    return f"{label}: " if label else ""


def sentence(n, indent):
    """A statement without its indentation and newline."""
    k, a = n.kind, n.args
    e = lambda node: expression(node, indent)
    b = lambda block: braces(block, indent)
    if k == "var":
        typed = f": {a[0].type}" if a[2] else ""
        return f"{a[1]} {a[0].name}{typed} = {e(a[3])}"
    if k == "set":
        return f"{e(a[1])} {a[0]}= {e(a[2])}"
    if k == "swap":
        return f"{e(a[0])} <=> {e(a[1])}"
    if k in ("do", "value"):
        return e(a[0])
    if k == "uncall":
        return "uncall " + e(a[0])
    if k in ("print", "eprint"):
        return f"{k}({listed(a, indent)})"
    if k == "if":
        text = f"if {e(a[0])} {b(a[1])}"
        if a[2] is None:
            return text
        chained = len(a[2]) == 1 and a[2][0].kind == "if"
        return text + " else " + (sentence(a[2][0], indent) if chained
                                  else b(a[2]))
    if k == "while":
        return f"{labelled(a[0])}while {e(a[1])} {b(a[2])}"
    if k == "loop":
        return f"{labelled(a[0])}loop {b(a[1])}"
    if k == "range":
        return (f"{labelled(a[0])}for {a[1].name} in {e(a[2])}..{e(a[3])} "
                f"{b(a[4])}")
    if k == "each":
        return f"{labelled(a[0])}for {a[1].name} in {e(a[2])} {b(a[3])}"
    if k in ("break", "continue"):
        return f"{k} {a[0]}" if a[0] else k
    if k == "return":
        return f"return {e(a[0])}" if a[0] else "return"
    if k == "fail":
        return f"fail {e(a[0])}"
    if k == "exit":
        return f"exit({e(a[0])})"
    if k == "keep":
        return "keep"
    if k == "assert":
        return f"assert({listed([x for x in a if x], indent)})"
    if k == "undo":
        return f"undo {b(a[0])}"
    if k == "block":
        return b(a[0])
    if k == "try":
        return f"try {b(a[0])} undo {a[1].name} {b(a[2])}"
    raise ValueError(k)


def statement(n, indent):
    return "    " * indent + sentence(n, indent) + "\n"


def header(f):
    shown = ", ".join(("mut " if p.mutable else "") + f"{p.name}: {p.type}"
                      for p in f.parameters)
    result = f" -> {f.result}" if f.result else ""
    return f"fn {f.name}({shown}){result} "


def program_text(p):
    out = []
    for s in p.structs.values():
        fields = ", ".join(("var " if var else "") + f"{name}: {type_}"
                           for name, type_, var in s.fields)
        out.append(f"struct {s.name} {{ {fields} }}\n")
    out += [statement(g, 0) for g in p.globals]
    for f in p.functions:
        out.append("\n" + header(f) + braces(f.body, 0) + "\n")
    return "".join(out)
