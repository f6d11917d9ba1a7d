"""Statements and scopes in the programs of sums_generate.py."""
from sums_types import COMMON, Scope, holds_fn, is_reference, text


class Statements:
    def places(self, s):
        """(place, type) of all that may be assigned."""
        out = []
        for n, t, assignable in s.names:
            if assignable:
                out.append((n, t))
            if t[0] == "Cell":
                out.append((n + ".v", t[1]))
            if t[0] == "Pair":
                out += [(n + ".a", t[1]), (n + ".b", t[2])]
            if t == "Ring":
                out += [(n + ".n", "int"), (n + ".name", "str")]
            if t == "Act":
                out += [(n + ".n", "int"), (n + ".f", ("fn", "int", "int"))]
            if t == "Rec":
                out += [(n + ".a", ("option", "int")),
                        (n + ".b", ("option", "Dir")),
                        (n + ".c", ("option", "Shape")),
                        (n + ".d", ("tuple", "int", ("option", "str"))),
                        (n + ".t", "str")]
        return out

    def write(self, s):
        """A statement in one line that changes something."""
        ways = []
        for place, t in self.places(s):
            if s.in_lambda and holds_fn(t):
                continue
            ways.append(lambda p=place, t=t: f"{p} = {self.expr(t, s, 1)}")
            if t in ("int", "float"):
                ways.append(lambda p=place, t=t:
                            f"{p} {self.r.choice('+-*')}= "
                            f"{self.expr(t, s, 0)}")
            if t == "str":
                ways += [lambda p=place: self.grow(
                    p, self.expr("str", s, 0), s)] * 2
        for n, t, _ in s.names:
            if t == "Ring":
                ways.append(lambda n=n: self.ring_write(n, s))
            if t == ("list", "str"):
                ways.append(lambda n=n: f"if {n}.len > 0 {{ "
                            + self.grow(n + "[0]", self.expr("str", s, 0), s)
                            + " }")
            if t[0] == "lib.Stack" and not holds_fn(t[1]) and \
                    not s.in_lambda:
                ways.append(lambda n=n, t=t: f"«m module»; "
                            f"{n}.push({self.typed(t[1], s, 1)})")
        ways.append(lambda: f"«m module»; lib.note({self.expr('str', s, 1)})")
        made, changed = self.r.choice(ways), self.changes(s)
        return (self.r.choice(changed) if changed and self.chance(40)
                else made)()

    def digest(self, s):
        """A text that tells the variables, and what random would draw."""
        seen = [n for n, _, _ in s.names]
        seen = seen[-10:] + self.r.sample(seen[:-10], min(5, len(seen[:-10])))
        names = "".join(f"{{{n}}} " for n in seen)
        return f'"{names}' + ("{peek()}" if self.chance(30) else "") + '"'

    def same(self, before, digest):
        """That a scope was taken back."""
        return f"same({before}, {digest})"

    def declare(self, s):
        t = self.r.choice(COMMON) if self.chance(30) else self.type()
        n = self.fresh()
        word = self.r.choice(("let", "var", "var"))
        line = f"{word} {n}: {text(t)} = {self.expr(t, s, 2)}"
        s.add(n, t, word == "var")
        return [line]

    def taken_apart(self, s):
        """A tuple or struct by a pattern."""
        a, b = self.fresh(), self.fresh()
        kind = self.r.choice(("tuple", "Pair"))
        t = (kind, self.type(1), self.type(1))
        word = self.r.choice(("let", "var"))
        value = self.typed(t, s, 2)
        s.add(a, t[1], word == "var")
        s.add(b, t[2], word == "var")
        return ["«m taken apart»", f"{word} {kind if kind == 'Pair' else ''}"
                f"({a}, {b}) = {value}"]

    def scope(self, s, n):
        """What a place sees in a scope of mark n."""
        return Scope(s, open=s.open + (n,))

    def block(self, s, n=None, *last):
        inner = Scope(s)
        lines = []
        for _ in range(n or self.r.randint(1, 3)):
            lines += self.statement(inner)
        return ["    " + l for l in lines + list(last)]

    def statement(self, s):
        r = self.r.random()
        if s.depth > 6 or r < 0.28:
            return [self.write(s)]
        if r < 0.44:
            return self.declare(s)
        if r < 0.48:
            return [f"print({self.digest(s)})"]
        if r < 0.54:
            return self.leave(s)
        if r < 0.74:
            return self.r.choice((
                self.undo, self.undo, self.kept, self.committed,
                self.attempted, self.attempted, self.handler,
                self.random_undone))(s)
        return self.r.choice((
            self.loop, self.branch, self.while_let, self.local_fn,
            self.exchange, self.grown, self.over_list, self.over_map,
            self.over_next, self.counted, self.closures, self.stir,
            self.reread, self.reread, self.taken_apart, self.law, self.law,
            self.law))(s)

    def leave(self, s):
        """Out of loops or the function, and the scopes on the way."""
        c = self.expr("bool", s, 1)
        if s.result and self.chance(40):
            n = self.fresh()
            close = f"«- {s.open[0]}»; " if s.open else ""
            return [f"if {c} {{", f"    let {n}: {text(s.result)} = "
                    f"{self.expr(s.result, s, 1)}",
                    f"    «m return»; {close}return {n}", "}"]
        if not s.loops:
            return [self.write(s)]
        label, opened = self.r.choice(s.loops)
        if not label:
            label, opened = s.loops[-1][0] and "", s.loops[-1][1]
        close = f"«- {s.open[opened]}»; " if len(s.open) > opened else ""
        word = self.r.choice(("break", "continue"))
        return [f"if {c} {{ «m {word}»; {close}{word} {label} }}"]

    # ---- scopes ------------------------------------------------------------

    def undo(self, s):
        before, d, n = self.fresh("before"), self.digest(s), self.fresh("n")
        head, tail = [f"let {before} = {d}"], [self.same(before, d)]
        objects = [v for v, t, assignable in s.names if not assignable
                   and is_reference(t) and not holds_fn(t)]
        if objects and self.chance(40):
            v, was = self.r.choice(objects), self.fresh("was")
            head.append(f"«m clone»; let {was} = clone({v})")
            tail.append(f"same_value({was}, {v})")
        return (head + ["undo {", f"    «+ {n} undo»"]
                + self.block(self.scope(s, n))
                + ["}", f"«- {n}»"] + tail)

    def kept(self, s):
        n = self.fresh("n")
        inner = self.scope(s, n)
        return (["undo {", f"    «+ {n} undo»"] + self.block(inner)
                + [f"    if {self.expr('bool', inner, 1)} "
                   f"{{ «k {n}»; keep }}"]
                + (self.block(inner, 1) if self.chance(30) else [])
                + ["}", f"«- {n}»"])

    def committed(self, s):
        """Kept from the beginning: as if there were no scope."""
        n = self.fresh("n")
        return ([f"«K {n}»"] + self.block(self.scope(s, n))
                + ["}", f"«- {n}»"])

    def attempted(self, s, make=None):
        before, d, n = self.fresh("before"), self.digest(s), self.fresh("n")
        fails = self.r.choice(('fail "no"', "let _ = [0][5]",
                               "let z: int? = none; print(z!)",
                               'let _ = int("x")', 'let _ = ["k": 1]["l"]',
                               'let _ = "é"[0..1]'))
        inner = self.scope(s, n)
        e = self.fresh("f")
        return ([f"let {before} = {d}", "try {", f"    «+ {n} try»"]
                + (["    " + l for l in make(inner)] if make else
                   self.block(inner))
                + [f"    if {self.expr('bool', inner, 1)} {{ {fails} }}",
                   f"    «- {n}»", f"}} undo {e} {{", f"    «! {n}»",
                   f"    {self.same(before, d)}", f"    print({e}.kind)"]
                + self.block(s, 1) + ["}"])

    # ---- other blocks ------------------------------------------------------

    def loop(self, s):
        n = self.fresh("i")
        label = self.fresh("l") if self.chance(40) else ""
        inner = Scope(s, loops=s.loops + ((label, len(s.open)),))
        inner.add(n, "int")
        head = f"for {n} in 0..{self.r.randint(1, 4)} {{"
        return ([f"{label}: {head}" if label else head]
                + self.block(inner) + ["}"])

    def local_fn(self, s):
        n = self.fresh("f")
        t = ("fn", self.r.choice(COMMON)) + tuple(
            self.type(0) for _ in range(self.r.randint(0, 2)))
        made = self.lambda_(t, s, 1, True)
        s.add(n, t)
        v = self.fresh()
        lines = [f"fn {n}{made[3:-1]}", f"«m local fn»; let {v}: {text(t[1])} "
                 f"= {self.call(n, t, s)}"]
        s.add(v, t[1])
        return lines

    def exchange(self, s):
        places = self.places(s)
        for place, t in self.r.sample(places, len(places)):
            others = [p for p, u in places if u == t and p != place
                      and not (p.count(".") and place.count("."))]
            if others and not (s.in_lambda and holds_fn(t)):
                return ["«m swap»", self.r.choice((
                    f"{place} <=> {others[0]}",
                    f"swap_in(&{place}, &{others[0]})"))]
        return [self.write(s)]
