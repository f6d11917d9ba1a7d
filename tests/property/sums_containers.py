"""Lists, maps and loops over them in the programs of sums_generate.py."""
from sums_types import Scope, holds_fn, is_ordered, text

# Of a list, an item and a small int; to a list of the same type.
LISTS = ("{0}.reversed()", "{0}.rotated({2})", "few({0}.concat({0}))",
         "{0}.take({2})", "{0}.drop({2})", "{0}.take_last({2})",
         "(try {0}[{2}..{0}.len] else [{1}])", "(try {0}[0..{2}] else {0})",
         "few([{0}, [{1}], {0}].flatten())", "copy({0})", "clone({0})",
         "few(([{0}].transpose().first() ?? {0}).concat({0}))",
         "[{1}; {2} & 3]", "few(({0}, {0}).0.repeat({2} & 3))")
# Of a map, a key and a value; to a map of the same type.
MAPS = ("copy({0})", "clone({0})", "{0}.merge([{1}: {2}])",
        "{0}.filter(fn(k, v) = k != {1})", "{0}.map_values(fn(k, v) = {2})",
        "{0}.partition(fn(k, v) = v == {2}).0", "[{1}: {2}].merge({0})")
CHANGES = (
    ("insert", "if {0}.len in 1..9 {{ {0}.insert({2} & 1, {1}) }}"),
    ("insert", "if {0}.len in 1..9 {{ {0}.insert({0}.len, {1}) }}"),
    ("remove", "if {0}.len > 2 {{ {0}.remove({2} & 1) }}"),
    ("remove", "if {0}.len > 2 {{ {0}.remove_range(1, 2) }}"),
    ("reverse", "{0}.reverse()"),
    ("reverse", "if {0}.len > 0 {{ {0}.rotate({2}) }}"),
    ("list swap", "if {0}.len > 1 {{ {0}.swap(0, {2} & 1) }}"),
    ("list method", "if {0}.len < 5 {{ {0}.extend({0}) }}"),
    ("list method", "{0}.resize({2} & 7, {1})"),
    ("list method", "if {0}.len < 8 {{ {0}.insert_all(0, [{1}, {1}]) }}"),
    ("list method", "{0}.fill({1})"),
    ("list method", "{0}.clear()"),
    ("list write", "if {0}.len > 1 {{ {0}[{2} & 1] = {1} }}"),
    ("list write", "if {0}.len > 1 {{ {0}[0] <=> {0}[{2} & 1] }}"))


