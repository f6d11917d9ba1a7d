#!/usr/bin/env python3
"""Prints a random program of options, enums, tuples, maps, closures, generics,
strings that grow, any, errors, iteration, cycles, and a module.

    tests/property/sums_generate.py [--told] SEED

Programs are well typed, and they end: loops have few turns, and the body of a
lambda calls only what was bound by `let` before it.  They check themselves:
around each scope that is taken back, all visible variables must read the same.
With --told they say on the standard error what they reach (sums_types.py); and
scopes that are kept from their beginning are plain blocks.
"""
import random
import sys

from sums_containers import Containers
from sums_head import GLOBALS, HEAD
from sums_objects import Objects
from sums_texts import TO_BOOL, TO_INT, WORDS, Texts
from sums_types import (COMMON, GENERIC, KEYS, SCALARS, STRUCTS, Scope,
                        holds_fn, is_reference, option, plain, text, told)


class Sums(Texts, Containers, Objects):
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.serial = 0

    def chance(self, percent):
        return self.r.random() * 100 < percent

    def fresh(self, letter="v"):
        self.serial += 1
        return f"{letter}{self.serial}"

    def one(self, *ways):
        return self.r.choice(ways)()

    # ---- types -----------------------------------------------------------------

    def type(self, depth=2):
        if depth > 0 and self.chance(15):
            return self.r.choice(COMMON)
        if depth == 0 or self.chance(35):
            return self.r.choice(SCALARS + STRUCTS[:2] + STRUCTS)
        kind = self.r.choice(("option", "option", "list", "list", "map",
                              "tuple", "fn", "Pair", "option") + GENERIC)
        of = self.type(depth - 1)
        if kind == "map":
            return (kind, self.r.choice(KEYS), of)
        if kind == "tuple" and self.chance(25):
            return (kind, of, self.type(0), self.type(0))
        if kind in ("tuple", "Pair"):
            return (kind, of, self.type(depth - 1))
        if kind == "fn":
            return (kind, of) + tuple(
                self.type(0) for _ in range(self.r.randint(0, 2)))
        if kind == "option":
            return option(of)
        if kind == "Tree":    # they branch, so their values are small
            return (kind, self.r.choice(SCALARS[:1] + SCALARS[-2:]))
        if kind in ("Walk", "lib.Mood", "lib.Stack") and of[0] == "option":
            of = of[1]    # what they give is an option
        return (kind, of)

    # ---- expressions -----------------------------------------------------------

    def expr(self, t, s, depth=2):
        """A text of type t; in brackets where it would bind too loosely."""
        if depth > 0 and self.chance(55):
            return self.derived(t, s, depth - 1)
        seen = s.of(t)
        if seen and self.chance(55):
            return self.r.choice(seen)
        return self.made(t, s, depth)

    def typed(self, t, s, depth):
        """The same where nothing around it says what type it has."""
        if isinstance(t, str) and t not in ("float", "byte", "any"):
            return self.expr(t, s, depth)
        n = self.fresh()
        return f"{{ let {n}: {text(t)} = {self.expr(t, s, depth)}; {n} }}"

    def derived(self, t, s, depth):
        """One that is computed: of t alone, by its kind, by what is there."""
        some = self.r.random()
        ways = []
        if some < 0.25:
            ways = (self.container_ways(t, s, depth)
                    + self.stored_calls(t, s, depth))
        elif some < 0.5:
            ways = self.of_kind(t, s, depth)
        elif some < 0.6:
            ways = self.any_value(t, s, depth) + self.module_ways(t, s, depth)
        elif some < 0.75:
            ways = self.by_scopes(t, s, depth)
        return self.r.choice(ways or self.general(t, s, depth))()

    def general(self, t, s, depth):
        e = lambda of=t: self.expr(of, s, depth)
        c = lambda: self.expr("bool", s, depth)
        typed = lambda of=t: self.typed(of, s, depth)
        ways = [
            lambda: f"(if {c()} {{ {typed()} }} else {{ {e()} }})",
            lambda: f"‹generic fn|id({typed()})›",
            lambda: f"pick({c()}, {typed()}, {e()})",
            lambda: self.match(t, s, depth),
            lambda: self.match(t, s, depth),
            lambda: f"first([{typed()}, {e()}], {e()})",
            lambda: f"‹generic fn|both({typed()}, {c()}).0›",
            lambda: f"cell({typed()}).v",
            lambda: f"‹generic enum|"
                    f"good({self.typed(('Res', t), s, depth)}, {e()})›",
            lambda: f"‹lambda|apply("
                    f"{self.lambda_(('fn', t, 'int'), s, depth, True)}, "
                    f"{self.expr('int', s, 0)})›",
            lambda: self.downcast(t, s, depth),
            lambda: self.if_let(t, s, depth)]
        if t[0] != "option":
            o = lambda: self.typed(("option", t), s, depth)
            ways += [lambda: f"‹??|({o()} ?? {e()})›",
                     lambda: f"‹?? chain|({o()} ?? {o()} ?? {e()})›",
                     lambda: f"or_else({o()}, {e()})"]
        for n, type_, assignable in s.names:
            if type_[0] == "fn" and type_[1] == t and not (
                    s.in_lambda and assignable):
                ways += [lambda n=n, f=type_:
                         f"‹call value|{self.call(n, f, s)}›"] * 2
            if type_ == ("Cell", t):
                ways.append(lambda n=n: f"‹generic field|{n}.v›")
            if type_[0] == "Pair" and t in type_[1:]:
                ways.append(lambda n=n, f=type_:
                            f"‹generic field|{n}.{'ab'[f.index(t) - 1]}›")
            if type_[0] == "tuple" and t in type_[1:]:
                ways.append(lambda n=n, f=type_: f"{n}.{f[1:].index(t)}")
            if type_ == t and assignable:
                ways.append(lambda n=n: f"‹mut arg|put(&{n}, {e()})›")
        return ways

    def by_scopes(self, t, s, depth):
        """Ways that go through a scope, of the language or of a function."""
        e = lambda: self.expr(t, s, depth)
        f = lambda: self.lambda_(("fn", t), s, depth, True)
        ways = [
            lambda: f"attempt({f()}, {e()})", lambda: f"what_if({f()})",
            lambda: f"made_kept({f()})",
            lambda: self.tried(t, self.typed(t, s, depth), e()),
            lambda: self.tried(t, f"[{self.typed(t, s, depth)}]"
                                  f"[{self.expr('int', s, 0)}]", e()),
            lambda: self.undone(lambda n: f"{self.write(s)}; "
                                          f"let {n} = {self.typed(t, s, depth)}"
                                          f"; {n}", t)]
        if t[0] != "option":
            ways.append(lambda: self.tried(
                t, self.typed(("option", t), s, depth) + "!", e(), "!"))
        return ways

    def tried(self, t, value, other, name="try else"):
        n = self.fresh("n")
        return (f"‹-{n} {text(t)}|(try ‹+{n} try|‹{name}|{value}›› "
                f"else ‹!{n}|{other}›)›")

    def undone(self, inside, t, name="undo value"):
        """The value of an undo; inside(n) may use n for a name, and keep it
        by the mark of that."""
        n = self.fresh("v")
        return (f"‹-{n[1:]} {text(t)}|(undo {{ «+ {n[1:]} undo»; "
                f"«m {name}»; {inside(n)} }})›")

    def of_kind(self, t, s, depth):
        """Ways that only some types have."""
        if t == "str":
            return self.text_ways(s, depth)
        if t == "int":
            seen = s.of(("Tree", "int"))
            tree = [lambda: f"‹generic enum|leftmost({self.r.choice(seen)}, "
                            f"{self.expr('int', s, 0)})›"] if seen else []
            return tree + [
                lambda: self.of_text(TO_INT, "str method", s, depth),
                lambda: f"({self.expr('int', s, depth)} "
                        f"{self.r.choice(('<<', '>>', '-', '^'))} "
                        f"{self.expr('int', s, 0)})",
                lambda: f"{self.typed(('list', self.type(0)), s, depth)}.len",
                lambda: f"(try {self.expr('int', s, 0)} / "
                        f"{self.expr('int', s, 0)} else "
                        f"{self.expr('int', s, 0)})"]
        if t == "bool":
            return [lambda: self.of_text(TO_BOOL, "str method", s, depth),
                    lambda: self.contained(s, depth)]
        if t == "Ring":
            return self.ring_ways(s, depth)
        return self.tree_ways(t, s, depth) if t[0] == "Tree" else []

    def contained(self, s, depth):
        of = self.type(1)
        x, xs = self.typed(of, s, 0), self.typed(("list", of), s, depth)
        return self.r.choice((f"‹in|({x} in {xs})›", f"‹in|({x} not in {xs})›",
                              f"‹in|{xs}.contains({x})›"))

    def call(self, n, f, s):
        return f"{n}({', '.join(self.expr(a, s, 0) for a in f[2:])})"

    def if_let(self, t, s, depth):
        o = option(self.type(1))
        inner = Scope(s)
        p = self.pattern(o[1], inner)
        name = "if let pattern" if p[-1] in ")" or "|" in p else "if let"
        return (f"(if let {p} = {self.typed(o, s, depth)} "
                f"{{ ‹{name}|{self.typed(t, inner, depth)}› }} "
                f"else {{ {self.expr(t, s, depth)} }})")

    # ---- match -----------------------------------------------------------------

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

    # ---- lambdas and literals ----------------------------------------------------

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
            return f"lib.stack(fn(x: {text(t[1])}) = {e('int')})"
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
            f"Nest(at: ({e('int')}, {e('Dir')}), of: {e(('option', 'Shape'))})"))

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

    # ---- statements --------------------------------------------------------------

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
        if s.depth > 4 or r < 0.28:
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
            self.reread, self.reread, self.taken_apart))(s)

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

    # ---- scopes --------------------------------------------------------------------

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

    # ---- other blocks ----------------------------------------------------------------

    def loop(self, s):
        n = self.fresh("i")
        label = self.fresh("l") if self.chance(40) else ""
        inner = Scope(s, loops=s.loops + ((label, len(s.open)),))
        inner.add(n, "int")
        head = f"for {n} in 0..{self.r.randint(1, 4)} {{"
        return ([f"{label}: {head}" if label else head]
                + self.block(inner) + ["}"])

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

    def local_fn(self, s):
        n = self.fresh("f")
        t = ("fn", self.type(1)) + tuple(
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

    # ---- the program -------------------------------------------------------------------

    def function(self, name, result):
        s = Scope(result=result)
        params = []
        for n, t, assignable in GLOBALS:
            s.add(n, t, assignable)
        for _ in range(self.r.randint(1, 3)):
            n, t, mut = self.fresh("p"), self.type(), self.chance(40)
            s.add(n, t, mut)
            params.append((n, t, mut))
        lines = self.block(s, 6)
        value = self.expr(result, s, 2)
        head = ", ".join(("mut " if mut else "") + f"{n}: {text(t)}"
                         for n, t, mut in params)
        return [f"fn {name}({head}) -> {text(result)} {{"] + lines + [
            "    " + value, "}"], params

    def program(self):
        lines, calls = [HEAD], []
        for i, result in enumerate((
                self.type(), option(self.type(1)),
                ("tuple", self.type(1), self.type(1)))):
            made, params = self.function(f"top{i}", result)
            lines += made
            calls.append((f"top{i}", params, result))
        s = Scope()
        for n, t, assignable in GLOBALS:
            s.add(n, t, assignable)
        lines += ["fn main() {",
                  f"    random.seed({self.r.randint(0, 999)})"]
        for _ in range(4):
            lines += ["    " + l for l in self.declare(s)]
        for name, params, result in calls:
            lines += ["    " + l for l in self.top_call(name, params, result,
                                                        s)]
        for _ in range(12):
            lines += ["    " + l for l in self.statement(s)]
        return "\n".join(lines + [f"    print({self.digest(s)})", "}", ""])

    def top_call(self, name, params, result, s):
        """A call of a function, in a try so that the program goes on."""
        lines, args = [], []
        for n, t, mut in params:
            v = self.fresh("a")
            word = "var" if mut else "let"
            lines.append(f"{word} {v}: {text(t)} = {self.expr(t, s, 1)}")
            args.append(("&" if mut else "") + v)
        v, n, e = self.fresh("r"), self.fresh("n"), self.fresh("f")
        lines.append(f"var {v}: {text(option(result))} = none")
        call = f"{v} = {name}({', '.join(args)})"
        if self.chance(50):
            lines += ["«m plain call»", call]
        else:
            lines += ["try {", f"    «+ {n} try»", "    " + call,
                      f"    «- {n}»", f"}} undo {e} {{ «! {n}»; "
                      f"print({e}.kind, {e}.message) }}"]
        s.add(v, option(result), True)
        return lines + [f"print({self.digest(s)})"]


def generate(seed):
    """A program with its marks: for `plain` and `told`."""
    return Sums(seed).program()


if __name__ == "__main__":
    form = told if sys.argv[1] == "--told" else plain
    print(form(generate(int(sys.argv[-1]))), end="")
