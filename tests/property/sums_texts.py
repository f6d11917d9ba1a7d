"""Strings in the programs of sums_generate.py: growing, cut, laid out."""

WORDS = ('""', '"a"', '"b"', '"g"', '"é a"', '" a=b, b "')
SPECS = {"int": ("{:>6}", "{:06}", "{:#x}", "{:b}", "{:<4}", "{:^7}"),
         "byte": ("{:>4}", "{:#b}", "{:03}"),
         "float": ("{:.2}", "{:>9.1}", "{:e}", "{:.0}"),
         "str": ("{:>5}", "{:.3}", "{:^9}", "{:<12.7}")}
# Of any str, to a small one.
METHODS = (
    "{0}.upper()", "{0}.trim()", "{0}.reversed()", "{0}.replace({1}, \"\")",
    "short({0}.replace(\"a\", {1}))", "short({0}.repeat({2} & 3))",
    "{0}.pad_left({2} & 15, '*')", "{0}.center({2} & 15, 'é')",
    "{0}.capitalize()", "few({0}.split({1})).join(\"+\")",
    "short(few({0}.words()).join({1}))", "({0}.cut({1}) ?? (\"c\", \"d\")).1",
    "{0}.strip_prefix({1})", "few({0}.lines()).join(\"|\")",
    "few({0}.chars()).map(fn(c) = chr(c)).join(\".\")",
    "{0}.filter_chars(fn(c) = c != 'a')", "short({0}.quote())")
TO_INT = ("{0}.len", "({0}.find({1}) ?? {2})", "{0}.count({1})",
          "{0}.count_chars()", "(try int({0}) else {2})",
          "({0}.parse_int(16) ?? {2})", "{0}.compare({1})")
TO_BOOL = ("{0}.starts_with({1})", "{0}.ends_with({1})", "({1} in {0})",
           "({0} < {1})")


class Texts:
    def of_text(self, forms, name, s, depth):
        """One of the forms, of strs and an int, marked as name."""
        return f"‹{name}|" + self.r.choice(forms).format(
            self.some_text(s), self.expr("str", s, 0),
            self.expr("int", s, 0)) + "›"

    def some_text(self, s):
        """A str that is often a variable, so that it may be a long one."""
        seen = s.of("str")
        return self.r.choice(seen) if seen and self.chance(70) else \
            self.expr("str", s, 0)

    def text_ways(self, s, depth):
        """Ways to an expression of type str."""
        some = lambda: self.some_text(s)
        piece = lambda: self.expr("str", s, 0)
        i = lambda: self.expr("int", s, 0)

        def leaves():
            """A str that was appended to in a scope, and outlives it."""
            place = self.text_place(s)
            if not place:
                return some()
            kept = "; «k {0}»; keep" if self.chance(40) else ""
            return self.undone(
                lambda n: f"{self.grow(place, piece(), s)}; "
                f"let {n} = {place} + {piece()}"
                + kept.format(n[1:]) + f"; short({n})", "str", "grow leaves")

        return [
            lambda: self.of_text(METHODS, "str method", s, depth),
            lambda: self.of_text(METHODS, "str method", s, depth),
            lambda: f"‹str slice|(try {some()}[{i()}..{i()} + 9] else "
                    f"{piece()})›",
            lambda: f"‹str slice|(try {some()}[0..260] else {piece()})›",
            lambda: f"‹join|short({some()} + {some()} + {piece()})›",
            lambda: f"‹join|short(\"{{{some()}}}-{{{i()}}}{{{some()}}}\")›",
            lambda: f"‹join|short([{some()}, {piece()}].join({piece()}))›",
            lambda: f"long({self.r.randint(0, 60)})",
            leaves, leaves,
            lambda: self.format(s),
            lambda: f"‹type_of|type_of({self.typed(self.type(1), s, 0)})›"]

    def format(self, s):
        t = self.r.choice(tuple(SPECS))
        spec = self.r.choice(SPECS[t]).replace("{:", "").replace("}", "")
        return f'‹format|"[{{{self.typed(t, s, 0)}:{spec}}}]"›'

    def text_place(self, s):
        """A place that holds a str: a variable, a field, an item."""
        found = [p for p, t in self.places(s) if t == "str"]
        return self.r.choice(found) if found else None

    def grow(self, place, piece, s):
        """A statement that appends; a text ends growing at some length."""
        name = ("grow item" if place[-1] == "]" else
                "grow field" if "." in place else "grow")
        more = self.r.choice((piece, piece, "long(30)", f"{piece} + long(4)",
                              f'"{{{self.expr("int", s, 0)}}};"'))
        return (f"if {place}.len < 1400 {{ «m {name}»; "
                f"{place} += {more} }}")

    def grown(self, s):
        """A place that grows in a loop, or on two ways from one beginning."""
        place = self.text_place(s)
        if not place:
            return [self.write(s)]
        if self.chance(50):
            n = self.fresh("i")
            return [f"for {n} in 0..{self.r.randint(2, 12)} {{ «m grow loop»; "
                    + self.grow(place, f'"{{{n}}}é"', s) + " }"]
        a, b = self.fresh(), self.fresh()
        lines = ["«m grow apart»", f"let {a} = {place}",
                 self.grow(place, self.expr("str", s, 0), s),
                 f"var {b} = {a}", self.grow(b, self.expr("str", s, 0), s)]
        s.add(a, "str")
        s.add(b, "str", True)
        return lines