class Containers:
    def changes(self, s):
        """Ways to a statement in one line that changes a list or map."""
        ways = []
        for n, t, _ in s.names:
            if holds_fn(t) or t[0] not in ("list", "map"):
                continue
            if t[0] == "map":
                ways += [lambda n=n, t=t: self.map_write(n, t, s)] * 2
                continue
            ways += [lambda n=n, t=t: self.list_write(n, t, s)] * 2
            ways.append(lambda n=n, t=t: f"if {n}.len < 9 {{ «m push»; "
                        f"{n}.push({self.typed(t[1], s, 1)}) }}")
            ways.append(lambda n=n: f"if {n}.len > 1 {{ «m pop»; {n}.pop() }}")
        return ways

    def list_write(self, n, t, s):
        if self.chance(25):
            key = self.fresh("p")
            by = self.r.choice((key, f"str({key})", f"type_of({key})"))
            if is_ordered(t[1]) and self.chance(60):
                return f"«m sort»; {n}.sort()"
            by = by if by != key or is_ordered(t[1]) else f"str({key})"
            return f"«m sort by»; {n}.sort(by: fn({key}) = {by})"
        name, form = self.r.choice(CHANGES)
        if "fill" in form and self.chance(50):
            name, form = "list method", "{0}.retain(fn(p) = p != {1})"
        return f"«m {name}»; " + form.format(
            n, self.typed(t[1], s, 0), self.expr("int", s, 0))

    def map_write(self, n, t, s):
        key = lambda: self.map_key(t[1], s)
        value = lambda: self.typed(t[2], s, 1)
        ways = [lambda: f"«m map write»; {n}[{key()}] = {value()}",
                lambda: f"«m map clear»; {n}.clear()",
                lambda: f"«m map write»; {n}.put_all([{key()}: {value()}])"]
        if t[2][0] != "option":    # what `remove` gives is one
            ways += [lambda: f"«m map remove»; let _ = {n}.remove({key()})",
                     lambda: f"«m map remove»; "
                             f"{n}.retain(fn(k, v) = k != {key()})",
                     lambda: f"«m map write»; "
                             f"{n}.update({key()}, {value()}, fn(v) = v)"]
        if t[2] == "str":
            k = self.fresh()
            ways += [lambda: f"let {k} = {key()}; if {k} in {n} {{ "
                     + self.grow(f"{n}[{k}]", self.expr("str", s, 0), s)
                     + " }"] * 2
        if t[2] == "int":
            k = self.fresh()
            ways.append(lambda: f"«m map write»; let {k} = {key()}; "
                                f"if {k} in {n} {{ {n}[{k}] += 1 }}")
        return self.r.choice(ways)()

    def map_key(self, t, s):
        """A key: of strs often one that was built piece by piece."""
        if t == "str" and self.chance(50):
            return (f"‹str key|({self.some_text(s)} + "
                    f"{self.expr('str', s, 0)})›")
        return self.expr(t, s, 0)

    def container_ways(self, t, s, depth):
        """Ways to an expression of a type that come from lists and maps."""
        ways = []
        typed = lambda of: self.typed(of, s, depth)
        i = lambda: self.expr("int", s, 0)
        if t[0] == "list":
            item = lambda: self.typed(t[1], s, 0)
            ways += [lambda: "‹list slice|" + self.r.choice(LISTS).format(
                self.named(t, s, depth), item(), i()) + "›"] * 3
            ways += [lambda: self.list_call(t, s, depth)] * 3
        if t[0] == "map":
            ways += [lambda: f"‹map fn|{self.r.choice(MAPS)}›".format(
                self.named(t, s, depth), self.map_key(t[1], s),
                typed(t[2]))] * 3
        if t == ("list", ("tuple", "int", "str")):
            ways.append(lambda: "‹enumerate|" + typed(("list", "str"))
                        + ".enumerate()›")
        for n, m, _ in s.names:
            if m[0] == "map":
                ways += self.map_ways(n, m, t, s)
            if is_ordered(t) and m == ("list", t):
                ways.append(lambda n=n: f"‹sort|({n}.sorted().last() ?? "
                                        f"{self.expr(t, s, 0)})›")
            if m == ("list", t):
                ways += [lambda n=n: f"‹index|(try {n}[{i()}] else "
                         f"{self.expr(t, s, depth)})›",
                         lambda n=n: f"‹index|({n}.first() ?? "
                         f"{self.expr(t, s, depth)})›"
                         if t[0] != "option" else f"first({n}, {typed(t)})"]
        return ways

    def map_ways(self, n, m, t, s):
        e = lambda: self.expr(t, s, 0)
        if t == ("list", m[1]):
            return [lambda: f"{n}.keys()"]
        if t == ("list", m[2]):
            return [lambda: f"{n}.values()"]
        if t != m[2]:
            return []
        ways = [lambda: f"‹map get|(try {n}[{self.map_key(m[1], s)}] "
                        f"else {e()})›"]
        if t[0] != "option":
            ways.append(lambda: f"‹map get|({n}.get({self.map_key(m[1], s)}) "
                                f"?? {e()})›")
        return ways

    def named(self, t, s, depth):
        """A variable where there is one, for what says it several times."""
        seen = s.of(t)
        return self.r.choice(seen) if seen else self.typed(t, s, depth)

    def list_call(self, t, s, depth):
        """A list by a function that takes a lambda, from another list."""
        of = self.type(1)
        xs = self.typed(("list", of), s, depth)
        n = self.fresh("p")
        inner = Scope(s, in_lambda=True, loops=(), open=(), result=None)
        inner.add(n, of)
        to = lambda: self.typed(t[1], inner, 0)
        told = f"{n}: {text(of)}"
        ways = [lambda: f"{xs}.map(fn({told}) = {to()})",
                lambda: f"{xs}.filter(fn({told}) = "
                        f"{self.expr('bool', inner, 1)})"
                        f".map(fn({told}) = {to()})",
                lambda: f"few({xs}.fold({self.typed(t, s, 0)}, fn(all, "
                        f"{told}) = all.concat([{to()}])))",
                lambda: f"{xs}.zip({xs}).map(fn(both) = "
                        f"{{ let ({n}, _) = both; {to()} }})",
                lambda: f"{xs}.partition(fn({told}) = "
                        f"{self.expr('bool', inner, 1)}).1"
                        f".map(fn({told}) = {to()})"]
        if t[1][0] != "option":
            o = ("option", t[1])
            ways.append(lambda: f"{xs}.filter_map(fn({told}) = "
                        f"{self.typed(o, inner, 0)})")
        return f"‹list fn|{self.r.choice(ways)()}›"

    def reread(self, s):
        """Items, lengths and fields read around writes, maybe of the same."""
        lists = [(n, t) for n, t, _ in s.names
                 if t[0] == "list" and not holds_fn(t)]
        if not lists:
            return [self.write(s)]
        n, t = self.r.choice(lists)
        m = self.r.choice([m for m, u in lists if u == t])
        places = [p for p in self.places(s) if p[1] in ("int", "str")]
        places = self.r.sample(places, min(2, len(places)))
        i, k = self.r.randint(0, 1), self.r.randint(0, 1)
        j = self.expr("int", s, 0)
        read = [f"{n}[{i}]", f"{n}[{j} & 1]", f"{n}.len"]
        read += [p for p, _ in places]
        writes = [f"{m}[{k}] = {self.expr(t[1], s, 0)}",
                  f"{m}[{j} & 1] = {n}[{i}]", f"{m}[0] <=> {n}[{j} & 1]",
                  f"{m}.push({n}[{i}])", f"if {m}.len > 3 {{ {m}.pop() }}",
                  f"{m}.insert({k}, {n}[{i}])", f"{m}.reverse()",
                  f"{m}.pop(); {m}.push({n}[0])"]
        writes += [f"{p} += 1" if of == "int" else f'{p} = short({p} + "+")'
                   for p, of in places]
        lines, told = [], []
        for write in self.r.sample(writes, 4):
            told.append(self.fresh())
            lines += [f"let {told[-1]} = {self.r.choice(read)}", write,
                      f"print({told[-1]}, {self.r.choice(read)})"]
        lines.append(f"print({', '.join(told + read)})")
        return ([f"if {n}.len in 2..9 and {m}.len in 2..9 {{ «m reread»"]
                + ["    " + l for l in lines] + ["}"])

    # ---- loops -------------------------------------------------------------

    def turns(self, s, head, *bound):
        """A loop of few turns, whatever it goes through."""
        label = self.fresh("l") + ": " if self.chance(30) else ""
        count = self.fresh("t")
        inner = Scope(s, loops=s.loops + ((label[:-2], len(s.open)),))
        for n, t in bound:
            inner.add(n, t)
        return ([f"var {count} = 0", f"{label}{head} {{",
                 f"    {count} += 1",
                 f"    if {count} > {self.r.randint(2, 4)} {{ break }}"]
                + self.block(inner, self.r.randint(1, 2)) + ["}"])

    def over_list(self, s):
        """By items, with places, taken apart; its length may change."""
        of = self.r.choice((self.type(1), ("tuple", "int", self.type(0))))
        seen = s.of(("list", of))
        xs = (self.r.choice(seen) if seen else
              f"({self.typed(('list', of), s, 1)})")
        n, i = self.fresh(), self.fresh("i")
        name = "«m {0}»"
        if of[0] == "tuple" and self.chance(50):
            parts = [self.fresh() for _ in of[1:]]
            return [name.format("for parts")] + self.turns(
                s, f"for ({', '.join(parts)}) in {xs}", *zip(parts, of[1:]))
        if self.chance(40):
            return [name.format("enumerate")] + self.turns(
                s, f"for ({i}, {n}) in {xs}.enumerate()", (i, "int"), (n, of))
        return [name.format("for list")] + self.turns(
            s, f"for {n} in {xs}", (n, of))

    def over_map(self, s):
        """Through a map, then without some keys, then through it again."""
        maps = [(n, t) for n, t, _ in s.names
                if t[0] == "map" and t[2][0] != "option"]
        if not maps:
            return [self.write(s)]
        m, t = self.r.choice(maps)
        k, v, k2, n = (self.fresh() for _ in range(4))
        if self.chance(20):
            n, what, of = self.fresh(), *self.r.choice(
                (("keys", t[1]), ("values", t[2])))
            return [f"«m for {what}»"] + self.turns(
                s, f"for {n} in {m}.{what}()", (n, of))
        through = lambda s: ["«m for map»"] + self.turns(
            s, f"for ({k}, {v}) in {m}", (k, t[1]), (v, t[2]))
        lines = (self.attempted(s, through) if self.chance(40) else
                 through(s))
        out = ["«m map remove»", f"let {n} = {m}.keys()",
               f"for {k2} in {n}.take({self.r.randint(1, 2)}) "
               f"{{ {m}.remove({k2}) }}",
               f"for ({k2}, _) in {m} {{ «m for map»; print({k2}) }}"]
        return lines + (out if self.chance(60) else [])

    def over_next(self, s):
        """A type of its own that iterates: the loop, or its calls."""
        n, it = self.fresh(), self.fresh("it")
        if self.chance(35):
            s.add(it, "lib.Down")
            lines = [f"let {it} = lib.Down({self.r.randint(1, 9)}, "
                     f"{self.r.randint(1, 3)})"]
            of, next_ = "int", "lib.next"
        else:
            walks = [(m, t) for m, t, _ in s.names if t[0] == "Walk"]
            if walks and self.chance(60):
                (it, t), lines = self.r.choice(walks), []
            else:
                t = ("Walk", self.r.choice(("int", "str", "Shape",
                                            ("tuple", "int", "str"))))
                lines = [f"let {it} = {self.made(t, s, 1)}"]
                s.add(it, t)
            of, next_ = t[1], "next"
        if of[0] == "option" or self.chance(60):
            head = f"for {n} in {it}"
            lines.append("«m for next»")
        else:
            head = f"while let {n} = {next_}({it})"
            lines.append("«m while next»")
        return lines + self.turns(s, head, (n, of))

    def counted(self, s):
        """A loop or while, left in the middle."""
        head = self.r.choice(("loop", "while true", None))
        return ["«m loop»"] + self.turns(
            s, head or f"while {self.expr('bool', s, 1)}")
