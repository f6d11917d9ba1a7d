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
from sums_laws import Laws
from sums_objects import Objects
from sums_patterns import Patterns
from sums_statements import Statements
from sums_texts import TO_BOOL, TO_INT, Texts
from sums_types import (COMMON, GENERIC, KEYS, SCALARS, STRUCTS, Scope, option,
                        plain, text, told)
from sums_values import Values


class Sums(Values, Patterns, Texts, Containers, Objects, Laws, Statements):
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

    # ---- types -------------------------------------------------------------

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

    # ---- expressions -------------------------------------------------------

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
            lambda: self.undone(
                lambda n: f"{self.write(s)}; "
                          f"let {n} = {self.typed(t, s, depth)}; {n}", t)]
        if t[0] != "option":
            ways.append(lambda: self.tried(
                t, self.typed(("option", t), s, depth) + "!", e(),
                "unwrap"))
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

    # ---- the program -------------------------------------------------------

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
