"""Matches and patterns in the programs of sums_generate.py."""
from sums_types import Scope, holds_fn, option, text


class Patterns:
    def if_let(self, t, s, depth):
        o = option(self.type(1))
        inner = Scope(s)
        p = self.pattern(o[1], inner)
        name = "if let pattern" if p[-1] in ")" or "|" in p else "if let"
        return (f"(if let {p} = {self.typed(o, s, depth)} "
                f"{{ ‹{name}|{self.typed(t, inner, depth)}› }} "
                f"else {{ {self.expr(t, s, depth)} }})")

    def matched(self):
        of = self.type(1)
        return "Shape" if holds_fn(of) else of

    def match(self, t, s, depth):
        of = self.matched()
        value = self.typed(of, s, depth)
        arms, make = [], self.typed
        for _ in range(self.r.randint(0, 3)):
            inner = Scope(s)
            p, guard, names = self.arm(of, inner)
            body = make(t, inner, depth)
            for name in names:
                body = f"‹{name}|{body}›"
            arms.append(f"{p}{guard} => {body}")
            make = self.expr
        arms.append(f"_ => {make(t, s, depth)}")
        return f"(match {value} {{ {'; '.join(arms)} }})"

    def arm(self, of, s):
        """(pattern, guard, what these are)."""
        p = self.pattern(of, s, 3)
        guard = f" if {self.expr('bool', s, 1)}" if self.chance(25) else ""
        names = ["match"] + ["guard"] * bool(guard)
        names += ["or pattern"] * (" | " in p) + ["range"] * (".." in p)
        return p, guard, names + ["nested pattern"] * (p.count("(") > 1)

    def pattern(self, t, s, depth=2):
        if depth == 0 or self.chance(25):
            if self.chance(40):
                return "_"
            n = self.fresh()
            s.add(n, t[1] if t[0] == "option" else t)
            return n
        p = lambda of: self.pattern(of, s, depth - 1)
        made = self.literal_pattern(t) or self.variant_pattern(t, p)
        if made:
            return made
        kind = t[0]
        if kind == "option":
            return "none" if self.chance(35) else p(t[1])
        if kind == "tuple":
            if t[1] == t[2] and len(t) == 3 and self.chance(30):
                return self.either(t, s)
            return f"({', '.join(p(x) for x in t[1:])})"
        if kind == "Cell":
            return f"Cell({p(t[1])}, {p('int')})"
        if kind == "Pair":
            return self.one(lambda: f"Pair({p(t[1])}, {p(t[2])})",
                            lambda: f"Pair(b: {p(t[2])})")
        n = self.fresh()
        s.add(n, t)
        return n

    def either(self, t, s):
        """The same name on both sides of an or."""
        n = self.fresh()
        fixed = self.literal_pattern(t[1]) or "_"
        s.add(n, t[1][1] if t[1][0] == "option" else t[1])
        return f"({n}, {fixed}) | ({fixed}, {n})"

    def literal_pattern(self, t):
        if t == "int":
            a = self.r.randint(-4, 6)
            return self.r.choice((f"{a}", f"{a}..{a + self.r.randint(1, 5)}",
                                  f"{a} | {a + 2} | {a + 9}",
                                  f"{a} | {a + 3}..{a + 90}"))
        return self.r.choice({
            "byte": ("0..7", "'a' | 250..255", "3"),
            "float": ("0.0", "-1.5", "2"),
            "bool": ("true", "false"),
            "str": ('""', '"a" | "b"', '"g"', '"1" | "" | "é"'),
            "Dir": ("North", "Dir.East | South", "South"),
        }.get(t, (None,)))

    def variant_pattern(self, t, p):
        """A pattern for an enum or struct, its parts by p; or None."""
        if t == "Shape":
            return self.one(
                lambda: "Dot", lambda: f"Line({p('int')})",
                lambda: "Shape.Line(n: 0..3)",
                lambda: "Dot | Line(_) | Box(name: none)",
                lambda: f"Box({p('float')}, {p(('option', 'str'))})",
                lambda: f"Nest({p(('option', 'Shape'))}, "
                        f"{p(('tuple', 'int', 'Dir'))})",
                lambda: f"Nest(at: {p(('tuple', 'int', 'Dir'))})",
                lambda: f"Nest(Line({p('int')}), (0..9, _))",
                lambda: f"Nest(Nest(Dot | Line(0..5), _), (_, {p('Dir')}))")
        if t == "Rec":
            return self.one(
                lambda: f"Rec(a: {p(('option', 'int'))}, "
                        f"b: {p(('option', 'Dir'))})",
                lambda: f"Rec(d: {p(('tuple', 'int', ('option', 'str')))})",
                lambda: f"Rec(c: {p('Shape')}, t: {p('str')})")
        if t == "Ring":
            return f"Ring(next: {p(('option', 'Ring'))}, n: {p('int')})"
        if t[0] == "Res":
            return self.one(lambda: f"Good({p(t[1])})",
                            lambda: "Bad(code: 0..4)",
                            lambda: f"Bad({p('str')}, {p('byte')})")
        if t[0] == "Tree":
            return self.one(lambda: "Leaf",
                            lambda: f"Node({p(t)}, {p(t[1])}, {p(t)})",
                            lambda: "Node(Node(_, _, Leaf), _, _) | Leaf",
                            lambda: f"Node(Leaf, {p(t[1])}, "
                                    "Node(_, _, Leaf))")
        if t[0] == "lib.Mood":
            return self.one(lambda: "lib.Calm",
                            lambda: f"lib.Wild({p(t[1])}, "
                                    f"{p(('option', t))})",
                            lambda: f"lib.Wild(by: none, of: {p(t[1])})")
        return None

    def branch(self, s):
        of = self.matched()
        lines = [f"match {self.typed(of, s, 1)} {{"]
        for _ in range(self.r.randint(1, 3)):
            inner = Scope(s)
            p, guard, names = self.arm(of, inner)
            marks = "; ".join(f"«m {name}»" for name in names)
            lines += [f"    {p}{guard} => {{", "        " + marks]
            lines += ["    " + l for l in self.block(inner, 1)] + ["    }"]
        return lines + ["    _ => {"] + [
            "    " + l for l in self.block(s, 1)] + ["    }", "}"]

    def while_let(self, s):
        """Counts an option down, by a pattern or a name."""
        left, n = self.fresh("left"), self.fresh()
        inner = Scope(s, loops=s.loops + (("", len(s.open)),))
        inner.add(n, "int")
        start, lower = self.r.randint(0, 3), f"if {n} > 0 {{ {n} - 1 }}"
        t, p, value = self.r.choice((
            ("int?", n, "{}"), ("(int, str)?", f"({n}, _)", '({}, "w")'),
            ("Shape?", f"Line({n})", "Line({})"),
            ("Res[int]?", f"Good({n})", "Good({})")))
        lower = f"if {n} > 0 {{ {value.format(n + ' - 1')} }} else {{ none }}"
        return ([f"var {left}: {t} = {value.format(start)}",
                 f"while let {p} = {left} {{", f"    {left} = {lower}",
                 "    «m while let»"] + self.block(inner) + ["}"])
