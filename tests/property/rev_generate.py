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
from rev_expressions import (NOTHING, SCALARS, RevExpressions, Without,
                             kind_of_place, names_in, parts_of)
from rev_main import RevMain
from rev_model import RevOracle
from rev_tree import program_text
from tree import Function, Node, Program, Variable, expression, item_of
from values import TooLong, Unmodelled

UPDATES = {"int": ("+", "-", "^", "+", "-", "<<<", ">>>"),
           "byte": ("+", "-", "^", "<<<", ">>>"), "bool": ("^",)}


# Shapes that are left out as long as the toolchain does not take them.
LENT_REFERENCES = False       # &p.items, &g for a `mut` list or struct
CONSTANT_CONDITIONS = False   # if true { } fi w: its inverse is refused


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


def not_(x):
    return Node("unary", "bool", "not", x)


def compare(op, a, b):
    return Node("binary", "bool", op, a, b)


def plus(a, b):
    return Node("binary", "int", "+", a, b)


def is_known(cond):
    """Whether a part of it is the same whatever its variables are."""
    return any(n.kind == "lit" and n.type == "bool" or
               n.kind == "binary" and n.type == "bool" and
               names_in(n.args[1]) & names_in(n.args[2])
               for n in parts_of(cond))


def update(op, place, value):
    return Node("update", None, op, place, value)


