"""Random expressions and places of reversible functions.

An expression may be told what to leave alone: variables that its statement
updates, and the memory that an update's own place lies in, where the value
is not always evaluated.  What it reads through references may still change:
then the statement fails, or is refused, and both are to be seen.
"""
from expressions import INTS, built, lit, name
from tree import Node, expression, item_of

SCALARS = ("int", "byte", "bool")
OPERATORS = {"int": "+ - * & | ^ + - ^ << >>".split(),
             "byte": "+ - * & | ^".split()}
COMPARE = ("==", "!=", "<", "<=", ">", ">=")


def names_in(node, found=None):
    """The Variables that an expression names."""
    found = set() if found is None else found
    if node.kind == "name":
        found.add(node.args[0])
    for a in node.args:
        if isinstance(a, list):
            for n in a:
                names_in(n, found)
        elif isinstance(a, Node):
            names_in(a, found)
    return found


def parts_of(node):
    """The node and all below it."""
    yield node
    for a in node.args:
        for n in a if isinstance(a, list) else [a]:
            if isinstance(n, Node):
                yield from parts_of(n)


def always_in(node):
    """The node and what of it is evaluated whatever its conditions are."""
    yield node
    some = node.kind == "binary" and node.args[0] in ("and", "or")
    for a in node.args[:2 if some else None]:
        if isinstance(a, Node):    # the branches of a choice are lists
            yield from always_in(a)


def kind_of_place(node):
    """What the checker tells memory apart by; None for a local variable."""
    if node.kind == "index":
        return node.args[0].type
    if node.kind == "field":
        return node.args[0].type, node.args[1]
    if node.kind == "name" and node.args[0].is_global:
        return node.args[0]
    return None


def is_straight(n):
    """Whether nothing but operators makes it of its parts."""
    return n.kind not in ("call", "choose", "conv", "text") and not (
        n.kind == "lit" and n.type == "byte") and not (
        n.kind == "built" and n.args[0] != "len")


class Without:
    """What an expression is not to name, or to read."""

    def __init__(self, variables=(), place=None):
        self.variables = set(variables)
        self.place = place
        if place is not None and place.kind == "name":
            self.variables.add(place.args[0])

    def allows(self, node):
        if self.variables & names_in(node):
            return False
        if self.place is None or self.place.kind == "name":
            return True
        own, text = kind_of_place(self.place), expression(self.place, 0)
        return not any(kind_of_place(n) == own and expression(n, 0) == text
                       for n in parts_of(node))


NOTHING = Without()


