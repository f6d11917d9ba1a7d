#!/usr/bin/env python3
"""Prints a random program of reversible functions.

    tests/property/rev_generate.py SEED

The conditions behind `fi`, `from`, `until` and `delocal` are mostly made to
hold: they name what the statements between leave alone, count, or note the
way in a witness.  Some are drawn at random, so that functions fail midway.
"""
import random
import sys

from expressions import built, lit, name
from rev_blocks import RevBlocks, compare, update
from rev_expressions import (NOTHING, SCALARS, RevExpressions, Without,
                             kind_of_place, names_in, parts_of)
from rev_main import RevMain
from rev_model import RevOracle
from rev_shapes import RevShapes
from rev_tree import program_text
from tree import Function, Node, Program, Variable, expression, item_of
from values import TooLong, Unmodelled

UPDATES = {"int": ("+", "-", "^", "+", "-", "<<<", ">>>"),
           "byte": ("+", "-", "^", "<<<", ">>>"), "bool": ("^",)}


LINES = 300    # of a program


class Context:
    """What a place in a function may use."""

    def __init__(self, function, visible):
        self.function = function
        self.visible = visible
        self.frozen = set()      # Variables that are not to be updated here
        self.hidden = set()      # and those not to be named
        self.counters = []       # of the loops around
        self.indexes = {}        # text of a list -> counters below its length
        self.depth = 0
        self.guarded = False     # where the depth of recursion is positive

    def inner(self, freeze=(), *declared):
        c = Context(self.function, self.visible + list(declared))
        c.frozen = self.frozen | set(freeze)
        c.hidden = set(self.hidden)
        c.counters = list(self.counters)
        c.indexes = dict(self.indexes)
        c.depth = self.depth + 1
        c.guarded = self.guarded
        return c


