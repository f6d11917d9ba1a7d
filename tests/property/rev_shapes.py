"""Functions made for one rule each: what statements drawn at random seldom
meet.

Most take two lists, or objects, that may be one, and main mostly gives them
one (rev_main.py): then what a statement reads by the one name is changed by
the other.  Details are drawn: types, indices, who reads and who writes, and
how many functions stand between.
"""
from expressions import built, lit, name
from rev_blocks import compare, plus, update
from tree import Function, Node, Variable, item_of


def at(xs, i):
    return Node("index", item_of(xs.type), name(xs), lit("int", i))


def ref(place):
    return Node("ref", place.type, place)


def value(node):
    return [Node("value", None, node)]


class RevShapes:
    """The part of the generator for such functions."""

    def shapes(self):
        for shape in self.r.sample(SHAPES, self.r.randint(2, 3)):
            shape(self)

    # ---- functions -----------------------------------------------------------

    def parameter(self, type_, mutable=False):
        return Variable(self.fresh("p"), type_, mutable)

    def made(self, body, *parameters, inner=False):
        """A reversible function; an inner one is not called by main."""
        f = Function(self.fresh("f"), list(parameters), None)
        f.rev, f.inner, f.body = True, inner, body
        self.functions.append(f)
        self.done[f] = self.touched(f)
        return f

    def calling(self, f, *args):
        word = "do" if self.chance(70) else "uncall"
        return Node(word, None, Node("call", None, f, False, *args))

    def by_way_of(self, f):
        """f, or one more that calls it."""
        if self.chance(60):
            return f
        own = [Variable(self.fresh("p"), p.type, p.mutable)
               for p in f.parameters]
        args = [ref(name(p)) if p.mutable else name(p) for p in own]
        return self.by_way_of(self.made([self.calling(f, *args)], *own,
                                        inner=True))

    # ---- parts -----------------------------------------------------------------

    def scalar_type(self, ints=0):
        return "int" if self.chance(ints) else self.r.choice(("int", "int", "byte", "bool"))

    def something(self, type_):
        """A value that changes what it is added to."""
        return lit("bool", True) if type_ == "bool" else lit(
            type_, self.r.choice((1, 3, 5, 255)))

    def bump(self, place):
        op = "^" if place.type == "bool" else self.r.choice("+-^")
        return update(op, place, self.something(place.type))

    def writing(self, xs, i):
        """Changes item i of a list, mostly."""
        swaps = built(None, "swap", True, name(xs), lit("int", i),
                      lit("int", i + 1))
        r = self.r.random()
        if item_of(xs.type) in self.structs or r < 0.2:
            if self.chance(30):
                swaps = built(None, "reverse", True, name(xs))
            return Node("do", None, swaps)
        if r < 0.3:
            return Node("swap", None, at(xs, i), at(xs, i + 1))
        if r < 0.4 and item_of(xs.type) != "bool":
            return Node("change", None, self.r.choice(("neg", "inv")) if
                        xs.type == "[int]" else "inv", at(xs, i))
        return self.bump(at(xs, i))

    def read_item(self, xs, i):
        """An item, by itself or by a function that leads to it."""
        if self.chance(50):
            return at(xs, i)
        h = self.function("h", item_of(xs.type), xs.type)
        h.body = [Node("return", None, at(h.parameters[0], i))]
        self.helpers.append(h)
        while self.chance(40):
            h = self.leading_to(h)
            self.helpers.append(h)
        return Node("call", h.result, h, False, name(xs))

    def bit(self, node):
        """The lowest bit of a value, as an int."""
        if node.type == "bool":
            return Node("choose", "int", node, value(lit("int", 1)),
                        value(lit("int", 0)))
        if node.type == "byte":
            node = Node("conv", "int", node)
        return Node("binary", "int", "&", node, lit("int", 1))

    def delicate(self, node, us):
        """An int, of a value that, when it changes, may be out of range, or
        zero where it divides."""
        bit = self.bit(node)
        if self.chance(50):
            far = Node("binary", "int", "<<", bit, lit("int", 5))
            if self.chance(40):
                far = Node("unary", "int", "-", bit)
            item = Node("index", item_of(us.type), name(us), far)
            return self.bit(item)
        return Node("binary", "int", self.r.choice("/%"), lit("int", 7), bit)

    # ---- what a call changes ------------------------------------------------------

    def argument(self):
        """f(xs[0], ys): an argument that the call changes by another name."""
        type_ = self.scalar_type(50)
        k, xs, ys = (self.parameter(t) for t in (type_, *[f"[{type_}]"] * 2))
        i, r = self.r.randint(0, 2), self.r.random()
        value_ = self.read_item(xs, i)
        if r < 0.4:
            value_ = self.delicate(value_, self.r.choice((xs, ys)))
        elif r < 0.5:
            value_ = self.bit(value_)
        k.type = value_.type
        own = self.parameter(f"[{type_}]")
        f = self.by_way_of(self.made(
            [self.writing(own, i)], *self.order(k, own), inner=True))
        args = [name(ys) if p.type == ys.type else value_
                for p in f.parameters]
        self.made([self.calling(f, *args)], xs, ys)

    def order(self, *items):
        return self.r.sample(items, len(items))

    def length(self):
        """f(xs[xs.len - 1], ys): the call moves an item away."""
        type_ = self.scalar_type()
        k, own, to, xs, ys, zs = (self.parameter(t) for t in (
            "int", *[f"[{type_}]"] * 5))
        t = Variable(self.fresh("t"), type_, True)
        zero = lit(type_, False if type_ == "bool" else 0, True)
        body = [Node("local", None, t, True, zero, [
            Node("move", None, "pop", name(own), name(t)),
            Node("move", None, "push", name(to), name(t))], zero)]
        f = self.by_way_of(self.made(body, k, own, to, inner=True))
        long = built("int", "len", True, name(xs))
        if self.chance(50):
            last = Node("binary", "int", "-", long, lit("int", 1))
            long = self.bit(Node("index", type_, name(xs), last))
        elif self.chance(50):
            long = self.bit(at(xs, self.r.choice((0, 3))))
        self.made([self.calling(f, long, name(ys), name(zs))], xs, ys, zs)

    def whole(self):
        """An item is read, and then all that the list leads to."""
        s = self.structs[self.r.choice(list(self.structs))]
        listed = f"[{s.name}]"
        text, own, ps, qs = (self.parameter(t) for t in (
            "str", listed, listed, listed))
        field = lambda xs, n: Node("field", s.fields[n][1], at(xs, 0),
                                   s.fields[n][0])
        f = self.made([self.bump(field(own, 1))],
                      text, own, inner=True)
        part = lambda n: Node("part", None, n, None)
        first = self.r.choice((field(ps, 0), Node(
            "binary", "bool", "is", at(ps, 0), at(ps, 1))))
        said = Node("text", "str", part(first), " ", part(name(ps)))
        self.made([self.calling(f, said, name(qs))], ps, qs)

    # ---- places that are lent -------------------------------------------------------

    def lent(self):
        """f(&xs[0], ys), where f reads or changes items of ys."""
        type_ = self.scalar_type()
        x, own = self.parameter(type_, True), self.parameter(f"[{type_}]")
        xs, ys = (self.parameter(f"[{type_}]") for _ in range(2))
        i, j = self.r.randint(0, 2), self.r.randint(0, 2)
        op = "^" if type_ == "bool" else self.r.choice("+-^")
        body = [update(op, name(x), at(own, j)) if self.chance(60)
                else self.bump(at(own, j))]
        f = self.by_way_of(self.made(body, *self.order(x, own), inner=True))
        args = [ref(at(xs, i)) if p.mutable else name(ys)
                for p in f.parameters]
        self.made([self.calling(f, *args)], xs, ys)

    def lent_both(self):
        """f(&xs[0], &ys[1])"""
        type_ = self.scalar_type()
        x, y = (self.parameter(type_, True) for _ in range(2))
        xs, ys = (self.parameter(f"[{type_}]") for _ in range(2))
        i = self.r.randint(0, 2)
        j = i if self.chance(70) else self.r.randint(0, 2)
        f = self.by_way_of(self.made(
            [self.bump(name(x)), *self.exchanges(x, y)], x, y, inner=True))
        self.made([self.calling(f, ref(at(xs, i)), ref(at(ys, j)))], xs, ys)

    def lent_part(self):
        """f(&ps[0].b, qs), where f moves the items of qs."""
        s = self.structs[self.r.choice(list(self.structs))]
        own, ps, qs = (self.parameter(f"[{s.name}]") for _ in range(3))
        n, type_, _ = s.fields[self.r.randint(0, 1)]
        x = self.parameter(type_, True)
        body = self.order(self.bump(name(x)), self.writing(own, 0))
        f = self.by_way_of(self.made(body, x, own, inner=True))
        self.made([self.calling(
            f, ref(Node("field", type_, at(ps, 0), n)), name(qs))], ps, qs)

    # ---- updates ------------------------------------------------------------------

    def own_value(self):
        """xs[i] += a value that reads ys[i], perhaps not always."""
        type_ = self.scalar_type()
        xs, ys = (self.parameter(f"[{type_}]") for _ in range(2))
        c = self.parameter("bool")
        i = self.r.randint(0, 2)
        j = i if self.chance(80) else self.r.randint(0, 2)
        read, other = at(ys, j), self.something(type_)
        if self.chance(20):
            read = self.read_item(ys, j)
        elif type_ == "bool" and self.chance(60):
            read = Node("binary", "bool", self.r.choice(("and", "or")),
                        name(c), read)
        elif self.chance(75):
            both = self.order(read, other)
            read = Node("choose", type_, name(c), *map(value, both))
        op = "^" if type_ == "bool" else self.r.choice("+-^")
        self.made([update(op, at(xs, i), read)], c, xs, ys)

    def own_index(self):
        """xs[ys[0] & 1] += 1"""
        type_ = self.scalar_type(70)
        xs, ys = (self.parameter(f"[{type_}]") for _ in range(2))
        i = self.r.randint(0, 1)
        index = self.read_item(ys, i)
        index = self.bit(index) if self.chance(40) else self.delicate(
            index, self.r.choice((xs, ys)))
        if index.args[0] in ("/", "%"):
            index = Node("binary", "int", "&", index, lit("int", 1))
        self.made([self.bump(Node("index", type_, name(xs), index))], xs, ys)

    def listed(self):
        """xs.swap(ys[0] & 1, 2): a list changes what says how."""
        type_ = self.scalar_type(50)
        xs, ys = (self.parameter(f"[{type_}]") for _ in range(2))
        last = Node("binary", "int", "-", built("int", "len", True, name(xs)),
                    lit("int", 1))
        if self.chance(50):
            place = Node("index", type_, name(xs), last)
            self.made([Node("move", None, self.r.choice((
                "push", "push", "pop")), name(ys), place)], xs, ys)
            return
        items = self.order(self.bit(self.read_item(xs, self.r.randint(0, 1))),
                           lit("int", self.r.randint(0, 2)))
        self.made([Node("do", None, built(None, "swap", True, name(ys),
                                          *items))], xs, ys)

    def exchanges(self, x, y):
        return [Node("swap", None, *map(name, self.order(x, y)))] + [
            self.bump(name(v)) for v in (x, y) if self.chance(30)]

    def exchange(self):
        type_ = self.type() if self.chance(30) else self.scalar_type()
        x, y = (self.parameter(type_, True) for _ in range(2))
        body = [Node("swap", None, *map(name, self.order(x, y)))] \
            if type_ not in ("int", "byte", "bool") else self.exchanges(x, y)
        self.made(body, x, y)

    def identity(self):
        """A name for what equal objects change places with."""
        s = self.structs[self.r.choice(list(self.structs))]
        ps, qs = (self.parameter(f"[{s.name}]") for _ in range(2))
        own, o = self.parameter(ps.type), Variable(
            self.fresh("o"), s.name, False)
        moves = self.writing(qs, 0)
        if self.chance(50):
            moves = Node("swap", None, at(ps, 0), at(qs, 1))
        if self.chance(50):
            f = self.by_way_of(self.made(
                [self.writing(own, 0)], self.parameter(s.name), own,
                inner=True))
            self.made([self.calling(f, at(ps, 0), name(qs))], ps, qs)
            return
        self.made([Node("local", None, o, False, at(ps, 0), [moves],
                        at(ps, 0))], ps, qs)

    # ---- blocks -----------------------------------------------------------------------

    def wrong_way(self):
        """if x < 1 { x += 2 } fi x < 3: it holds or not."""
        x, t, e = (self.parameter(type_, m) for type_, m in (
            ("int", True), ("bool", True), ("bool", False)))
        small = lambda: lit("int", self.r.randint(-1, 4))
        conditions = [compare(self.r.choice(("<", ">=", "==")), name(x),
                              small()) for _ in range(2)]
        for i in range(2):
            if self.chance(40):
                conditions[i] = name(self.r.choice((t, e)))
        change = [update("+", name(x), small()), update(
            "^", name(t), lit("bool", self.chance(50)))]
        no = [update("-", name(x), small())] if self.chance(50) else None
        self.made([Node("rif", None, conditions[0], change, conditions[1],
                        no)], x, t, e)

    def wrong_turn(self):
        """A loop that ends as it should not begin, or begins twice."""
        t, e, x = (self.parameter(type_, m) for type_, m in (
            ("bool", True), ("bool", False), ("int", True)))
        on = update("^", name(t), lit("bool", True))
        count = update(self.r.choice("+-"), name(x), lit("int", 1))
        if self.chance(50):    # t comes back in two rounds
            ends = self.order(name(t), self.r.choice((name(e), compare(
                "==", name(x), lit("int", self.r.randint(0, 2))))))
        else:
            ends = [name(e) if self.chance(50) else compare(
                "==", name(x), lit("int", k)) for k in (0, self.r.choice(
                    (1, 2, -1)))]
        self.made([Node("from", None, ends[0], [on, count], [], ends[1])],
                  t, e, x)

    def wrong_end(self):
        """local t = 1 … delocal t = 1, or what it is not."""
        type_ = self.scalar_type()
        x, k = self.parameter(type_, True), self.parameter(type_)
        t = Variable(self.fresh("t"), type_, True)
        first, last = (self.literal(type_) if self.chance(40) else name(k)
                       for _ in range(2))
        body = [self.bump(name(x))]
        if self.chance(50):
            body.append(update("^", name(t), name(self.r.choice((x, k)))))
        self.made([Node("local", None, t, True, first, body, last)], x, k)

    def new_end(self):
        """A list of its own that is not as it is to be."""
        item = self.scalar_type()
        x, k = self.parameter(item, True), self.parameter(item)
        o = Variable(self.fresh("o"), f"[{item}]", False)
        items = lambda: Node("list", o.type, *(
            name(k) if self.chance(30) else self.literal(item)
            for _ in range(2)))
        first = items()
        last = items() if self.chance(50) else first
        body = [self.bump(at(o, 0)) if self.chance(40) else self.bump(name(x))]
        if self.chance(40):
            body.append(Node("move", None, "push", name(o), name(x)))
        self.made([Node("local", None, o, True, first, body, last)], x, k)

    def bound(self):
        """A loop that moves its own end."""
        type_ = self.scalar_type(50)
        i, t = Variable(self.fresh("i"), "int", False), Variable(
            self.fresh("t"), type_, True)
        xs, ys = (self.parameter(f"[{type_}]") for _ in range(2))
        high = built("int", "len", True, name(xs))
        zero = lit(type_, False if type_ == "bool" else 0, True)
        body = [Node("local", None, t, True, zero, [
            Node("move", None, self.r.choice(("push", "push", "pop")),
                 name(ys), name(t))], zero)]
        if self.chance(50):
            k = self.r.randint(0, 1)
            high, body = self.bit(self.read_item(xs, k)), [
                self.bump(at(ys, k))]
        low = lit("int", self.r.choice((0, 0, -1)))
        self.made([Node("count", None, i, *self.order(low, high)
                        if self.chance(20) else (low, high), body)], xs, ys)

    def long_within(self):
        """More than stands in one function twice."""
        x, y = (self.parameter("int", True) for _ in range(2))
        k = self.parameter("int")
        body = []
        for _ in range(self.r.randint(9, 12)):
            by = Node("binary", "int", "^", plus(Node(
                "binary", "int", "*", name(k), self.something("int")),
                name(y)), self.something("int"))
            body.append(update(self.r.choice("+-^"), name(x), by))
        uses = [update(self.r.choice("+-^"), name(y), name(x))]
        self.made([Node("within", None, body, uses)], x, y, k)


SHAPES = [RevShapes.argument, RevShapes.argument, RevShapes.length,
          RevShapes.whole, RevShapes.lent, RevShapes.lent_both,
          RevShapes.lent_part, RevShapes.own_value, RevShapes.own_value,
          RevShapes.own_index,
          RevShapes.exchange, RevShapes.identity, RevShapes.wrong_way,
          RevShapes.wrong_turn, RevShapes.wrong_end, RevShapes.new_end,
          RevShapes.bound, RevShapes.listed, RevShapes.long_within]