class RevExpressions:
    """The part of the generator that draws values and places.  c is a
    Context of rev_generate.py."""

    def chance(self, percent):
        return self.r.random() * 100 < percent

    def pick(self, items):
        return self.r.choice(items) if items else None

    def literal(self, type_):
        if type_ == "int":
            few = self.r.randint(-3, 9)
            return lit("int", few if self.chance(85) else self.r.choice(INTS))
        if type_ == "byte":
            return lit("byte", self.r.choice((0, 1, 2, 3, 7, 8, 200, 255)))
        return lit("bool", self.chance(50))

    def expr(self, type_, c, depth, without=NOTHING):
        """A scalar expression that `without` allows."""
        for _ in range(6):
            made = self.scalar(type_, c, depth)
            if without.allows(made):
                return made
        for _ in range(4):
            made = self.leaf(type_, c)
            if without.allows(made):
                return made
        return self.literal(type_)

    def scalar(self, type_, c, depth):
        if depth <= 0 or self.chance(30):
            return self.leaf(type_, c)
        return {"int": self.int_of, "byte": self.byte_of,
                "bool": self.truth}[type_](c, depth - 1)

    def leaf(self, type_, c):
        if self.chance(25):
            return self.literal(type_)
        if type_ == "int" and c.counters and self.chance(35):
            return name(self.r.choice(c.counters))
        return self.way(type_, c) or self.literal(type_)

    def int_of(self, c, d):
        how = self.r.randint(0, 9)
        if how <= 4:
            op = self.r.choice(OPERATORS["int"])
            right = self.scalar("int", c, d)
            return Node("binary", "int", op, self.scalar("int", c, d), right)
        if how == 5:
            by = lit("int", self.r.choice((1, 2, 3, 5, -2, 7)))
            return Node("binary", "int", self.r.choice("/%"),
                        self.scalar("int", c, d), by)
        if how == 6:
            return Node("unary", "int", self.r.choice("-~"),
                        self.scalar("int", c, d))
        if how == 7:
            return self.help("int", c, d) or self.leaf("int", c)
        if how == 8:
            xs = self.way_to_list(c)
            return built("int", "len", True, xs) if xs else self.leaf("int", c)
        if self.chance(40):
            return Node("conv", "int", self.scalar("byte", c, d))
        if self.chance(50):
            return built("int", self.r.choice(("min", "max")), False,
                         self.scalar("int", c, d), self.scalar("int", c, d))
        return self.choose("int", c, d)

    def byte_of(self, c, d):
        if self.chance(20):
            return self.help("byte", c, d) or self.leaf("byte", c)
        if self.chance(12):
            return self.choose("byte", c, d)
        if self.chance(15):
            return Node("unary", "byte", "~", self.scalar("byte", c, d))
        return Node("binary", "byte", self.r.choice(OPERATORS["byte"]),
                    self.scalar("byte", c, d), self.scalar("byte", c, d))

    def choose(self, type_, c, d):
        value = lambda: [Node("value", None, self.scalar(type_, c, d))]
        return Node("choose", type_, self.scalar("bool", c, d), value(),
                    value())

    def truth(self, c, d):
        how = self.r.randint(0, 9)
        if how <= 4:
            type_ = "byte" if self.chance(20) else "int"
            return Node("binary", "bool", self.r.choice(COMPARE),
                        self.scalar(type_, c, d), self.scalar(type_, c, d))
        if how == 5:
            return Node("unary", "bool", "not", self.scalar("bool", c, d))
        if how == 6:
            return Node("binary", "bool", self.r.choice(("and", "or", "^")),
                        self.scalar("bool", c, d), self.scalar("bool", c, d))
        if how == 7:
            return self.help("bool", c, d) or self.leaf("bool", c)
        if how == 8:
            return self.compare_references(c) or self.leaf("bool", c)
        return self.leaf("bool", c)

    def compare_references(self, c):
        a = self.any_way(c)
        b = a and self.way(a.type, c)
        return b and Node("binary", "bool",
                          self.r.choice(("is", "is not", "==")), a, b)

    def help(self, type_, c, d):
        """A call of a function that only computes."""
        f = self.pick([h for h in self.helpers if h.result == type_])
        if not f:
            return None
        args = []
        for p in f.parameters:
            args.append(self.scalar(p.type, c, d) if p.type in SCALARS
                        else self.way(p.type, c))
        return Node("call", type_, f, False, *args) if all(args) else None

    # ---- ways to values --------------------------------------------------------

    def roots(self, c):
        return [v for v in c.visible if v not in c.hidden]

    def way(self, type_, c, writable=False):
        """x, x.f, x[i] … of that type."""
        pool = self.roots(c)
        for _ in range(10 if pool else 0):
            direct = [v for v in pool if v.type == type_]
            v = self.r.choice(direct if direct and self.chance(55) else pool)
            node, fine = name(v), v.mutable and v not in c.frozen
            for _ in range(3):
                if node.type == type_ and (fine or not writable) and (
                        self.chance(80)):
                    break
                longer, was = self.step(node, c, type_), node
                if not longer[0]:
                    break
                node, fine = longer
            if node.type == type_ and (fine or not writable):
                return node
        return None

    def step(self, node, c, wanted):
        """(one step further, whether it may be updated)"""
        item = item_of(node.type)
        if item:
            return Node("index", item, node, self.index(node, c)), True
        fields = [f for f in (self.structs[node.type].fields
                              if node.type in self.structs else ())]
        fitting = [f for f in fields if f[1] == wanted]
        f = self.pick(fitting if fitting and self.chance(70) else fields)
        if not f:
            return None, False
        return Node("field", f[1], node, f[0]), f[2]

    def index(self, xs, c):
        """Mostly one that is in range: lists begin with some items."""
        bound = c.indexes.get(expression(xs, 0))
        if bound and self.chance(70):
            return name(self.r.choice(bound))
        r = self.r.random()
        if r < 0.45:
            return lit("int", self.r.randint(0, 3))
        small = self.scalar("int", c, 1 if self.chance(30) else 0)
        if r < 0.80:
            return Node("binary", "int", "&", small, lit("int", 3))
        if r < 0.95:
            long = built("int", "len", True, xs)
            if self.chance(60):
                return Node("binary", "int", "%", Node(
                    "binary", "int", "&", small, lit("int", 63)), long)
            return Node("binary", "int", "-", long,
                        lit("int", self.r.randint(1, 2)))
        return small

    def way_to_list(self, c, item=None):
        types = [f"[{item}]"] if item else ["[int]", "[byte]", "[bool]"] + [
            f"[{s}]" for s in self.structs]
        return self.way(self.r.choice(types), c)

    def any_way(self, c):
        """To some object."""
        types = [v.type for v in self.roots(c) if v.type not in SCALARS]
        return self.way(self.r.choice(types), c) if types else None

    def place(self, type_, c, without=NOTHING):
        """Somewhere to update, with a path that `without` allows."""
        for _ in range(6):
            made = self.way(type_, c, True)
            if made and (made.kind == "name" or all(
                    without.allows(p) for p in made.args
                    if isinstance(p, Node))):
                return made
        return None
