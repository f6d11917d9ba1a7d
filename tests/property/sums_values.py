"""Literals and lambdas in the programs of sums_generate.py: what a value of a
type is made of."""
from sums_texts import WORDS
from sums_types import Scope, text


class Values:
    def lambda_(self, t, s, depth, told_=False):
        """One of function type t; told_: with its result written."""
        inner = Scope(s, in_lambda=True, loops=(), open=(), result=None)
        params = []
        for p in t[2:]:
            n = self.fresh("p")
            inner.add(n, p)
            params.append(f"{n}: {text(p)}")
        head = f"fn({', '.join(params)})"
        if not told_ and self.chance(50) and not isinstance(t[1], str):
            return f"({head} = {self.typed(t[1], inner, depth)})"
        writes = "".join(self.small(inner) + "; "
                         for _ in range(self.r.randint(0, 2)))
        if self.chance(20):
            writes += (f"if {self.expr('bool', inner, 1)} {{ «m return»; "
                       f"return {self.expr(t[1], inner, 0)} }}; ")
        return (f"({head} -> {text(t[1])} {{ {writes}"
                f"{self.expr(t[1], inner, depth)} }})")

    def small(self, s):
        """A statement in one line: a write, or a scope around writes."""
        if self.chance(70):
            return self.write(s)
        n = self.fresh("n")
        inner = self.scope(s, n)
        keep = (f"; if {self.expr('bool', inner, 1)} {{ «k {n}»; keep }}"
                if self.chance(50) else "")
        return (f"undo {{ «+ {n} undo»; {self.write(inner)}; "
                f"{self.write(inner)}{keep} }}; «- {n}»")

    def made(self, t, s, depth):
        """A literal, or what is made of others."""
        r = self.r
        e = lambda of: self.expr(of, s, max(0, depth - 1))
        if isinstance(t, str):
            return self.made_named(t, s, depth, e)
        kind = t[0]
        if kind == "option":
            return "none" if self.chance(40) else e(t[1])
        if kind == "list":
            return f"[{', '.join(e(t[1]) for _ in range(r.randint(0, 3)))}]"
        if kind == "map":
            pairs = [f"{self.map_key(t[1], s)}: {e(t[2])}"
                     for _ in range(r.randint(0, 2))]
            return f"[{', '.join(pairs) or ':'}]"
        if kind == "tuple":
            return f"({', '.join(e(x) for x in t[1:])})"
        if kind == "fn":
            return self.lambda_(t, s, max(0, depth - 1))
        if kind == "Cell":
            return f"Cell({e(t[1])}, {e('int')})"
        if kind == "Pair":
            return f"Pair(b: {e(t[2])}, a: {e(t[1])})"
        if kind == "Walk":
            xs = self.typed(("list", t[1]), s, max(0, depth - 1))
            return f"walk({xs})"
        if kind == "Tree":
            return self.one(lambda: "Leaf",
                            lambda: f"Node(Leaf, {e(t[1])}, Leaf)")
        if kind == "lib.Mood":
            return self.one(lambda: "lib.Calm",
                            lambda: f"lib.Wild({e(t[1])}, none)",
                            lambda: f"lib.Mood.Wild(by: lib.Calm, "
                                    f"of: {e(t[1])})")
        if kind == "lib.Stack":
            inner = Scope(s, in_lambda=True, loops=(), open=(), result=None)
            return (f"lib.stack(fn(x: {text(t[1])}) = "
                    f"{self.expr('int', inner, max(0, depth - 1))})")
        if self.chance(60):
            return f"Good({e(t[1])})"
        return f"Bad({e('str')}, {e('byte')})"

    def made_named(self, t, s, depth, e):
        r = self.r
        if t == "int":
            if depth > 0 and self.chance(50):
                return f"({e('int')} {r.choice('+-*&^|')} {e('int')})"
            return r.choice((str(r.randint(0, 9)), f"(-{r.randint(1, 5)})"))
        if t == "float":
            if depth > 0 and self.chance(40):
                return f"({e('float')} {r.choice('+-*')} {e('float')})"
            return r.choice(("0.0", "(-1.5)", "2.0", "0.5"))
        if t == "bool":
            return self.made_bool(s, depth, e)
        if t == "byte":
            return f"byte({r.choice((0, 3, 97, 250))})"
        if t == "str":
            if depth > 0 and self.chance(40):
                of = self.type(1)
                return (f'‹join|short("{{{self.typed(of, s, 0)}}}" + '
                        f'{e("str")})›')
            return r.choice(WORDS)
        if t == "Dir":
            return r.choice(("North", "East", "Dir.South"))
        if t == "any":
            of, n = self.content_type(), self.fresh()
            return (f"‹any|{{ let {n}: any = "
                    f"{self.typed(of, s, max(0, depth - 1))}; {n} }}›")
        if t == "Error":
            n = self.fresh("f")
            return (f"(try {{ fail {self.typed(self.content_type(), s, 0)} }} "
                    f"undo {n} {{ {n} }})")
        if t == "Ring":
            if depth > 0 and self.chance(40):
                return f"‹cycle|linked({e('Ring')}, {e('Ring')})›"
            return f"Ring({e('int')}, {e('str')}, none)"
        if t == "Act":
            return (f"Act({self.lambda_(('fn', 'int', 'int'), s, 0)}, "
                    f"{e('int')})")
        if t == "Rec":
            if depth <= 0:
                return 'Rec(1, none, none, (0, none), [], "r")'
            return (f"Rec({e(('option', 'int'))}, {e(('option', 'Dir'))}, "
                    f"{e(('option', 'Shape'))}, "
                    f"{e(('tuple', 'int', ('option', 'str')))}, "
                    f"{e(('list', ('option', 'int')))}, t: {e('str')})")
        if depth <= 0:
            return r.choice(("Dot", "Line(2)"))
        return r.choice((
            f"Line({e('int')})",
            f"Box({e('float')}, {e(('option', 'str'))})",
            f"Nest(at: ({e('int')}, {e('Dir')}), "
            f"of: {e(('option', 'Shape'))})"))

    def made_bool(self, s, depth, e):
        if depth <= 0 or self.chance(30):
            return self.r.choice(("true", "false"))
        of = self.type(1)
        return self.r.choice((
            f"({e('int')} < {e('int')})",
            f"‹==|({self.typed(of, s, 0)} == {self.expr(of, s, 0)})›",
            f"({self.typed(('option', 'Dir'), s, 0)} == none)",
            f"({e('bool')} and not {e('bool')})",
            f"({e('bool')} or {e('bool')})",
            f"({e('int')} in 0..{e('int')})"))
