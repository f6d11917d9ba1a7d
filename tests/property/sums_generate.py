#!/usr/bin/env python3
"""Prints a random program of options, enums, tuples, maps, closures, generics.

    tests/property/sums_generate.py SEED

Programs are well typed, and they end: loops have few turns, and the body of a
lambda calls only what was bound by `let` before it.  They check themselves:
around each scope that is taken back, all visible variables must read the same.
"""
import random
import sys

HEAD = """\
enum Dir { North, East, South }
enum Shape { Dot, Line(n: int), Box(w: float, name: str?), Nest(of: Shape?, at: (int, Dir)) }
enum Res[T] { Good(v: T), Bad(why: str, code: byte) }
struct Cell[T] { var v: T, n: int }
struct Rec { var a: int?, var b: Dir?, var c: Shape?, var d: (int, str?), var e: [int?] }

fn id[T](x: T) -> T = x
fn pick[T](c: bool, a: T, b: T) -> T { if c { a } else { b } }
fn or_else[T](o: T?, other: T) -> T = o ?? other
fn first[T](xs: [T], other: T) -> T = if xs.len > 0 { xs[0] } else { other }
fn both[A, B](a: A, b: B) -> (A, B) = (a, b)
fn good[T](r: Res[T], other: T) -> T = match r { Good(v) => v, _ => other }
fn cell[T](x: T) -> Cell[T] = Cell(x, 7)
fn apply[A, B](f: fn(A) -> B, a: A) -> B = f(a)
fn swap_in[T](mut a: T, mut b: T) { a <=> b }
fn put[T](mut a: T, x: T) -> T { let was = a; a = x; was }
fn attempt[T](f: fn() -> T, other: T) -> T { try { f() } undo e { other } }
fn what_if[T](f: fn() -> T) -> T { undo { f() } }

var g1: int? = 3
var g2: Shape = Dot
var g3: (Dir?, str) = (none, "g")
"""
SCALARS = ("int", "float", "bool", "byte", "str", "Dir")
KEYS = ("int", "str", "Dir", "bool", ("tuple", "int", "Dir"))
GLOBALS = [("g1", ("option", "int")), ("g2", "Shape"),
           ("g3", ("tuple", ("option", "Dir"), "str"))]


def text(t):
    """A type as it is written."""
    if isinstance(t, str):
        return t
    kind, *parts = t
    parts = [text(p) for p in parts]
    if kind == "option":
        return f"({parts[0]})?" if parts[0][:2] == "fn" else parts[0] + "?"
    if kind == "list":
        return f"[{parts[0]}]"
    if kind == "map":
        return f"[{parts[0]}: {parts[1]}]"
    if kind == "tuple":
        return f"({', '.join(parts)})"
    if kind == "fn":
        return f"fn({', '.join(parts[1:])}) -> {parts[0]}"
    return f"{kind}[{parts[0]}]"


def holds_fn(t):
    return not isinstance(t, str) and (
        t[0] == "fn" or any(holds_fn(p) for p in t[1:]))


class Scope:
    """The variables that a place sees, and where it stands."""

    def __init__(self, up=None, **here):
        self.up = up
        self.names = list(up.names) if up else []   # (name, type, assignable)
        self.in_lambda = up.in_lambda if up else False
        self.in_loop = up.in_loop if up else False
        self.depth = up.depth + 1 if up else 0
        self.__dict__.update(here)

    def add(self, name, type_, assignable=False):
        self.names.append((name, type_, assignable))