class RevGenerator(RevExpressions, RevBlocks, RevShapes, RevMain):
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.serial = 0
        self.structs, self.helpers, self.functions = {}, [], []
        self.globals, self.declared = [], []
        self.done = {}      # function -> the memory that it touches
        self.budget = 0

    def fresh(self, letter):
        self.serial += 1
        return f"{letter}{self.serial}"

    def program(self):
        self.world()
        self.shapes()
        drawn = [self.signature() for _ in range(self.r.randint(1, 3))]
        self.functions += drawn
        for f in drawn:
            self.fill(f)
            self.done[f] = self.touched(f)
        main = self.main()
        return Program(self.structs, self.declared,
                       self.helpers + self.functions + [main])

    def signature(self):
        f = Function(self.fresh("f"), [], None)
        f.rev, f.recursive = True, self.chance(65)
        if f.recursive:
            f.parameters.append(Variable(self.fresh("n"), "int", False))
        for _ in range(self.r.randint(2, 5)):
            type_ = self.type()
            mutable = self.chance(75 if type_ in SCALARS else 12)
            f.parameters.append(Variable(self.fresh("p"), type_, mutable))
        return f

    def type(self):
        if self.chance(48):
            return self.r.choice(("int", "int", "int", "byte", "bool"))
        return self.r.choice(["[int]", "[int]", "[int]", "[byte]", "[bool]"] +
                             list(self.structs) + [f"[{s}]" for s in
                                                   self.structs])

    def fill(self, f):
        c = Context(f, self.globals + f.parameters)
        self.budget = self.r.randint(4, 10)
        while self.budget > 0:
            f.body += self.statement(c)
        if f.recursive and self.chance(75):
            f.body.insert(self.r.randint(0, len(f.body)), self.recursion(c))

    def recursion(self, c):
        n = name(c.function.parameters[0])
        inner = c.inner()
        inner.guarded = True
        self.budget = 3
        body = self.block(inner, 2)
        call = self.call(inner)
        if call:
            body.insert(self.r.randint(0, len(body)), call[0])
        deeper = compare(">", n, lit("int", 0))
        return Node("rif", None, deeper, body,
                    compare("<", lit("int", 0), n), None)

    def touched(self, f):
        """The memory that a function may read or write, as the checker tells
        it apart: types of lists, fields of structs, globals."""
        found = set()
        for statement in f.body:
            for n in parts_of(statement):
                kind = kind_of_place(n)
                if kind is not None:
                    found.add(kind)
                if n.kind == "call":
                    found |= self.done.get(n.args[0], set())
                for a in n.args:
                    if isinstance(a, Node) and item_of(a.type or "-"):
                        found.add(a.type)
        return found

    # ---- statements --------------------------------------------------------

    def block(self, c, most=3):
        out = []
        for _ in range(self.r.randint(1, most)):
            out += self.statement(c)
        return out

    def statement(self, c):
        """One thing to do, as a list."""
        self.budget -= 1
        deep = c.depth >= 4 or self.budget <= 0
        table = self.simple if deep or self.chance(50) else self.nested
        for _ in range(8):
            made = self.r.choice(table)(self, c)
            if made:
                return made if isinstance(made, list) else [made]
        return [Node("assert", None, lit("bool", True), None)]

    def update(self, c):
        type_ = self.r.choice(("int", "int", "int", "byte", "bool"))
        place = self.place(type_, c)
        if not place:
            return None
        op = self.r.choice(UPDATES[type_])
        turns = op in ("<<<", ">>>")
        value = self.expr("int" if turns else type_, c, 2,
                          Without((), place))
        if place.kind != "name" and not all(
                Without(names_in(place) & {place}).allows(p)
                for p in place.args if isinstance(p, Node)):
            return None
        return update(op, place, value)

    def change(self, c):
        place = self.place(self.r.choice(("int", "int", "byte")), c)
        return place and Node("change", None, self.r.choice(("neg", "inv")),
                              place)

    def swap(self, c):
        type_ = self.type()
        one = self.place(type_, c)
        if not one:
            return None
        two = self.place(type_, c, Without((), one) if one.kind == "name"
                         else NOTHING)
        if not two or two.kind == "name" and names_in(one) & {two.args[0]} \
                and one.kind != "name":
            return None
        return Node("swap", None, one, two)

    def crossed(self, c):
        """xs[i] += ys[j], which now and then is one place."""
        type_ = self.r.choice(("int", "int", "byte", "bool"))
        xs, ys = (self.way(f"[{type_}]", c) for _ in range(2))
        if not xs or not ys:
            return None
        place = Node("index", type_, xs, self.index(xs, c))
        at = place.args[1] if self.chance(60) else self.index(ys, c)
        value = Node("index", type_, ys, at)
        if not Without((), place).allows(value):
            return None
        op = self.r.choice("+-^") if type_ != "bool" else "^"
        return update(op, place, value)

    def itself(self, c):
        """xs[xs[0] & 3] += 1: an index that may be changed."""
        xs, ys = (self.way("[int]", c) for _ in range(2))
        if not xs:
            return None
        inner = Node("index", "int", self.pick([xs, ys or xs]), self.index(xs, c))
        place = Node("index", "int", xs, Node("binary", "int", "&", inner,
                                              lit("int", 3)))
        if self.chance(40):
            other = Node("index", "int", xs, self.index(xs, c))
            return Node("swap", None, place, other)
        return update(self.r.choice("+-^"), place,
                      lit("int", self.r.choice((1, 2, 4, 5))))

    def chase(self, c):
        """p.kids <=> p.kids[0].kids: a path that may be changed."""
        types = [s for s in self.structs if self.structs[s].fields[-1][0] ==
                 "kids"]
        p = types and self.way(self.r.choice(types), c)
        if not p:
            return None
        places = []
        for _ in range(2):
            kids = Node("field", f"[{p.type}]", p, "kids")
            p = Node("index", p.type, kids, lit(
                "int", self.r.choice((0, 0, 0, 1))))
            places += [kids, p]
        pairs = [(a, b) for a in places for b in places
                 if a is not b and a.type == b.type]
        items = (places[1], places[3])
        return Node("swap", None, *(items if self.chance(50) else
                                    self.r.choice(pairs)))

    def move(self, c):
        """A push, with some way to get the value back mostly."""
        item = self.r.choice(("int", "int", "byte", "bool"))
        items = self.way(f"[{item}]", c)
        place = items and self.place(item, c, Without(names_in(items)))
        if not place or place.kind == "name" and place.args[0] in names_in(
                items):
            return None
        word = "push" if self.chance(90) else "pop"
        return Node("move", None, word, items, place)

    def rearrange(self, c):
        xs = self.way_to_list(c)
        if not xs:
            return None
        if self.chance(40):
            return Node("do", None, built(None, "reverse", True, xs))
        return Node("do", None, built(None, "swap", True, xs,
                                      self.index(xs, c), self.index(xs, c)))

    def asserts(self, c):
        if self.chance(12):
            return Node("assert", None, self.expr("bool", c, 2), None)
        x = self.leaf("int", c)
        return Node("assert", None, compare("==", x, x), None)

    def call(self, c):
        """A call or uncall: of what stands before, or one level deeper."""
        own = self.functions.index(c.function)
        can = [f for f in self.functions[:own]]
        if c.guarded:
            can += 2 * [f for f in self.functions[own:] if f.recursive]
        f = self.pick(can)
        args = f and self.arguments(f, c)
        if not args:
            return None
        word = "do" if self.chance(60) else "uncall"
        return [Node(word, None, Node("call", None, f, False, *args))]

    def arguments(self, f, c):
        """Those with `&` first: what the others may not name."""
        lent, args, known = set(), {}, self.done.get(f)
        for p in f.parameters:
            if p.mutable:
                place = self.lent_place(p.type, c, lent, known)
                if not place:
                    return None
                if place.kind == "name":
                    lent.add(place.args[0])
                args[p] = Node("ref", p.type, place)
        lent = {v for v in lent if isinstance(v, Variable)}
        reached = self.globals if known is None else known
        without = Without(lent | {k for k in reached
                                  if isinstance(k, Variable)})
        for p in sorted(f.parameters, key=lambda p: p.type in SCALARS):
            if not p.mutable:
                deep = f.recursive and p is f.parameters[0]
                args[p] = not deep and self.part_of_another(p, c, args) or \
                    self.constant_argument(f, p, c, without)
                if not args[p] or not without.allows(args[p]):
                    return None
            elif any(lent & names_in(n) for n in args[p].args[0].args
                     if isinstance(n, Node)):
                return None
        return [args[p] for p in f.parameters]

    def part_of_another(self, p, c, args):
        """f(xs, xs[0]): an argument that the call may change."""
        refs = [a for a in args.values()
                if a.kind != "ref" and a.type not in SCALARS]
        if p.type not in SCALARS or not refs or self.chance(65):
            return None
        part, _ = self.step(self.r.choice(refs), c, p.type)
        return part if part and part.type == p.type else None

    def lent_place(self, type_, c, lent, known):
        for _ in range(8):
            place = self.place(type_, c, Without(
                v for v in lent if isinstance(v, Variable)))
            if not place or expression(place, 0) in lent:
                continue
            lent.add(expression(place, 0))
            kind = kind_of_place(place)
            if kind is None or known is not None and kind not in known:
                return place
        return None

    def constant_argument(self, f, p, c, without):
        if f.recursive and p is f.parameters[0]:
            if c.function.recursive and c.guarded and self.chance(85):
                return Node("binary", "int", "-",
                            name(c.function.parameters[0]), lit("int", 1))
            return lit("int", self.r.randint(0, 1))
        if p.type in SCALARS:
            return self.expr(p.type, c, 1, without)
        return self.way(p.type, c)

    simple = (update, update, update, update, change, swap, swap, crossed,
              itself, chase, chase, move, rearrange, call, call, asserts)


def generate(seed, attempt=0):
    """(program, the model after its run, the next attempt)"""
    while attempt < 1000:
        program = RevGenerator(f"{seed}.{attempt}").program()
        attempt += 1
        if len(program_text(program).splitlines()) > LINES:
            continue
        model = RevOracle(program)
        try:
            return program, model.run(), attempt
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
