"""Laws that the programs of sums_generate.py check: two ways to one value.

They notice what is wrong alike in all modes, of which there is no model."""
from sums_types import Scope, is_ordered, text

STR_LAWS = (
    ("{0}", "{0}.reversed().reversed().nfc()", "{0} == {0}.nfc()"),
    ("({0} + {1})[{0}.len..({0} + {1}).len]", "{1}", "true"),
    ("({0} + {1})[0..{0}.len]", "{0}", "true"),
    ("{0} + {1} + {0}", "\"{{{0}}}{{{1}}}{{{0}}}\"", "true"),
    ("{0} + {1}", "[{0}, {1}].join(\"\")", "true"),
    ("{0}", "{0}.split({1}).join({1})", "{1}.len > 0"),
    ("{0}", "{0}.chars().map(fn(c) = chr(c)).join(\"\")", "true"),
    ("{0}.replace({1}, {0})", "{0}.split({1}).join({0})", "{1}.len > 0"),
    ("str({0}.find({1}) != none)", "str({1} in {0})", "true"),
    ("str({0} < {1})", "str({0}.compare({1}) < 0)", "true"),
    ("str(hash({0} + {1}))", "str(hash([{0}, {1}].join(\"\")))", "true"),
    ("str([{0} + {1}: 1])", "str([[{0}, {1}].join(\"\"): 1])", "true"),
    ("str([{0} + {1}: 1][[{0}, {1}].join(\"\")])", "\"1\"", "true"),
    ("str({0} == {0} + {1})", "str({1}.len == 0)", "true"))
LIST_LAWS = (
    ("{0}", "{0}.reversed().reversed()"),
    ("{0}", "{0}.take(2).concat({0}.drop(2))"),
    ("{0} == {0}.concat({1})", "{1}.len == 0"),
    ("{0}", "{0}.map(fn(x) = x)"), ("{0}", "{0}.filter(fn(x) = true)"),
    ("{0}", "{0}.enumerate().map(fn(p) = p.1)"),
    ("{0}", "{0}.zip({0}).unzip().1"), ("{0}", "clone({0})"),
    ("{0}.len + {0}.len", "{0}.concat({0}).len"),
    ("{0}", "{0}.fold(copy({0}).take(0), fn(all, x) = all.concat([x]))"),
    ("{0}.partition(fn(x) = x in {1}).1", "{0}.filter(fn(x) = x not in {1})"))
ORDER_LAWS = (
    ("{0}.sorted()", "{0}.reversed().sorted()"),
    ("{0}.sorted().is_sorted()", "true"),
    ("{0}.sorted()", "{0}.sorted_by(fn(x) = x)"),
    ("{0}.sorted()", "{0}.sorted_with(fn(x, y) = x < y)"))
MAP_LAWS = (
    ("{0}", "turned({0})"), ("hash({0})", "hash(turned({0}))"),
    ("{0}", "clone({0})"), ("{0}.len", "{0}.keys().len"),
    ("{0}.keys().map(fn(k) = {0}[k])", "{0}.values()"),
    ("{0}.filter(fn(k, v) = true)", "{0}"),
    ("{0} == {0}.filter(fn(k, v) = k not in {1})",
     "{0}.keys().filter(fn(k) = k in {1}).len == 0"),
    ("{0}.filter(fn(k, v) = k not in {1}) == {0}",
     "{0}.keys().filter(fn(k) = k in {1}).len == 0"))


class Laws:
    def law(self, s):
        return self.r.choice((self.match_law, self.match_law, self.text_law,
                              self.list_law, self.map_law, self.clone_law))(s)

    def match_law(self, s):
        """A match, and its arms one by one: the number of the one taken."""
        of = self.matched()
        v = self.fresh()
        arms, chain = [], ""
        for number in range(self.r.randint(1, 5)):
            inner = Scope(s)
            p = self.pattern(of, inner, 3)
            bound = [n for n, _, _ in inner.names[len(s.names):]]
            told = f'"{number}' + "".join(f" {{{n}}}" for n in bound) + '"'
            c = self.expr("bool", inner, 0) if self.chance(30) else None
            fits = f"{p} if {c}" if c else p
            arms.append(f"{fits} => {told}")
            chain += (f"match {v} {{ {fits} => {{ return {told} }}; "
                      "_ => {} }; ")
        name = self.fresh("m")
        return [f"let {v}: {text(of)} = {self.expr(of, s, 2)}",
                f"fn {name}() -> str {{ {chain}\"else\" }}",
                f"«m match law»; same(match {v} {{ {'; '.join(arms)}; "
                f"_ => \"else\" }}, {name}())"]

    def text_law(self, s):
        a, b = self.fresh(), self.fresh()
        left, right, where = self.r.choice(STR_LAWS)
        return [f"let {a}: str = {self.some_text(s)}",
                f"let {b}: str = {self.expr('str', s, 1)}",
                f"if {where.format(a, b)} {{ «m str law»; "
                f"same({left.format(a, b)}, {right.format(a, b)}) }}"]

    def list_law(self, s):
        of = self.type(1)
        laws = LIST_LAWS + 2 * ORDER_LAWS * is_ordered(of)
        left, right = self.r.choice(laws)
        return self.equal(s, "list law", ("list", of), left, right)

    def map_law(self, s):
        maps = [t for _, t, _ in s.names if t[0] == "map"]
        t = self.r.choice(maps or [("map", "str", "int")])
        return self.equal(s, "map law", t, *self.r.choice(MAP_LAWS))

    def equal(self, s, name, t, left, right):
        """Two forms of a value and another of its type have one value."""
        a, b = self.fresh(), self.fresh()
        return [f"let {a}: {text(t)} = {self.named(t, s, 1)}",
                f"let {b}: {text(t)} = {self.expr(t, s, 1)}",
                f"«m {name}»; same_value({left.format(a, b)}, "
                f"{right.format(a, b)})"]

    def clone_law(self, s):
        """A clone is another of the same shape, with the same hash."""
        a, b = self.fresh(), self.fresh()
        return [f"let {a}: Ring = {self.named('Ring', s, 1)}",
                f"let {b} = clone({a})",
                f"«m clone law»; same_value({a}, {b}); "
                f"same(str(ring_len({a})), str(ring_len({b})))",
                f"{b}.n += 1; same(str({a} != {b} and {a} is not {b}), "
                f"\"true\")"]