class Sums:
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

    # ---- types ----------------------------------------------------------------

    def type(self, depth=2):
        if depth == 0 or self.chance(35):
            return self.r.choice(SCALARS + ("Shape", "Rec"))
        kind = self.r.choice(("option", "option", "list", "map", "tuple", "fn",
                              "Cell", "Res", "option"))
        if kind == "map":
            return (kind, self.r.choice(KEYS), self.type(depth - 1))
        if kind == "tuple":
            return (kind, self.type(depth - 1), self.type(depth - 1))
        if kind == "fn":
            return (kind, self.type(depth - 1)) + tuple(
                self.type(0) for _ in range(self.r.randint(0, 2)))
        of = self.type(depth - 1)
        if kind == "option" and of[0] == "option":
            return of
        return (kind, of)

    # ---- expressions ------------------------------------------------------------

    def expr(self, t, s, depth=2):
        """A text of type t; in brackets where it would bind too loosely."""
        if depth > 0 and self.chance(55):
            made = self.derived(t, s, depth - 1)
            if made:
                return made
        seen = [n for n, type_, _ in s.names if type_ == t]
        if seen and self.chance(55):
            return self.r.choice(seen)
        return self.made(t, s, depth)

    def typed(self, t, s, depth):
        """The same where nothing around it says what type it has."""
        if isinstance(t, str) and t not in ("float", "byte"):
            return self.expr(t, s, depth)
        n = self.fresh()
        return f"{{ let {n}: {text(t)} = {self.expr(t, s, depth)}; {n} }}"

    def derived(self, t, s, depth):
        e = lambda of=t: self.expr(of, s, depth)
        c = lambda: self.expr("bool", s, depth)
        typed = lambda of=t: self.typed(of, s, depth)
        o = ("option", t)
        ways = [
            lambda: f"(if {c()} {{ {typed()} }} else {{ {e()} }})",
            lambda: f"id({typed()})",
            lambda: f"pick({c()}, {typed()}, {e()})",
            lambda: self.match(t, s, depth),
            lambda: self.match(t, s, depth),
            lambda: f"first([{typed()}, {e()}], {e()})",
            lambda: f"both({typed()}, {c()}).0",
            lambda: f"cell({typed()}).v",
            lambda: f"good({self.typed(('Res', t), s, depth)}, {e()})",
            lambda: f"apply({self.lambda_(('fn', t, 'int'), s, depth, True)}, "
                    f"{self.expr('int', s, 0)})",
            lambda: f"attempt({self.lambda_(('fn', t), s, depth, True)}, {e()})",
            lambda: f"what_if({self.lambda_(('fn', t), s, depth, True)})",
            lambda: f"(try {typed()} else {e()})",
            lambda: f"(undo {{ {self.write(s)}; {typed()} }})",
            lambda: f"(try [{typed()}][{self.expr('int', s, 0)}] else {e()})",
        ]
        if t[0] != "option":
            ways += [lambda: f"({self.typed(o, s, depth)} ?? {e()})",
                     lambda: f"or_else({self.typed(o, s, depth)}, {e()})",
                     lambda: f"(try {self.typed(o, s, depth)}! else {e()})",
                     lambda: self.if_let(t, s, depth)]
            for n, m, _ in s.names:
                if m[0] == "map" and m[2] == t:
                    key = self.expr(m[1], s, 0)
                    ways += [
                        lambda n=n, k=key: f"({n}.get({k}) ?? {e()})",
                        lambda n=n, k=key: f"(try {n}[{k}] else {e()})"]
        for n, type_, assignable in s.names:
            if type_[0] == "fn" and type_[1] == t and not (
                    s.in_lambda and assignable):
                ways += [lambda n=n, f=type_: self.call(n, f, s)] * 2
            if type_ == ("Cell", t):
                ways.append(lambda n=n: n + ".v")
            if type_[0] == "tuple" and t in type_[1:]:
                ways.append(lambda n=n, f=type_: f"{n}.{f[1:].index(t)}")
            if type_ == t and assignable and isinstance(n, str):
                ways.append(lambda n=n: f"put(&{n}, {e()})")
        return self.r.choice(ways)()

    def call(self, n, f, s):
        return f"{n}({', '.join(self.expr(a, s, 0) for a in f[2:])})"

    def if_let(self, t, s, depth):
        of = self.type(1)
        n = self.fresh()
        inner = Scope(s)
        inner.add(n, of[1] if of[0] == "option" else of)
        o = of if of[0] == "option" else ("option", of)
        return (f"(if let {n} = {self.typed(o, s, depth)} "
                f"{{ {self.typed(t, inner, depth)} }} "
                f"else {{ {self.expr(t, s, depth)} }})")

    def match(self, t, s, depth):
        of = self.type(1)
        if holds_fn(of):
            of = "Shape"
        value = self.typed(of, s, depth)
        arms, first = [], True
        for _ in range(self.r.randint(0, 3)):
            inner = Scope(s)
            p = self.pattern(of, inner)
            guard = f" if {self.expr('bool', inner, 1)}" if self.chance(
                25) else ""
            body = (self.typed if first else self.expr)(t, inner, depth)
            arms.append(f"{p}{guard} => {body}")
            first = False
        body = (self.typed if first else self.expr)(t, s, depth)
        arms.append(f"_ => {body}")
        return f"(match {value} {{ {'; '.join(arms)} }})"

    def pattern(self, t, s, depth=2):
        if depth == 0 or self.chance(30):
            if self.chance(40):
                return "_"
            n = self.fresh()
            s.add(n, t[1] if t[0] == "option" else t)
            return n
        p = lambda of: self.pattern(of, s, depth - 1)
        if t == "int":
            a = self.r.randint(-4, 6)
            return self.r.choice((f"{a}", f"{a}..{a + self.r.randint(1, 5)}",
                                  f"{a} | {a + 2} | {a + 9}"))
        if t == "byte":
            return self.r.choice(("0..7", "'a' | 250..255", "3"))
        if t == "float":
            return self.r.choice(("0.0", "-1.5", "2"))
        if t == "bool":
            return self.r.choice(("true", "false"))
        if t == "str":
            return self.r.choice(('""', '"a" | "b"', '"g"'))
        if t == "Dir":
            return self.r.choice(("North", "Dir.East | South", "South"))
        if t == "Shape":
            return self.one(
                lambda: "Dot", lambda: f"Line({p('int')})",
                lambda: "Shape.Line(n: 0..3)", lambda: "Dot | Line(_)",
                lambda: f"Box({p('float')}, {p(('option', 'str'))})",
                lambda: f"Nest({p(('option', 'Shape'))}, "
                        f"{p(('tuple', 'int', 'Dir'))})",
                lambda: f"Nest(at: {p(('tuple', 'int', 'Dir'))})")
        if t == "Rec":
            return self.one(
                lambda: f"Rec(a: {p(('option', 'int'))}, "
                        f"b: {p(('option', 'Dir'))})",
                lambda: f"Rec(d: {p(('tuple', 'int', ('option', 'str')))})")
        kind = t[0]
        if kind == "option":
            return "none" if self.chance(35) else p(t[1])
        if kind == "tuple":
            return f"({', '.join(p(x) for x in t[1:])})"
        if kind == "Res":
            return self.one(lambda: f"Good({p(t[1])})",
                            lambda: "Bad(code: 0..4)",
                            lambda: f"Bad({p('str')}, {p('byte')})")
        if kind == "Cell":
            return f"Cell({p(t[1])}, {p('int')})"
        n = self.fresh()
        s.add(n, t)
        return n

    def lambda_(self, t, s, depth, told=False):
        """One of function type t; told: with its result written."""
        inner = Scope(s, in_lambda=True, in_loop=False)
        params = []
        for p in t[2:]:
            n = self.fresh("p")
            inner.add(n, p)
            params.append(f"{n}: {text(p)}")
        head = f"fn({', '.join(params)})"
        if not told and self.chance(50) and not isinstance(t[1], str):
            return f"({head} = {self.typed(t[1], inner, depth)})"
        writes = "".join(self.write(inner) + "; "
                         for _ in range(self.r.randint(0, 2)))
        return (f"({head} -> {text(t[1])} {{ {writes}"
                f"{self.expr(t[1], inner, depth)} }})")

    def made(self, t, s, depth):
        """A literal, or what is made of others."""
        r = self.r
        e = lambda of: self.expr(of, s, max(0, depth - 1))
        if t == "int":
            if depth > 0 and self.chance(50):
                return f"({e('int')} {r.choice('+-*&^|')} {e('int')})"
            return r.choice((str(r.randint(0, 9)), f"(-{r.randint(1, 5)})"))
        if t == "float":
            return r.choice(("0.0", "(-1.5)", "2.0", "0.5"))
        if t == "bool":
            if depth > 0 and self.chance(70):
                of = self.type(1)
                return self.r.choice((
                    f"({e('int')} < {e('int')})",
                    f"({self.typed(of, s, 0)} == {self.expr(of, s, 0)})",
                    f"({self.typed(('option', 'Dir'), s, 0)} == none)",
                    f"({e('bool')} and not {e('bool')})",
                    f"({e('int')} in {self.typed(('list', 'int'), s, 0)})"))
            return r.choice(("true", "false"))
        if t == "byte":
            return f"byte({r.choice((0, 3, 97, 250))})"
        if t == "str":
            if depth > 0 and self.chance(40):
                of = self.type(1)
                return f'("{{{self.typed(of, s, 0)}}}" + {e("str")})'.replace(
                    "\n", " ") if not holds_fn(of) else '"f"'
            return r.choice(('""', '"a"', '"b"', '"g"'))
        if t == "Dir":
            return r.choice(("North", "East", "Dir.South"))
        if t == "Shape":
            if depth <= 0:
                return r.choice(("Dot", "Line(2)"))
            return r.choice((
                f"Line({e('int')})",
                f"Box({e('float')}, {e(('option', 'str'))})",
                f"Nest(at: ({e('int')}, {e('Dir')}), "
                f"of: {e(('option', 'Shape'))})"))
        if t == "Rec":
            if depth <= 0:
                return "Rec(1, none, none, (0, none), [])"
            return (f"Rec({e(('option', 'int'))}, {e(('option', 'Dir'))}, "
                    f"{e(('option', 'Shape'))}, "
                    f"{e(('tuple', 'int', ('option', 'str')))}, "
                    f"{e(('list', ('option', 'int')))})")
        kind = t[0]
        if kind == "option":
            return "none" if self.chance(40) else e(t[1])
        if kind == "list":
            return f"[{', '.join(e(t[1]) for _ in range(r.randint(0, 2)))}]"
        if kind == "map":
            pairs = [f"{e(t[1])}: {e(t[2])}" for _ in range(r.randint(0, 2))]
            return f"[{', '.join(pairs) or ':'}]"
        if kind == "tuple":
            return f"({', '.join(e(x) for x in t[1:])})"
        if kind == "fn":
            return self.lambda_(t, s, max(0, depth - 1))
        if kind == "Cell":
            return f"Cell({e(t[1])}, {e('int')})"
        if self.chance(60):
            return f"Good({e(t[1])})"
        return f"Bad({e('str')}, {e('byte')})"

    # ---- statements -------------------------------------------------------------

    def places(self, s):
        """(place, type) of all that may be assigned."""
        out = []
        for n, t, assignable in s.names:
            if assignable:
                out.append((n, t))
            if t[0] == "Cell":
                out.append((n + ".v", t[1]))
            if t == "Rec":
                out += [(n + ".a", ("option", "int")),
                        (n + ".b", ("option", "Dir")),
                        (n + ".c", ("option", "Shape")),
                        (n + ".d", ("tuple", "int", ("option", "str")))]
        return out

    def write(self, s):
        """A statement in one line that changes something."""
        ways = []
        for place, t in self.places(s):
            if s.in_lambda and holds_fn(t):
                continue
            ways.append(lambda p=place, t=t: f"{p} = {self.expr(t, s, 1)}")
            if t == "int":
                ways.append(lambda p=place: f"{p} += {self.expr('int', s, 0)}")
        for n, t, _ in s.names:
            if t[0] == "list" and not holds_fn(t):
                ways.append(lambda n=n, t=t:
                            f"{n}.push({self.expr(t[1], s, 1)})")
                ways.append(lambda n=n: f"if {n}.len > 1 {{ {n}.pop() }}")
            if t[0] == "map" and not holds_fn(t):
                ways.append(lambda n=n, t=t:
                            f"{n}[{self.expr(t[1], s, 0)}] = "
                            f"{self.expr(t[2], s, 1)}")
                if t[2][0] != "option":
                    ways.append(lambda n=n, t=t: f"let _ = {n}.remove("
                                f"{self.expr(t[1], s, 0)})")
        return self.r.choice(ways)() if ways else "let _ = 0"

    def digest(self, s):
        names = [n for n, t, _ in s.names if not holds_fn(t)]
        return '"' + " ".join(f"{{{n}}}" for n in names[-12:]) + '"'

    def declare(self, s):
        t = self.type()
        n = self.fresh()
        word = self.r.choice(("let", "var", "var"))
        line = f"{word} {n}: {text(t)} = {self.expr(t, s, 2)}"
        s.add(n, t, word == "var")
        return [line]

    def block(self, s, n=None, *last, **here):
        inner = Scope(s, **here)
        lines = []
        for _ in range(n or self.r.randint(1, 3)):
            lines += self.statement(inner)
        return ["    " + l for l in lines + list(last)]

    def statement(self, s):
        r = self.r.random()
        if s.depth > 3 or r < 0.3:
            return [self.write(s)]
        if r < 0.5:
            return self.declare(s)
        if r < 0.55:
            return [f"print({self.digest(s)})"]
        return self.r.choice((self.undo, self.kept, self.attempted, self.loop,
                              self.branch, self.while_let, self.local_fn,
                              self.exchange))(s)

    def undo(self, s):
        n = self.fresh("before")
        d = self.digest(s)
        leave = ["continue"] if s.in_loop and self.chance(15) else []
        return ([f"let {n} = {d}", "undo {"] + self.block(s) + ["}",
                 f"assert({n} == {d}, \"{{{n}}} is now {{{d}}}\")"]
                if not leave else
                ["undo {"] + self.block(s) + ["    continue", "}"])

    def kept(self, s):
        return (["undo {"] + self.block(s)
                + [f"    if {self.expr('bool', s, 1)} {{ keep }}", "}"])

    def attempted(self, s):
        n = self.fresh("before")
        d = self.digest(s)
        fails = self.r.choice(('fail "no"', 'let _ = [0][5]',
                               'let z: int? = none; print(z!)'))
        return ([f"let {n} = {d}", "try {"] + self.block(s)
                + [f"    if {self.expr('bool', s, 1)} {{ {fails} }}",
                   "} undo e {",
                   f"    assert({n} == {d}, \"{{{n}}} is now {{{d}}}\")"]
                + self.block(s, 1) + ["}"])

    def loop(self, s):
        n = self.fresh("i")
        inner = Scope(s, in_loop=True)
        inner.add(n, "int")
        turns = self.r.randint(1, 4)
        return [f"for {n} in 0..{turns} {{"] + self.block(inner) + ["}"]

    def branch(self, s):
        of = self.type(1)
        if holds_fn(of):
            of = "Shape"
        lines = [f"match {self.typed(of, s, 1)} {{"]
        for _ in range(self.r.randint(1, 3)):
            inner = Scope(s)
            p = self.pattern(of, inner)
            guard = (f" if {self.expr('bool', inner, 1)}"
                     if self.chance(25) else "")
            lines += [f"    {p}{guard} => {{"]
            lines += ["    " + l for l in self.block(inner, 1)] + ["    }"]
        return lines + ["    _ => {"] + [
            "    " + l for l in self.block(s, 1)] + ["    }", "}"]

    def while_let(self, s):
        left, n = self.fresh("left"), self.fresh()
        inner = Scope(s, in_loop=False)
        inner.add(n, "int")
        return ([f"var {left}: int? = {self.r.randint(0, 3)}",
                 f"while let {n} = {left} {{",
                 f"    {left} = if {n} > 0 {{ {n} - 1 }} else {{ none }}"]
                + self.block(inner) + ["}"])

    def local_fn(self, s):
        n = self.fresh("f")
        t = ("fn", self.type(1)) + tuple(
            self.type(0) for _ in range(self.r.randint(0, 2)))
        made = self.lambda_(t, s, 1, True)
        s.add(n, t)
        return [f"fn {n}{made[3:-1]}"]

    def exchange(self, s):
        places = self.places(s)
        for place, t in self.r.sample(places, len(places)):
            others = [p for p, u in places if u == t and p != place
                      and not (p.count(".") and place.count("."))]
            if others and not (s.in_lambda and holds_fn(t)):
                return [self.r.choice((f"{place} <=> {others[0]}",
                                       f"swap_in(&{place}, &{others[0]})"))]
        return [self.write(s)]

    # ---- the program -------------------------------------------------------------

    def function(self, name):
        s = Scope()
        for n, t in GLOBALS:
            s.add(n, t, True)
        params = []
        for _ in range(self.r.randint(1, 3)):
            n, t, mut = self.fresh("p"), self.type(), self.chance(40)
            s.add(n, t, mut)
            params.append(("mut " if mut else "") + f"{n}: {text(t)}")
        result = self.type()
        lines = self.block(s, 3)
        value = self.expr(result, s, 2)
        head = f"fn {name}({', '.join(params)}) -> {text(result)} {{"
        s.names = s.names[len(GLOBALS):]
        return [head] + lines + ["    " + value, "}"], s.names, result

    def program(self):
        lines, calls = [HEAD], []
        for i in range(2):
            text_, params, result = self.function(f"top{i}")
            lines += text_
            calls.append((f"top{i}", params[:text_[0].count(": ")], result))
        s = Scope()
        for n, t in GLOBALS:
            s.add(n, t, True)
        lines.append("fn main() {")
        for _ in range(4):
            lines += ["    " + l for l in self.declare(s)]
        for name, params, result in calls:
            args = []
            for n, t, mut in params:
                v = self.fresh("a")
                lines.append(f"    var {v}: {text(t)} = {self.expr(t, s, 1)}")
                args.append(("&" if mut else "") + v)
            v = self.fresh("r")
            lines.append(f"    let {v}: {text(result)} = "
                         f"{name}({', '.join(args)})")
            s.add(v, result)
            lines.append(f"    print({self.digest(s)})")
        for _ in range(6):
            lines += ["    " + l for l in self.statement(s)]
        return "\n".join(lines + [f"    print({self.digest(s)})", "}", ""])


def generate(seed):
    return Sums(seed).program()


if __name__ == "__main__":
    print(generate(int(sys.argv[1])), end="")
