"""Random expressions: the part of the generator that draws values.

Where an expression is not inside a try of its function (c.in_try) what might
fail is mostly avoided or guarded, so that programs get somewhere.
"""
from tree import Node, Variable, expression, item_of

SCALARS = ("int", "int", "int", "float", "bool", "byte", "str")
INTS = (10, 63, 64, 65, 255, 256, 1000, -128, 1 << 31, 1 << 32, -(1 << 31),
        (1 << 53) + 1, (1 << 63) - 1, -(1 << 63), 0x5555555555555555)
FLOATS = (0.0, -0.0, 0.1, 1.5, -2.25, 3.0, 1e10, 1e16, 1e-5, 2.0**53, 1e300,
          float("inf"), float("-inf"), float("nan"))
STRS = ("", "a", "b", "ab", "é", "12", "-7", "x y", "naïve", "日本", "1.5",
        "true", "{", '"', "a\nb", "tab\t", "+3", "300", "\0z", "\\")
SPECS = {
    "int": (">6", "<5", "^7", "06", "x", "#x", "b", "#o", "010#x", "4"),
    "byte": (">4", "02x", "#b", "^6", "3"),
    "float": (".2", ".0", ">9.3", "e", ".3e", "012.1", "^11", "<9", "010"),
    "str": (">5", "<5", "^6", ".2", "6.3", "^7.1"),
    "bool": (">6", "<6", "^7"),
}
ARITHMETIC = {
    "int": "+ - * & | ^ << >> + - * / %".split(),
    "byte": "+ - * & | ^ << >> + - / %".split(),
    "float": "+ - * / + - %".split(),
    "str": ["+"],
}

def lit(type_, value, plain=False):
    return Node("lit", type_, value, plain)


def name(v):
    return Node("name", v.type, v)


def built(type_, what, method, *args):
    return Node("built", type_, what, method, *args)


# ---- makers of expressions of a type: f(generator, context, depth) ----------

def arithmetic(type_):
    def make(self, c, d):
        op = self.r.choice(ARITHMETIC[type_])
        right = self.right(op, type_, c, d - 1)
        if op in "/%" and (not c.in_try or self.chance(60)):
            right = self.literal(type_, 0)
            if type_ != "float":
                right.args[0] = right.args[0] or 3
        return Node("binary", type_, op, self.expr(type_, c, d - 1),
                    right)
    return make


def sign(type_, ops):
    return lambda self, c, d: Node(
        "unary", type_, self.r.choice(ops), self.expr(type_, c, d - 1))


def extreme(type_):
    def make(self, c, d):
        f = self.r.choice(("min", "max", "abs"))
        args = [self.expr(type_, c, d - 1)
                for _ in range(1 if f == "abs" else 2)]
        return built(type_, f, self.chance(30), *args)
    return make


def convert(type_, sources):
    def make(self, c, d):
        source = self.r.choice(sources)
        value = self.expr(source, c, d - 1)
        risky = source == "str" or source == "float" or type_ == "byte"
        if risky and not c.in_try:
            return Node("orelse", type_, Node("conv", type_, value),
                        self.literal(type_, 0))
        return Node("conv", type_, value)
    return make