class RevGenerator(RevExpressions, RevMain):
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
        for _ in range(self.r.randint(1, 4)):
            self.functions.append(self.signature())
        for f in self.functions:
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
        for p in f.parameters:
            if not p.mutable:
                args[p] = self.constant_argument(f, p, c, without)
                if not args[p] or not without.allows(args[p]):
                    return None
            elif any(lent & names_in(n) for n in args[p].args[0].args
                     if isinstance(n, Node)):
                return None
        return [args[p] for p in f.parameters]

    def lent_place(self, type_, c, lent, known):
        for _ in range(8):
            place = self.place(type_, c, Without(
                v for v in lent if isinstance(v, Variable)))
            if not place or expression(place, 0) in lent:
                continue
            lent.add(expression(place, 0))
            kind = kind_of_place(place)
            if kind and type_ not in SCALARS and not LENT_REFERENCES:
                continue
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

    # ---- conditions ----------------------------------------------------------

    def condition(self, c):
        for _ in range(10):
            cond = self.expr("bool", c, 2)
            if CONSTANT_CONDITIONS or names_in(cond) and not is_known(cond):
                return cond
        x = lit("int", 1)    # nothing to name
        return compare("==", built("int", "len", True, Node(
            "list", "[int]", x)), x)

    def stable(self, c):
        """A condition, mostly of variables alone; and what it names."""
        quiet = c.inner()
        quiet.visible = [v for v in c.visible
                         if v.type in SCALARS and not v.is_global]
        cond = self.expr("bool", quiet if self.chance(85) else c, 2)
        if not names_in(cond) or is_known(cond) and not CONSTANT_CONDITIONS:
            ints = [v for v in quiet.visible if v.type == "int"]
            cond = compare(self.r.choice(("<", ">", "==", "!=")),
                           name(self.r.choice(ints)), self.literal("int")
                           ) if ints else self.condition(c)
        return cond, names_in(cond)

    def again(self, cond):
        """The same condition, perhaps in other words."""
        if self.chance(25):
            return not_(not_(cond))
        if cond.kind == "binary" and self.chance(25):
            turned = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==",
                      "!=": "!="}.get(cond.args[0])
            if turned:
                return compare(turned, cond.args[2], cond.args[1])
        return cond

    def branches(self, c):
        if self.chance(8):    # anything
            return Node("rif", None, self.condition(c),
                        self.block(c.inner()), self.condition(c),
                        self.block(c.inner()) if self.chance(50) else None)
        cond, frozen = self.stable(c)
        no = self.block(c.inner(frozen)) if self.chance(60) else None
        return Node("rif", None, cond, self.block(c.inner(frozen)),
                    self.again(cond), no)

    def chain(self, c):
        """if … fi … else if … fi … else"""
        conditions = [self.stable(c) for _ in range(self.r.randint(2, 3))]
        frozen = set().union(*(f for _, f in conditions))
        no = self.block(c.inner(frozen), 2) if self.chance(60) else None
        for cond, _ in reversed(conditions):
            no = [Node("rif", None, cond, self.block(c.inner(frozen), 2),
                       self.again(cond), no)]
        return no

    def shifted(self, c):
        """if x < k { x -= d } fi x < k - d"""
        x = self.place("int", c)
        if not x:
            return None
        by, k = self.r.randint(0, 5), self.r.randint(-4, 6)
        down = self.chance(50)
        op = "<" if down else ">="
        inner = c.inner(names_in(x))
        body = self.block(inner, 2)
        body.insert(self.r.randint(0, len(body)),
                    update("-" if down else "+", x, lit("int", by)))
        no = self.block(inner, 2) if self.chance(50) else None
        return Node("rif", None, compare(op, x, lit("int", k)), body,
                    compare(op, x, lit("int", k - by if down else k + by)),
                    no)

    def witness(self, c):
        """A branch whose condition goes away: a bit tells which it was."""
        w = Variable(self.fresh("w"), "bool", True)
        kept = self.way("[bool]", c)
        cond = self.condition(c)
        body = self.block(c.inner(), 2) + [
            update("^", name(w), lit("bool", True))]
        choice = Node("rif", None, cond, body, name(w),
                      self.block(c.inner(), 2) if self.chance(50) else None)
        if kept and self.chance(75):
            back = Node("move", None, "push", kept, name(w))
            return Node("local", None, w, False, lit("bool", False),
                        [choice, back], lit("bool", False))
        cond, frozen = self.stable(c)
        body = self.block(c.inner(frozen), 2)
        body.append(update("^", name(w), lit("bool", True)))
        choice = Node("rif", None, cond, body, name(w), None)
        return Node("local", None, w, False, lit("bool", False), [choice],
                    self.again(cond))

    # ---- loops -----------------------------------------------------------------

    def counted(self, c):
        """from k == 0 do … loop … until k == n, over a counter."""
        k = Variable(self.fresh("k"), "int", True)
        if self.chance(70):
            most = lit("int", self.r.randint(1, 4))
        else:
            ints = [v for v in c.visible if v.type == "int" and
                    not v.is_global]
            most = plus(Node("binary", "int", "&", name(self.r.choice(ints)),
                             lit("int", 3)), lit("int", 1)) if ints else lit(
                                 "int", 2)
        inner = c.inner({k} | names_in(most), k)
        inner.counters.append(k)
        body, step = self.block(inner, 2), self.block(inner, 2)
        if self.chance(40):
            step = []
        count = update("+", name(k), lit("int", 1))
        into = body if self.chance(50) or not step else step
        into.insert(self.r.randint(0, len(into)), count)
        if self.chance(20):
            (step if into is body else body).clear()
        loop = Node("from", None, compare("==", name(k), lit("int", 0)), body,
                    step, compare("==", name(k), most))
        return Node("local", None, k, False, lit("int", 0), [loop], most)

    def pour(self, c):
        """All items of one list onto another; it is to be empty before."""
        item = self.r.choice(("int", "byte", "bool"))
        a, b = self.way(f"[{item}]", c), self.way(f"[{item}]", c)
        if not a or not b:
            return None
        t = Variable(self.fresh("t"), item, True)
        zero = lit(item, False if item == "bool" else 0, True)
        inner = c.inner(names_in(a) | names_in(b), t)
        body = [Node("local", None, t, True, zero, [
            Node("move", None, "pop", a, name(t)), *(
                self.block(inner, 1) if self.chance(40) else []),
            Node("move", None, "push", b, name(t))], zero)]
        empty = lambda xs: compare("==", built("int", "len", True, xs),
                                   lit("int", 0))
        return Node("from", None, empty(b), body, [], empty(a))

    def for_range(self, c):
        i = Variable(self.fresh("i"), "int", False)
        xs = self.way_to_list(c) if self.chance(55) else None
        if xs:
            low, high = lit("int", self.r.choice((0, 0, 0, 1))), built(
                "int", "len", True, xs)
        elif self.chance(50):
            low, high = lit("int", self.r.randint(-1, 2)), lit(
                "int", self.r.randint(0, 4))
        else:
            low = Node("binary", "int", "&", self.expr("int", c, 1),
                       lit("int", 3))
            high = plus(low, lit("int", self.r.randint(-1, 3))) if self.chance(
                60) else Node("binary", "int", "&", self.expr("int", c, 1),
                              lit("int", 7))
        inner = c.inner(names_in(low) | names_in(high), i)
        inner.counters.append(i)
        if xs:
            text = expression(xs, 0)
            inner.indexes[text] = inner.indexes.get(text, []) + [i]
        return Node("count", None, i, low, high, self.block(inner))

    # ---- locals, within ----------------------------------------------------------

    def local(self, c):
        """A variable that ends as it began, or whose updates are known."""
        type_ = self.r.choice(("int", "int", "byte", "bool"))
        t = Variable(self.fresh("t"), type_, True)
        first = self.expr(type_, c, 2)
        if self.chance(8):
            return Node("local", None, t, self.chance(40), first,
                        self.block(c.inner((), t)), self.expr(type_, c, 1))
        frozen = names_in(first)
        typed = type_ == "byte" or self.chance(30)
        if type_ != "int" or self.chance(50):
            return Node("local", None, t, typed, first,
                        self.block(c.inner(frozen | {t}, t)), first)
        by = self.literal("int")
        op = self.r.choice("+-^")
        body = self.block(c.inner(frozen | {t}, t))
        body.insert(self.r.randint(0, len(body)), update(op, name(t), by))
        return Node("local", None, t, typed, first, body,
                    Node("binary", "int", op, first, by))

    def borrowed(self, c):
        """A value moves out of its place, is updated, and moves back."""
        type_ = self.r.choice(("int", "int", "byte", "bool"))
        x = self.place(type_, c)
        if not x:
            return None
        t = Variable(self.fresh("t"), type_, True)
        zero = lit(type_, False if type_ == "bool" else 0, True)
        inner = c.inner(names_in(x), t)
        turn = Node("swap", None, name(t), x)
        return Node("local", None, t, True, zero,
                    [turn, *self.block(inner), turn], zero)

    def named(self, c):
        """A name for an object that is there."""
        path = self.any_way(c)
        if not path:
            return None
        t = Variable(self.fresh("o"), path.type, False)
        inner = c.inner(names_in(path), t)
        return Node("local", None, t, False, path, self.block(inner), path)

    def new_object(self, c):
        """A list of its own: filled and emptied again."""
        item = self.r.choice(("int", "int", "byte", "bool"))
        t = Variable(self.fresh("o"), f"[{item}]", False)
        size = self.r.randint(0, 4)
        plain = [s for s in self.structs.values()
                 if all(f[1] in SCALARS for f in s.fields)]
        if plain and self.chance(30):
            s = self.r.choice(plain)
            t.type = s.name
            first = Node("make", s.name, s, 0, *(
                self.literal(f[1]) for f in s.fields))
        elif size and self.chance(40):
            first = Node("fill", t.type, self.literal(item), lit("int", size))
        else:
            first = Node("list", t.type, *(self.literal(item)
                                           for _ in range(size)))
        body = self.block(c.inner((), t), 2)
        use = self.block(c.inner({t}, t), 2)
        return Node("local", None, t, True, first,
                    [Node("within", None, body, use)], first)

    def copied(self, c):
        """A copy of a list, which must be as the list is at the end."""
        xs = self.way_to_list(c, self.r.choice(SCALARS))
        if not xs:
            return None
        t = Variable(self.fresh("o"), xs.type, False)
        inner = c.inner(names_in(xs), t)
        copy = built(xs.type, "copy", False, xs)
        return Node("local", None, t, False, copy, self.block(inner, 2), copy)

    def within(self, c):
        """Compute, use, uncompute; often into a variable of its own."""
        if self.chance(35):
            return Node("within", None, self.block(c.inner(), 2),
                        self.block(c.inner(), 2))
        type_ = self.r.choice(("int", "byte", "bool"))
        t = Variable(self.fresh("t"), type_, True)
        zero = lit(type_, False if type_ == "bool" else 0, True)
        value = self.expr(type_, c, 2)
        op = "^" if type_ == "bool" else self.r.choice("+-^")
        inner = c.inner(names_in(value), t)
        body = self.block(inner, 1) if self.chance(40) else []
        body.append(update(op, name(t), value))
        use = self.block(c.inner(names_in(value) | {t}, t), 2)
        return Node("local", None, t, True, zero,
                    [Node("within", None, body, use)], zero)

    def plain_block(self, c):
        return Node("block", None, self.block(c.inner()))

    simple = (update, update, update, update, change, swap, swap, move,
              rearrange, call, call, asserts)
    nested = (branches, branches, chain, shifted, witness, counted, counted,
              pour, for_range, for_range, for_range, local, local, borrowed,
              named, new_object, copied, within, within, plain_block)


def generate(seed, attempt=0):
    """(program, the model after its run, the next attempt)"""
    while attempt < 1000:
        program = RevGenerator(f"{seed}.{attempt}").program()
        attempt += 1
        if len(program_text(program).splitlines()) > 260:
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
