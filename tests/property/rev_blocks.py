"""Statements with blocks: the part of the generator where conditions are
made to hold, or left to chance.

What a condition names is frozen in the statements between, so that it is the
same at the other end; counters and witnesses tell which way was taken.
"""
from expressions import built, lit, name
from rev_expressions import SCALARS, names_in, parts_of
from tree import Node, Variable, expression


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


class RevBlocks:
    """The part of the generator for statements with blocks."""

    # ---- conditions ----------------------------------------------------------

    def condition(self, c):
        for _ in range(10):
            cond = self.expr("bool", c, 2)
            if names_in(cond) and not is_known(cond):
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
        if not names_in(cond) or is_known(cond):
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
        body = self.block(inner)
        if self.chance(45):    # now the path leads to another, or like, one
            one = self.place(path.type, c)
            two = one and self.place(path.type, c)
            if two and (one.kind == two.kind == "name" or "name" not in (
                    one.kind, two.kind)):
                body.append(Node("swap", None, one, two))
                path = one
        return Node("local", None, t, False, path, body, path)

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

    nested = (branches, branches, chain, shifted, witness, counted, counted,
              pour, for_range, for_range, for_range, local, local, borrowed,
              named, named, new_object, copied, within, within, plain_block)
