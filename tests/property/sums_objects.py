"""Values that the programs of sums_generate.py pass around: any, errors, rings
and trees, functions in places, the generator of random numbers, the module."""
from sums_types import COMMON, Scope, holds, holds_fn, is_reference, text


class Objects:
    # ---- any ---------------------------------------------------------------

    def content_type(self, depth=1):
        """A type that an any may hold without leading back to itself."""
        while True:
            t = self.type(depth)
            if not (t[0] == "option" or holds_fn(t) or holds(t, "any")):
                return t

    def downcast(self, t, s, depth):
        of = self.content_type()
        n = self.fresh()
        inner = Scope(s)
        inner.add(n, of)
        if self.chance(70):
            held = self.fresh()
            v = (f"{{ let {held}: any = {self.typed(of, s, depth)}; "
                 f"{held} }}")
        else:
            v = self.named("any", s, depth)
        return (f"(if let {n}: {text(of)} = {v} "
                f"{{ ‹downcast|{self.typed(t, inner, depth)}› }} "
                f"else {{ {self.expr(t, s, depth)} }})")

    # ---- errors ------------------------------------------------------------

    def handler(self, s):
        """A value that fails, its handler, and what fails in that."""
        before, d = self.fresh("before"), self.digest(s)
        t = self.r.choice(("int", "str", "Rec", "Ring",
                           self.content_type(2)))
        n, e, e2, x = (self.fresh(c) for c in "nffx")
        inner = self.scope(s, n)
        body = self.block(inner) + ["    " + self.fails(t, inner)]
        held = Scope(s)
        held.add(x, t)
        again = self.fresh("n")
        within = self.scope(s, again)
        failing = self.r.choice((f"fail {e}.value", f'fail "{{{e}.kind}}"',
                                 "let _ = [0][5]"))
        return ([f"let {before} = {d}", "try {", f"    «+ {n} try»"] + body
                + [f"    «- {n}»", f"}} undo {e} {{", f"    «! {n}»",
                   f"    «m handler»; {self.same(before, d)}",
                   f"    print({e}.kind, {e}.message, type_of({e}.value))",
                   f"    g13 = {e}",
                   f"    if let {x}: {text(t)} = {e}.value {{ «m e.value»"]
                + ["    " + l for l in self.block(held, 1)]
                + [f"        print({x})", "    }", "    try {",
                   f"        «+ {again} try»; «m nested try»"]
                + ["    " + l for l in self.block(within, 1)]
                + [f"        if {self.expr('bool', within, 1)} "
                   f"{{ {failing} }}", f"        «- {again}»",
                   f"    }} undo {e2} {{ «! {again}»; "
                   f"print({e2}.kind, {e2}.value == {e}.value) }}"]
                + self.block(s, 1) + ["}"])

    def fails(self, t, s):
        """Mostly fails with a value of the type, often one of a variable."""
        seen = s.of(t)
        value = (self.r.choice(seen) if seen and self.chance(60) else
                 self.typed(t, s, 1))
        line = f"«m fail value»; fail {value}"
        return (line if self.chance(70) else
                f"if {self.expr('bool', s, 1)} {{ {line} }}")

    # ---- rings, trees, what is done with any value -------------------------

    def ring_ways(self, s, depth):
        """Ways to a Ring: with cycles, cloned with them."""
        seen = s.of("Ring")
        if not seen:
            return []
        r = lambda: self.r.choice(seen)
        return [lambda: f"‹cycle|twin({r()})›", lambda: f"‹copy|copy({r()})›",
                lambda: f"({r()}.next ?? {r()})",
                lambda: f"‹cycle|linked({r()}, {r()})›"]

    def ring_write(self, r, s):
        others = s.of("Ring")
        return f"«m cycle»; linked({r}, {self.r.choice(others)})"

    def tree_ways(self, t, s, depth):
        e = lambda: self.expr(t, s, depth)
        x = lambda: self.typed(t[1], s, depth)
        return [lambda: f"‹generic enum|grown_tree({e()}, {x()}, {e()})›"]

    def any_value(self, t, s, depth):
        """Ways to t by what takes every type: clone, copy, hash, ==, is."""
        ways = [lambda: f"‹clone|clone({self.named(t, s, depth)})›",
                lambda: f"‹copy|copy({self.named(t, s, depth)})›"]
        if holds(t, "Ring"):
            ways = []
        if t == "int":
            of = self.hashed()
            ways = [lambda: f"‹hash|hash({self.named(of, s, 0)})›",
                    lambda: f"‹hash|int(hash({self.named('Ring', s, 0)}) == "
                            f"hash(twin({self.named('Ring', s, 0)})))›",
                    lambda: "‹random|random.int(0, 99)›",
                    lambda: f"‹module|lib.note({self.some_text(s)})›"]
        if t == "bool":
            of = self.type(1)
            two = lambda of, op: (f"({self.named(of, s, 0)} {op} "
                                  f"{self.named(of, s, 0)})")
            ways = [lambda: f"‹==|{two(of, '==')}›",
                    lambda: f"‹cycle ==|{two('Ring', '==')}›",
                    lambda: "‹random|random.chance(0.5)›",
                    lambda: f"‹is|{two('Ring', 'is')}›"]
            if is_reference(of):
                ways.append(lambda: f"‹is|{two(of, 'is not')}›")
        return ways

    def hashed(self):
        while True:
            t = self.type(1)
            if not holds_fn(t):
                return t

    # ---- functions in places -----------------------------------------------

    def stored_calls(self, t, s, depth):
        """Calls of function values that a list, map, field or such holds.

        Not in lambdas: there they could lead back to themselves."""
        if s.in_lambda:
            return []
        ways = []
        e = lambda: self.expr(t, s, depth)

        def add(callee, f, fails):
            def way():
                call = self.call(callee, f, s)
                return ("‹call stored|" + (f"(try {call} else {e()})" if fails
                                           else call) + "›")
            ways.append(way)

        for n, m, _ in s.names:
            f = m[-1] if m[0] in ("list", "map", "option", "Cell") else m
            if f[0] == "fn" and f[1] == t and f is not m:
                i = self.expr(m[1], s, 0) if m[0] == "map" else \
                    self.expr("int", s, 0) + " & 1"
                place = {"Cell": n + ".v", "option": n + "!"}.get(
                    m[0], f"{n}[{i}]")
                add(place, f, m[0] != "Cell")
            if m == "Act" and t == "int":
                add(n + ".f", ("fn", "int", "int"), False)
        return ways

    def closures(self, s):
        """Lambdas that share a variable, in a list, a map or a field."""
        t = self.r.choice(COMMON)
        n, fs = self.fresh(), self.fresh("fs")
        lines = ["«m closures»",
                 f"var {n}: {text(t)} = {self.expr(t, s, 1)}"]
        s.add(n, t, True)
        f = ("fn", t)
        inner = Scope(s, in_lambda=True, loops=(), open=(), result=None)
        made = [f"fn() -> {text(t)} {{ «m closure»; "
                f"{n} = {self.expr(t, inner, 1)}; {n} }}",
                f"fn() -> {text(t)} {{ {self.write(inner)}; {n} }}"]
        kind = self.r.choice(("list", "map", "Cell"))
        of = (kind, f) if kind != "map" else (kind, "bool", f)
        value = {"list": "[" + ", ".join(made) + "]",
                 "map": f"[false: {made[0]}, true: {made[1]}]",
                 "Cell": f"Cell({made[0]}, 2)"}[kind]
        lines.append(f"let {fs}: {text(of)} = {value}")
        if kind == "Cell" and self.chance(50):
            lines.append(f"{fs}.v = {made[1]}")
        s.add(fs, of)
        call = {"list": f"{fs}[0]", "map": f"{fs}[true]"}.get(kind, fs + ".v")
        return lines + [f"print({call}(), undo {{ {call}() }}, {n})"]

    # ---- random, module, reversible functions ------------------------------

    def random_undone(self, s):
        """What a scope drew is drawn again after it."""
        n = self.fresh("drawn")
        mark = self.fresh("n")
        inner = self.scope(s, mark)
        return ([f"let {n} = undo {{", f"    «+ {mark} undo»",
                 "    let draw = random.bits(); «m random»"]
                + self.block(inner, 1)
                + ["    (draw, random.float())", "}", f"«- {mark}»",
                   f"same(str({n}.0), str(undo {{ random.bits() }}))"])

    def module_ways(self, t, s, depth):
        if holds_fn(t):
            return []
        f = lambda: self.lambda_(("fn", t), s, depth, True)
        e = lambda: self.expr(t, s, depth)
        ways = [lambda: f"‹module|lib.seldom({f()}, {e()})›"]
        if t[0] != "option":
            mood = ("lib.Mood", t)
            ways += [lambda: f"‹module|(lib.tried({f()}).0 ?? {e()})›",
                     lambda: f"‹module|lib.mood({self.typed(mood, s, depth)}, "
                             f"{e()})›"]
        for n, m, _ in s.names:
            if m == ("lib.Stack", t):
                ways.append(lambda n=n: f"‹module|({n}.pop() ?? {e()})›")
        return ways

    def stir(self, s):
        """A reversible function, and back or not."""
        lists = s.of(("list", "int"))
        ints = [n for n, t, assignable in s.names
                if t == "int" and assignable]
        if not lists or not ints:
            return [self.write(s)]
        call = f"stir({self.r.choice(lists)}, &{self.r.choice(ints)})"
        if self.chance(40):
            return [f"«m rev»; {call}"]
        before, d = self.fresh("before"), self.digest(s)
        return [f"let {before} = {d}", f"«m rev»; {call}",
                f"uncall {call}", self.same(before, d)]
