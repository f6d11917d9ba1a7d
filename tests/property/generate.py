#!/usr/bin/env python3
"""Prints a random program: well typed, and it ends.

    tests/property/generate.py SEED

Loops count their turns and recursion its depth.  What still takes too many
steps, or makes too much text, by the model's count is thrown away and drawn
again, so that every program is a small one.
"""
import random
import sys

from directed import Directed
from expressions import ARITHMETIC, SCALARS, Expressions, built, lit, name
from oracle import Oracle
from tree import (Function, Node, Program, Struct, Variable, item_of,
                  program_text, statement)
from values import TooLong, Unmodelled

# What main is made of: scopes of every kind, in any order; None is what comes.
SCOPES = ("undo", "kept", "try", "failed", "nested", "none", "none", None,
          "undo", "kept", "try", "failed", "none", None)
LINES = 190    # main takes no more parts beyond so many
FAILING = ("fail", "assert", "index", "pop", "divide", "convert", "call")


class Context:
    """What a place in the program may use."""

    def __init__(self, function, visible):
        self.function = function
        self.visible = visible    # Variables, those of inner blocks last
        self.here = set()         # names that this block has declared
        self.loops = []           # labels; None for a loop without one
        self.in_undo = False
        self.in_try = False
        self.hides = True         # whether declarations may hide others
        self.depth = 0

    def inner(self, loop=(), undo=False, caught=False, *declared):
        c = Context(self.function, self.visible + list(declared))
        c.here = {v.name for v in declared}
        c.loops = self.loops + list(loop)
        c.in_undo = self.in_undo or undo
        c.in_try = self.in_try or caught
        c.depth = self.depth + 1
        return c


