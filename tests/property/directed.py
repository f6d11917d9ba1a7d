"""Scopes that are aimed at: the part of the generator that sees to it that
every construct is reached in every kind of scope often enough.
"""
from expressions import SPECS, built, lit, name
from tree import Node, Variable

# What to aim at: a method that makes it, and how often.
WEIGHTS = {
    "assign": 38, "change_list": 14, "method_call": 11, "jumping_loop": 8,
    "counted": 6, "told_error": 4, "scalar_builtin": 4, "any_value": 4,
    "swap": 4, "call_statement": 6, "say_error": 4, "some_text": 4,
    "some_format": 2, "failing_undo": 2, "any_list": 2, "one_chr": 2,
    "fine_assert": 3, "type_text": 2, "kept_try": 2, "plain_block": 1,
    "for_range": 1, "for_list": 1, "what_if": 1, "choice": 1,
    "block_value": 1,
}
AIMS = [aim for aim, weight in WEIGHTS.items() for _ in range(weight)]


class Directed:
    def directed(self, c, kind):
        """A scope of a kind with rarer constructs first thing in it."""
        if kind == "none":
            return self.several(c)
        inner = c.inner((), kind in ("undo", "kept"))
        inner.in_try = False     # it is not to fail before its end
        if kind == "nested":
            body = self.directed(inner, self.r.choice(
                ("undo", "kept", "try", "failed")))
            kind = self.r.choice(("undo", "kept", "try"))
            inner.in_undo |= kind != "try"
        else:
            body = self.several(inner)
        body.append(self.digest(inner))
        if kind == "kept":
            body.insert(self.r.choice((0, len(body))), Node("keep", None))
        if kind in ("undo", "kept"):
            scope = Node("undo", None, body)
            if not c.in_try and self.chance(88):
                scope = Node("try", None, [scope], self.error(),
                             [self.digest(c)])
            return [scope, self.digest(c)]
        if kind == "failed":
            inner.in_try = True
            body.append(self.failing(inner))
        e = self.error()
        told = Node("print", None, *(Node("about", "str", name(e), what)
                                     for what in ("kind", "message")))
        return [Node("try", None, body, e, [told]), self.digest(c)]

    def several(self, c):
        out = []
        for _ in range(self.r.randint(4, 7)):
            out += self.rarely(c)
            self.budget = 3
        return out

    def rarely(self, c):
        for _ in range(8):
            made = getattr(self, self.r.choice(AIMS))(c)
            if made:
                return made if isinstance(made, list) else [made]
        return [self.digest(c)]

    def told_error(self, c):
        e, what = self.error(), self.r.choice(("kind", "message", "trace"))
        fact = Node("about", "int" if what == "trace" else "str", name(e),
                    what)
        inner = c.inner((), False, True)
        return Node("try", None, [self.failing(inner)], e,
                    [Node("print", None, fact)])

    def failing_undo(self, c):
        """An error that passes through an undo, kept or not."""
        inner = c.inner((), True, True)
        body = [self.digest(inner)]
        if self.chance(50):
            body.insert(0, Node("keep", None))
        how = self.r.choice(("fail", "assert"))
        text = self.expr("str", inner, 1)
        body.append(Node("fail", None, text) if how == "fail" else Node(
            "assert", None, Node("unary", "bool", "not", self.truth(inner)),
            text))
        return Node("try", None, [Node("undo", None, body)], self.error(),
                    [self.digest(c)])

    def fine_assert(self, c):
        return Node("assert", None, self.truth(c), None)

    def shown_value(self, c, value):
        if not value:
            return None
        if self.chance(50):
            v = self.declare(c, value.type)
            return Node("var", None, v, "var", False, value)
        return Node("print", None, value)

    def any_value(self, c):
        type_ = self.type()
        return self.shown_value(c, self.with_block(type_, c, 2))

    def any_list(self, c):
        types = [v.type for v in c.visible if v.type[0] == "["]
        type_ = self.r.choice(types or ["[int]"])
        return self.shown_value(c, self.list_value(type_, c, 2, False))

    def method_call(self, c):
        fit = [f for f in self.functions if not f.parameters[0].mutable and
               not f.recursive]
        if not fit:
            return None
        f = self.r.choice(fit)
        this = self.walk(f.parameters[0].type, c, False, 1)
        call = this and self.call_of(f, c, 1)
        if not call:
            return None
        call.args[1:3] = [True, this]
        return Node("do", None, call)

    def scalar_builtin(self, c):
        what = self.r.choice("abs min max chars chars contains copy".split())
        if what == "chars":
            value = built("[int]", "chars", True, self.leaf("str", c))
        elif what == "contains":
            value = self.among(c, 1)
        elif what == "copy":
            of = self.name_or(self.type(), c)
            value = built(of.type, what, self.chance(30), of)
        else:
            type_ = self.r.choice(("int", "int", "float", "byte"))
            few = [self.expr(type_, c, 1)
                   for _ in range(1 if what == "abs" else 2)]
            value = built(type_, what, self.chance(30), *few)
        return self.shown_value(c, value)

    def some_text(self, c):
        value = self.r.choice((self.interpolation, self.cut))(c, 2)
        return self.shown_value(c, value)

    def some_format(self, c):
        type_ = self.r.choice(list(SPECS))
        part = Node("part", "str", self.expr(type_, c, 1),
                    self.r.choice(SPECS[type_]))
        return self.shown_value(c, Node("text", "str", "<", part, ">"))

    def one_chr(self, c):
        return self.shown_value(c, self.one_character(c, 1))

    def type_text(self, c):
        of = self.name_or(self.type(), c)
        return self.shown_value(c, built("str", "type_of", False, of))

    def block_value(self, c):
        type_ = self.type()
        return self.shown_value(c, Node(
            "braces", type_, self.value_block(type_, c.inner(), 1, 1)))

    def kept_try(self, c):
        """A keep that stands in a try, which may fail behind it."""
        inner = c.inner((), True, True)
        body = [Node("keep", None), self.digest(inner)]
        if self.chance(50):
            body.append(self.failing(inner))
        return Node("undo", None, [
            Node("try", None, body, self.error(), [self.digest(inner)])])

    def say_error(self, c):
        return Node("eprint", None, self.leaf(self.type(), c))

    def jumping_loop(self, c):
        """A loop that is left, or cut short, at once."""
        label = self.label()
        i = Variable(self.fresh("i"), "int", False)
        inner = self.loop_inner(c, label, i)
        kind = self.r.choice(("break", "continue"))
        out = self.perhaps(inner, Node(kind, None, self.chance(50) and
                                       label or None), self.chance(50))
        return Node("range", None, label, i, lit("int", 0), lit("int", 2),
                    [self.digest(inner), out, self.digest(inner)][
                        :2 if out.kind == kind else 3])