class Expressions:
    def scalar(self, type_):
        return type_ in SPECS

    def literal(self, type_, d, adapt=False):
        """A value that names no variable.  Where the type is known from the
        place (adapt), it may be an empty list or a bare byte."""
        if type_ == "int":
            few = self.r.randint(-3, 9)
            return lit("int", few if self.chance(80) else self.r.choice(INTS))
        if type_ == "float":
            return lit("float", self.r.choice(FLOATS) if self.chance(60)
                       else self.r.randint(-40, 40) / 4)
        if type_ == "bool":
            return lit("bool", self.chance(50))
        if type_ == "byte":
            return lit("byte", self.r.choice((0, 1, 2, 7, 8, 200, 255)),
                       adapt)
        if type_ == "str":
            return lit("str", self.r.choice(STRS).encode())
        if type_[0] == "[":
            most = 4 if d > 1 else 2
            few = self.r.randint(0 if adapt and self.chance(40) else 1, most)
            if type_ in (f"[{s}]" for s in self.structs) and d <= 0:
                few = 0 if adapt else 1
            return Node("list", type_, *(
                self.literal(type_[1:-1], d - 1, adapt and i == 0)
                for i in range(few)))
        return self.struct_value(
            type_, lambda t: self.literal(t, d - 1, True))

    def struct_value(self, type_, value):
        s = self.structs[type_]
        named = self.r.randint(0, len(s.fields)) if self.chance(50) else 0
        values = [Node("list", t) if t == f"[{type_}]" else value(t)
                  for _, t, _ in s.fields]
        return Node("make", type_, s, named, *values)

    def leaf(self, type_, c, adapt=False):
        found = self.chance(80) and self.walk(type_, c, False, 0)
        return found or self.literal(type_, 0, adapt)

    def walk(self, type_, c, writable=False, steps=3):
        """A way to a value of the type from a variable: x, x.f, x[i].f …"""
        pool = [v for v in c.visible if v.type == type_] if not steps else [
            v for v in c.visible if v.type != "Error"]
        for _ in range(8 if pool else 0):
            v = self.r.choice(pool)
            node, fine = name(v), v.mutable
            for _ in range(steps):
                if node.type == type_ and (fine or not writable):
                    break
                node, fine = self.step(node, c)
                if not node:
                    break
            if node and node.type == type_ and (fine or not writable):
                return node
        return None

    def step(self, node, c):
        if node.type[0] == "[":
            return Node("index", item_of(node.type), node,
                        self.index(c, node)), True
        if node.type in self.structs:
            n, t, var = self.r.choice(self.structs[node.type].fields)
            return Node("field", t, node, n), var
        return None, False

    def index(self, c, xs):
        r = self.r.random()
        if r < 0.55:
            return lit("int", self.r.randint(0, 1 if c.in_try else 0))
        if r < 0.75:
            return Node("binary", "int", "%", self.small(c),
                        built("int", "len", True, xs))
        if r < 0.9 or not c.in_try:
            return Node("binary", "int", "-", built("int", "len", True, xs),
                        lit("int", 1))
        return self.leaf("int", c)

    def small(self, c):
        return Node("binary", "int", "&", self.leaf("int", c),
                    lit("int", 3))

    def length(self, c):
        xs = self.walk(self.r.choice(self.list_types(c)), c, False, 1)
        xs = xs or self.leaf("str", c)
        return built("int", "len", self.chance(70), xs)

    def expr(self, type_, c, d, adapt=False):
        if d <= 0:
            return self.leaf(type_, c, adapt)
        if self.chance(18):
            found = self.walk(type_, c)
            if found:
                return found
        if self.chance(9):
            return self.with_block(type_, c, d)
        if self.chance(10):
            found = self.call(c, type_, d - 1)
            if found:
                return found
        if self.chance(6):
            found = self.taken(type_, c)
            if found:
                return found
        if type_[0] == "[":
            return self.list_value(type_, c, d, adapt)
        if type_ in self.structs:
            if self.chance(25):
                return built(type_, "copy", False, self.leaf(type_, c))
            if self.chance(30):
                return self.leaf(type_, c)
            return self.struct_value(
                type_, lambda t: self.expr(t, c, d - 1, True))
        return self.r.choice(getattr(self, "of_" + type_))(self, c, d)

    def taken(self, type_, c):
        xs = self.walk(f"[{type_}]", c)
        if not xs:
            return None
        if self.chance(50):
            return built(type_, "pop", True, xs)
        return built(type_, "remove", True, xs, self.index(c, xs))

    def list_value(self, type_, c, d, adapt):
        item, r = item_of(type_), self.r.random()
        if r < 0.2:
            xs = self.leaf(type_, c)
            return Node("slice", type_, xs, lit("int", self.r.randint(0, 1)),
                        built("int", "len", True, xs))
        if r < 0.3:
            return built(type_, "copy", self.chance(50), self.name_or(
                type_, c))
        if r < 0.42:
            return Node("fill", type_, self.expr(item, c, d - 1), Node(
                "binary", "int", "|", self.small(c),
                lit("int", self.r.choice((0, 1, 1)))))
        if r < 0.55:
            return self.leaf(type_, c, adapt)
        if r < 0.65 and type_ == "[int]":
            return built(type_, "chars", True, self.expr("str", c, d - 1))
        few = self.r.randint(0 if adapt else 1, 3)
        return Node("list", type_, *(
            self.expr(item, c, d - 1, adapt and i == 0) for i in range(few)))

    def name_or(self, type_, c):
        return self.walk(type_, c) or self.literal(type_, 1)

    def with_block(self, type_, c, d):
        """if, block, undo and try as values."""
        r = self.r.random()
        give = lambda inner, most=1: self.value_block(type_, inner, d, most)
        if r < 0.25:
            other = c.inner()
            no = give(other) if self.chance(85) else [self.way_out(other)]
            return Node("choose", type_, self.expr("bool", c, d - 1),
                        give(c.inner()), no)
        if r < 0.35:
            return Node("braces", type_, give(c.inner(), 2))
        if r < 0.6:
            inner = c.inner((), True)
            keep, inner.hides = self.keep(inner), False
            body = give(inner, 3)
            if self.chance(40):
                self.insert_early(body, keep)
            return Node("what_if", type_, body)
        inner = c.inner((), False, True)
        if r < 0.8:
            e = Variable(self.fresh("e"), "Error", False)
            fail = Node("if", None, self.expr("bool", inner, 1),
                        [self.failing(inner.inner())], None)
            inner.hides = False
            body, handler = give(inner, 3), c.inner((), False, False, e)
            if self.chance(40):
                self.insert_early(body, fail)
            last = (give(handler) if self.chance(90)
                    else [self.way_out(handler)])
            return Node("caught", type_, body, e, last)
        return Node("orelse", type_, self.expr(type_, inner, d - 1),
                    self.expr(type_, c, d - 1))

    def value_block(self, type_, c, d, most):
        out = []
        for _ in range(self.r.randint(0, most) if self.budget > 0 else 0):
            out += self.statement(c)
            if self.leaves(out[-1]):
                out.pop()
        return out + [Node("value", None, self.expr(type_, c, d - 1))]

    def way_out(self, c):
        """A statement that leaves where a value would stand."""
        if c.loops and self.chance(50):
            return Node(self.r.choice(("break", "continue")), None, None)
        if c.function.name != "main" and self.chance(60):
            value = c.function.result and self.leaf(c.function.result, c)
            return Node("return", None, value)
        return Node("fail", None, self.leaf("str", c))

    def call(self, c, type_, d):
        """A call that gives the type; of None, any call."""
        me = c.function
        fit = [f for f in self.functions if type_ in (None, f.result)]
        if me.recursive and type_ in (None, me.result) and self.chance(50):
            fit.append(me)
        return self.call_of(self.r.choice(fit), c, d) if fit else None

    def call_of(self, f, c, d):
        """A call of f; None where there is no place for a mut parameter."""
        me = c.function
        args = []
        for i, p in enumerate(f.parameters):
            if i == 0 and f.recursive:
                args.append(lit("int", self.r.randint(0, 3)) if f is not me
                            else Node("binary", "int", "-",
                                      name(p), lit("int", 1)))
            elif p.mutable:
                place = self.walk(p.type, c, True)
                if not place:
                    return None
                args.append(Node("ref", p.type, place))
            else:
                args.append(self.expr(p.type, c, d - 1, True))
        if f is me and f.parameters[0] not in c.visible:
            return None     # its depth is hidden by another n
        shown = [expression(a, 0) for a in args if a.kind == "ref"]
        if len(set(shown)) < len(shown):
            return None
        method = args[0].kind in ("name", "index") and self.chance(50)
        return Node("call", f.result, f, method, *args)

    # ---- expressions by type -----------------------------------------------

    def right(self, op, type_, c, d):
        """The count of a shift is an int, whatever is shifted."""
        return self.expr("int" if op[0] in "<>" else type_, c, d)

    def size(self, c, d):
        return self.length(c)

    def error_fact(self, c, d):
        errors = [v for v in c.visible if v.type == "Error"]
        if not errors:
            return self.literal("str", d)
        return Node("about", "str", name(self.r.choice(errors)),
                    self.r.choice(("kind", "message")))

    def trace_size(self, c, d):
        errors = [v for v in c.visible if v.type == "Error"]
        if not errors:
            return self.literal("int", d)
        return Node("about", "int", name(self.r.choice(errors)), "trace")

    def compare(self, c, d):
        type_ = self.r.choice(("int", "int", "int", "float", "byte", "str"))
        return Node("binary", "bool",
                    self.r.choice("< <= > >= == !=".split()),
                    self.expr(type_, c, d - 1), self.expr(type_, c, d - 1))

    def alike(self, c, d):
        type_ = self.type()
        ops = ["==", "!="]
        if not self.scalar(type_):
            ops += ["is", "is not"]
        return Node("binary", "bool", self.r.choice(ops),
                    self.name_or(type_, c), self.expr(type_, c, d - 1))

    def logic(self, c, d):
        return Node("binary", "bool", self.r.choice(("and", "or")),
                    self.expr("bool", c, d - 1), self.expr("bool", c, d - 1))

    def among(self, c, d):
        xs = self.name_or(self.r.choice(self.list_types(c)), c)
        return built("bool", "contains", self.chance(70), xs,
                     self.expr(item_of(xs.type), c, d - 1))

    def byte_of(self, c, d):
        s = self.name_or("str", c)
        if not c.in_try:
            return Node("orelse", "byte", Node(
                "index", "byte", s, lit("int", 0)), lit("byte", 0))
        return Node("index", "byte", s, self.index(c, s))

    def interpolation(self, c, d):
        parts = []
        for _ in range(self.r.randint(1, 3)):
            if self.chance(60):
                parts.append(self.r.choice(STRS))
            type_ = self.type()
            value, spec = self.expr(type_, c, d - 1), ""
            if type_ in SPECS and self.chance(45):
                spec = self.r.choice(SPECS[type_])
            parts.append(Node("part", "str", value, spec))
        return Node("text", "str", *parts)

    def cut(self, c, d):
        s = self.name_or("str", c)
        n = Node("binary", "int", "%", self.small(c), Node(
            "binary", "int", "+", built("int", "len", True, s),
            lit("int", 1)))
        low, high = (lit("int", 0), n) if self.chance(50) else (
            n, built("int", "len", True, s))
        if c.in_try and self.chance(20):
            low = self.expr("int", c, 1)
        node = Node("slice", "str", s, low, high)
        if c.in_try:
            return node
        return Node("orelse", "str", node, self.literal("str", 0))

    def one_character(self, c, d):
        n = Node("binary", "int", "&", self.expr("int", c, d - 1),
                 lit("int", 1023))
        return built("str", "chr", False, n)

    def shown(self, c, d):
        type_ = self.type()
        value = self.expr(type_, c, d - 1)
        if self.chance(20):
            return built("str", "type_of", False, self.name_or(type_, c))
        return Node("conv", "str", value)

    of_int = (arithmetic("int"),) * 6 + (
        sign("int", "-~"), extreme("int"), size, size, trace_size,
        convert("int", ("float", "bool", "byte", "str")))
    of_float = (arithmetic("float"),) * 4 + (
        sign("float", "-"), extreme("float"),
        convert("float", ("int", "byte", "str")))
    of_byte = (arithmetic("byte"),) * 3 + (
        sign("byte", "-~"), extreme("byte"), byte_of, byte_of,
        convert("byte", ("int", "bool", "str")))
    of_bool = (compare, compare, compare, compare, alike, alike, logic,
               logic, sign("bool", ("not",)), among,
               convert("bool", ("str",)))
    of_str = (arithmetic("str"),) * 2 + (
        interpolation, interpolation, cut, cut, shown, shown, one_character,
        error_fact, error_fact)