class Generator(Expressions, Directed):
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.serial = 0
        self.structs, self.functions, self.globals = {}, [], []
        self.budget = 0

    def chance(self, percent):
        return self.r.random() * 100 < percent

    def fresh(self, letter):
        self.serial += 1
        return f"{letter}{self.serial}"

    # ---- declarations ------------------------------------------------------

    def program(self):
        for n in "PQR"[:self.r.randint(1, 3)]:
            self.structs[n] = self.struct(n)
        declared = []
        types = [self.type() for _ in range(self.r.randint(1, 3))]
        for type_ in types + ["P", "[int]"]:
            keyword = self.r.choice(("var", "var", "let"))
            v = Variable(self.fresh("g"), type_, keyword == "var", True)
            declared.append(Node("var", None, v, keyword, True,
                                 self.literal(type_, 2, True)))
            self.globals.append(v)
        for _ in range(self.r.randint(2, 3)):
            self.functions.append(self.function())
        main = Function("main", [], None)
        c = Context(main, list(self.globals))
        lines = sum(statement(s, 1).count("\n") for f in self.functions
                    for s in f.body)
        for kind in self.r.sample(SCOPES, len(SCOPES)):
            if lines > LINES:
                break
            self.budget = 4
            part = (self.directed(c, kind) if kind else self.main_part(c))
            main.body += part
            lines += sum(statement(s, 1).count("\n") for s in part)
        main.body.append(self.digest(
            c, [v for v in self.globals if v in c.visible]))
        main.body += self.ending(c)
        return Program(self.structs, declared, self.functions + [main])

    def struct(self, n):
        fields = [("a", self.r.choice(("int", "byte", "float")), True)]
        for letter in "bcd"[:self.r.randint(0, 3)]:
            type_ = self.type()
            fields.append((letter, type_, self.chance(75)))
        if self.chance(15):
            fields.append(("kids", f"[{n}]", True))
        return Struct(n, fields)

    def type(self):
        r = self.r.random()
        if r < 0.5:
            return self.r.choice(SCALARS)
        if r < 0.62 and self.structs:
            return self.r.choice(list(self.structs))
        if r < 0.92:
            return f"[{self.r.choice(SCALARS + tuple(self.structs))}]"
        return f"[[{self.r.choice(SCALARS)}]]"

    def function(self):
        f = Function(self.fresh("f"), [], self.chance(80) and self.type())
        f.result = f.result or None
        f.recursive = self.chance(35)
        if f.recursive:
            f.parameters.append(Variable("n", "int", False))
        for _ in range(self.r.randint(1, 3)):
            f.parameters.append(
                Variable(self.fresh("p"), self.type(), self.chance(35)))
        c = Context(f, self.globals + f.parameters)
        c.here = {p.name for p in f.parameters}
        if f.recursive:
            stop = Node("binary", "bool", "<=", name(f.parameters[0]),
                        lit("int", 0))
            value = f.result and self.leaf(f.result, c, True)
            f.body.append(Node("if", None, stop,
                               [Node("return", None, value)], None))
        self.budget = self.r.randint(4, 9)
        while self.budget > 0:
            f.body += self.statement(c)
        while f.body and f.body[-1].kind in ("break", "return", "fail"):
            f.body.pop()
        if f.result:
            kind = self.r.choice(("value", "return"))
            f.body.append(Node(kind, None, self.expr(f.result, c, 2, True)))
        return f

    def main_part(self, c):
        """Statements of main: often in a try, so that it goes on."""
        if self.chance(15):
            return self.statement(c)
        inner = c.inner((), False, True)
        body = []
        if self.chance(60):
            body.append(self.call_statement(inner) or self.digest(inner))
        body += self.body(inner, 3)
        e = Variable(self.fresh("e"), "Error", False)
        told = Node("print", None, Node("about", "str", name(e), "kind"),
                    Node("about", "str", name(e), "message"))
        return [Node("try", None, body, e, [told]), self.digest(c)]

    def ending(self, c):
        """How main ends: often by exit or an error, from some scope."""
        if self.chance(4):
            return []
        if self.chance(19):
            return [Node("fail", None, self.expr("str", c, 1))]
        out = [Node("exit", None, lit("int", self.r.choice((0, 3, 4))))]
        for _ in range(self.r.choice((0, 1, 1, 2))):
            inner = c.inner((), True, True)
            scope = self.r.choice(("undo", "kept", "try"))
            out.insert(0, self.digest(inner))
            if scope == "kept":
                out.insert(self.r.randint(0, 1), Node("keep", None))
            if scope == "try":
                out = [Node("try", None, out, self.error(), [])]
            else:
                out = [Node("undo", None, out)]
        return out

    def error(self):
        return Variable(self.fresh("e"), "Error", False)

    # ---- statements --------------------------------------------------------

    def body(self, c, most=4):
        out = []
        for _ in range(self.r.randint(1, most)):
            out += self.statement(c)
            if self.leaves(out[-1]):
                break
        return out

    def leaves(self, node):
        return node.kind in ("break", "continue", "return", "fail", "exit")

    def statement(self, c):
        """One thing to do: a list, for a loop brings its counter."""
        self.budget -= 1
        deep = c.depth >= 5 or self.budget <= 0
        table = self.simple if deep or self.chance(55) else self.nested
        for _ in range(8):
            made = self.r.choice(table)(self, c)
            if made:
                return made if isinstance(made, list) else [made]
        return [self.digest(c)]

    def declare(self, c, type_, letter="v", mutable=True):
        """A new variable; it may hide one of an enclosing block."""
        hidden = [v for v in c.visible if v.name not in c.here and
                  v.name[0] not in "fe"]
        if c.hides and hidden and self.chance(6):
            n = self.r.choice(hidden).name
        else:
            n = self.fresh(letter)
        c.visible[:] = [v for v in c.visible if v.name != n]
        c.here.add(n)
        c.visible.append(Variable(n, type_, mutable))
        return c.visible[-1]

    def let(self, c):
        type_ = self.type()
        annotated = self.chance(50)
        value = self.expr(type_, c, 3, annotated)
        keyword = self.r.choice(("var", "var", "let"))
        v = self.declare(c, type_, "v", keyword == "var")
        return Node("var", None, v, keyword, annotated, value)

    def assign(self, c):
        place = self.place(c)
        if not place:
            return None
        op = ""
        if place.type in ARITHMETIC and self.chance(
                {"name": 50, "field": 75}.get(place.kind, 65)):
            op = self.r.choice(ARITHMETIC[place.type])
            if place.type in ("int", "byte") and self.chance(15):
                op = self.r.choice(("<<<", ">>>"))
        value = (self.right(op, place.type, c, 2) if op else
                 self.expr(place.type, c, 2, True))
        return Node("set", None, op, place, value)

    def place(self, c):
        """Somewhere to assign to: first which kind, then where."""
        wanted = self.r.choice(("name", "name", "name", "global", "global",
                                "field", "field", "index", "index"))
        pool = [v for v in c.visible if v.type != "Error" and
                v.is_global == (wanted == "global" or self.chance(30))]
        for _ in range(12 if pool else 0):
            v = self.r.choice(pool)
            node, fine = name(v), v.mutable
            for _ in range(0 if wanted in ("name", "global") else 3):
                node, fine = self.step(node, c)
                if not node or node.kind == wanted and self.chance(70):
                    break
            if node and fine and node.kind == (
                    "name" if wanted == "global" else wanted):
                return node
        return None

    def swap(self, c):
        type_ = self.type()
        a, b = self.walk(type_, c, True), self.walk(type_, c, True)
        return a and b and Node("swap", None, a, b)

    def change_list(self, c):
        xs = self.walk(self.r.choice(self.list_types(c)), c)
        if not xs:
            return None
        item, op = item_of(xs.type), self.r.choice(
            "push push pop insert insert insert remove remove swap swap "
            "reverse reverse".split())
        args = [xs]
        if op in ("insert", "remove", "swap"):
            args.append(self.index(c, xs))
        if op == "swap":
            args.append(self.index(c, xs))
        if op in ("push", "insert"):
            args.append(self.expr(item, c, 2, True))
        result = item if op in ("pop", "remove") else None
        change = Node("do", None, built(result, op, self.chance(70), *args))
        if c.in_try or op in ("push", "reverse"):
            return change
        more = Node("binary", "bool", ">", built("int", "len", True, xs),
                    lit("int", 1))
        return Node("if", None, more, [change], None)

    def list_types(self, c):
        return [v.type for v in c.visible if v.type[0] == "["] or ["[int]"]

    def call_statement(self, c):
        call = self.call(c, None, 2)
        return call and Node("do", None, call)

    def digest(self, c, of=None):
        pool = of
        if pool is None:
            pool = [v for v in c.visible if v.type != "Error"]
        if not pool:
            return Node("print", None, lit("str", b"-"))
        picked = self.r.sample(pool, min(len(pool), self.r.randint(1, 4)))
        return Node("print", None, *map(name, of if of else picked))

    def say(self, c):
        kind = "eprint" if self.chance(5) else "print"
        return Node(kind, None, *(self.expr(self.type(), c, 2)
                                  for _ in range(self.r.randint(1, 3))))

    def jump(self, c):
        if c.loops and self.chance(65):
            label = self.r.choice(c.loops)
            kind = self.r.choice(("break", "continue"))
            if label and c.loops[-1] != label or self.chance(50) and label:
                return self.perhaps(c, Node(kind, None, label))
            return self.perhaps(c, Node(kind, None, None))
        f = c.function
        if f.name == "main":
            if self.chance(90) or c.depth < 1:
                return None
            if self.chance(40):
                return self.perhaps(c, Node("exit", None, lit(
                    "int", self.r.choice((0, 3, 4)))))
        value = f.result and self.expr(f.result, c, 2, True)
        if c.depth == 0:
            return self.perhaps(c, Node("return", None, value), True)
        return self.perhaps(c, Node("return", None, value))

    def perhaps(self, c, node, always=False):
        """A jump, mostly under a condition."""
        if not always and self.chance(35):
            return node
        return Node("if", None, self.expr("bool", c, 2), [node], None)

    def keep(self, c):
        if not c.in_undo:
            return None
        return self.perhaps(c, Node("keep", None), self.chance(50))

    def failing(self, c):
        """A statement that fails, mostly."""
        how = self.r.choice(FAILING)
        if how == "fail":
            return Node("fail", None, self.expr("str", c, 1))
        if how == "assert":
            message = self.expr("str", c, 1) if self.chance(80) else None
            return Node("assert", None, Node("unary", "bool", "not",
                        self.truth(c)), message)
        if how == "call":
            return self.call_statement(c) or self.failing(c)
        if how == "pop":
            empty = Node("fill", "[int]", lit("int", 0), lit("int", 0))
            return Node("do", None, built("int", "pop", True, empty))
        if how == "index":
            xs = self.walk(self.r.choice(self.list_types(c)), c)
            if not xs or not self.scalar(item_of(xs.type)):
                return self.failing(c)
            return Node("print", None, Node(
                "index", item_of(xs.type), xs, self.expr("int", c, 1)))
        if how == "divide":
            x = self.leaf("int", c)
            return Node("print", None, Node(
                "binary", "int", self.r.choice("/%"), self.leaf("int", c),
                Node("binary", "int", "^", x, x)))
        type_ = self.r.choice(("int", "float", "byte", "bool"))
        return Node("print", None,
                    Node("conv", type_, self.expr("str", c, 1)))

    def truth(self, c):
        x = self.leaf("int", c)
        return Node("binary", "bool", "==", x, x)

    def maybe_fail(self, c):
        if c.in_try and self.chance(40):
            return self.failing(c)
        if c.in_try or self.chance(8):
            return Node("if", None, self.expr("bool", c, 2),
                        [self.failing(c.inner())], None)
        return None

    # ---- statements with blocks --------------------------------------------

    def choice(self, c):
        other = None
        if self.chance(55):
            other = self.body(c.inner(), 3)
        return Node("if", None, self.expr("bool", c, 2),
                    self.body(c.inner(), 3), other)

    def what_if(self, c):
        inner = c.inner((), True)
        keep, inner.hides = self.keep(inner), False
        body = self.body(inner)
        if self.chance(60):
            self.insert_early(body, keep)
        return Node("undo", None, body)

    def insert_early(self, body, node):
        """Before the end: what leaves the block, or is its value, is last."""
        last = len(body) - (1 if body and (
            self.leaves(body[-1]) or body[-1].kind == "value") else 0)
        body.insert(self.r.randint(0, last), node)

    def attempt(self, c):
        e = Variable(self.fresh("e"), "Error", False)
        inner = c.inner((), False, True)
        body = self.body(inner)
        if self.chance(45) and not self.leaves(body[-1]):
            body.append(self.failing(inner))
        return Node("try", None, body, e,
                    self.body(c.inner((), False, False, e), 2))

    def plain_block(self, c):
        return Node("block", None, self.body(c.inner(), 3))

    def label(self):
        return self.fresh("l") if self.chance(60) else None

    def loop_inner(self, c, label, *declared):
        """Only a label reaches an outer loop, the nearest needs none."""
        inner = c.inner((), False, False, *declared)
        inner.loops = [x for x in c.loops if x] + [label]
        return inner

    def for_range(self, c):
        label = self.label()
        i = Variable(self.fresh("i"), "int", False)
        if self.chance(70):
            low, high = lit("int", 0), lit("int", self.r.randint(1, 4))
        else:
            low = Node("binary", "int", "&", self.expr("int", c, 1),
                       lit("int", 3))
            high = self.length(c) if self.chance(50) else Node(
                "binary", "int", "&", self.expr("int", c, 1), lit("int", 7))
        return Node("range", None, label, i, low, high,
                    self.body(self.loop_inner(c, label, i)))

    def for_list(self, c):
        label, type_ = self.label(), self.r.choice(self.list_types(c))
        xs = self.walk(type_, c) or self.expr(type_, c, 1)
        x = Variable(self.fresh("x"), item_of(type_), False)
        return Node("each", None, label, x, xs,
                    self.body(self.loop_inner(c, label, x)))

    def counted(self, c):
        """A while or loop, with a counter that bounds its turns."""
        label = self.label()
        w = self.declare(c, "int", "w", False)
        start = Node("var", None, w, "var", False, lit("int", 0))
        step = Node("set", None, "+", name(w), lit("int", 1))
        more = Node("binary", "bool", "<", name(w),
                    lit("int", self.r.randint(1, 4)))
        inner = self.loop_inner(c, label)
        body = self.body(inner)
        if self.chance(50):
            stop = Node("if", None, Node("unary", "bool", "not", more),
                        [Node("break", None, None)], None)
            return [start, Node("loop", None, label, [stop, step] + body)]
        test = Node("binary", "bool", "and", more, self.expr("bool", c, 2))
        return [start, Node("while", None, label, test, [step] + body)]

    simple = (let, let, let, assign, assign, assign, assign, swap,
              change_list, change_list, change_list, call_statement, digest,
              say, jump, jump, keep, maybe_fail)
    nested = (choice, choice, what_if, what_if, what_if, attempt, attempt,
              attempt, plain_block, for_range, for_list, counted)


def generate(seed):
    """(program, the model after its run): the same for the same seed."""
    for attempt in range(1000):
        program = Generator(f"{seed}.{attempt}").program()
        if len(program_text(program).splitlines()) > 240:
            continue
        model = Oracle(program)
        try:
            return program, model.run()
        except (TooLong, Unmodelled, RecursionError):
            continue
    raise ValueError(f"no program for seed {seed}")


def main():
    sys.setrecursionlimit(5000)
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.stdout.write(program_text(generate(sys.argv[1])[0]))


if __name__ == "__main__":
    main()
