"""What stands around random reversible functions: types, globals, functions
that only compute, and a main that calls them forwards and backwards.

main is made of scenes of one function and its arguments each.  Every step of
a scene stands in a `try` and says how it went, in lines that a reader, and
reversible.py, can follow:

    s3.1 do ok                    or the kind of the error
    s3.1 = 5 [1, 2] true          everything there is, after it

A step is one of: do, uncall, undo (the function in an undo scope), text (the
same, its state told from inside) and kept (an undo scope that is kept).
"""
from expressions import INTS, built, lit, name
from rev_expressions import SCALARS, kind_of_place
from tree import Function, Node, Program, Struct, Variable, item_of

STEPS = (("do", "uncall", "do"), ("do", "uncall"), ("uncall", "do"),
         ("undo", "do", "uncall"), ("do", "text"), ("kept", "uncall", "do"),
         ("uncall", "undo", "do"), ("do", "do", "uncall", "uncall"))


class RevMain:
    """The part of the generator for the world and main."""

    # ---- types, globals, functions that compute --------------------------------

    def world(self):
        for n in "PQR"[:self.r.randint(1, 3)]:
            self.structs[n] = self.struct(n)
        for type_ in ("int", "int", "bool", "[int]", "P"):
            v = Variable(self.fresh("g"), type_, self.chance(85), True)
            keyword = "var" if v.mutable else "let"
            self.declared.append(Node("var", None, v, keyword, True,
                                      self.value_of(type_)))
            self.globals.append(v)
        made = [self.mixing(), self.looking(), self.summing(), self.first(),
                self.any_of(), self.reading(), self.byte_at(), self.field(),
                self.alike()]
        self.helpers = self.r.sample(made, self.r.randint(3, 6))
        self.helpers.append(self.leading())

    def struct(self, n):
        fields = [("a", "int", True), ("b", self.r.choice(SCALARS), True)]
        for letter in "cde"[:self.r.randint(0, 3)]:
            type_ = self.r.choice(["int", "bool", "[int]", "[int]", "[byte]",
                                   "[bool]"] + list(self.structs))
            fields.append((letter, type_, self.chance(80)))
        if self.chance(35):
            fields.append(("kids", f"[{n}]", True))
        return Struct(n, fields)

    def function(self, letter, result, *types):
        return Function(self.fresh(letter), [
            Variable(self.fresh("q"), t, False) for t in types], result)

    def mixing(self):
        f = self.function("h", "int", "int", "int")
        a, b = map(name, f.parameters)
        shifted = Node("binary", "int", "<<", b, lit("int", 3))
        f.body = [Node("return", None, Node(
            "binary", "int", "+", Node("binary", "int", "^", a, shifted), b))]
        return f

    def item(self, f, mask):
        xs, i = map(name, f.parameters)
        return Node("index", item_of(xs.type), xs, Node(
            "binary", "int", "%", Node("binary", "int", "&", i,
                                       lit("int", mask)),
            built("int", "len", True, xs)))

    def looking(self):
        """An item, wherever the list has one."""
        f = self.function("h", "int", "[int]", "int")
        empty = Node("binary", "bool", "==", built(
            "int", "len", True, name(f.parameters[0])), lit("int", 0))
        f.body = [Node("if", None, empty, [Node("return", None, lit(
            "int", 0))], None), Node("return", None, self.item(f, 63))]
        return f

    def byte_at(self):
        f = self.function("h", "byte", "[byte]", "int")
        f.body = [Node("return", None, self.item(f, 7))]
        return f

    def first(self):
        f = self.function("h", "int", "[int]")
        f.body = [Node("return", None, Node(
            "index", "int", name(f.parameters[0]), lit("int", 0)))]
        return f

    def fold(self, f, op, start):
        xs = name(f.parameters[0])
        t = Variable(self.fresh("q"), f.result, True)
        x = Variable(self.fresh("q"), item_of(xs.type), False)
        step = Node("set", None, op, name(t), name(x))
        f.body = [Node("var", None, t, "var", False, start),
                  Node("each", None, None, x, xs, [step]),
                  Node("return", None, name(t))]
        return f

    def summing(self):
        return self.fold(self.function("h", "int", "[int]"), "+",
                         lit("int", 0))

    def any_of(self):
        return self.fold(self.function("h", "bool", "[bool]"), "^",
                         lit("bool", False))

    def reading(self):
        f = self.function("h", "int")
        f.body = [Node("return", None, name(self.globals[0]))]
        return f

    def alike(self):
        """Reads an item, and then all that the lists lead to."""
        f = self.function("h", "int", "[P]", "[P]")
        ps, qs = map(name, f.parameters)
        first = [Node("index", "P", xs, lit("int", 0)) for xs in (ps, qs)]
        both = Node("binary", "bool", "or",
                    Node("binary", "bool", "is", *first),
                    Node("binary", "bool", "==", ps, qs))
        f.body = [Node("if", None, Node("unary", "bool", "not", both), [
            Node("return", None, lit("int", 7))], None),
            Node("return", None, lit("int", 2))]
        return f

    def leading(self):
        """Leads to another of them."""
        return self.leading_to(self.r.choice(self.helpers))

    def leading_to(self, to):
        f = self.function("h", to.result, *(p.type for p in to.parameters))
        f.body = [Node("return", None, Node(
            "call", to.result, to, False, *map(name, f.parameters)))]
        return f

    def field(self):
        f = self.function("h", "int", "P")
        f.body = [Node("return", None, Node(
            "field", "int", name(f.parameters[0]), "a"))]
        return f

    # ---- the state ---------------------------------------------------------------

    def value_of(self, type_, pool=()):
        """An expression for a state to begin with; it may share objects."""
        shared = [v for v in pool if v.type == type_]
        if type_ not in SCALARS and shared and self.chance(30):
            return name(self.r.choice(shared))
        if type_ == "byte":
            return lit("byte", self.r.choice((0, 0, 1, 5, 128, 255)), True)
        if type_ == "int":
            few = self.r.choice((0, 0, 1, -1, 2, 3, 7, 10))
            return lit("int", few if self.chance(85) else self.r.choice(INTS))
        if type_ == "bool":
            return lit("bool", self.chance(40))
        item = item_of(type_)
        if item:
            many = self.r.choice((0, 1, 4, 4, 4, 4, 5, 6) if item in SCALARS
                                 else (2, 4, 4))
            if item not in SCALARS and len(pool) == 0:
                many = self.r.randint(0, 2)
            if item in self.structs and self.chance(50):    # equal ones
                return Node("list", type_, *many * [self.make(item, pool)])
            return Node("list", type_, *(self.value_of(item, pool)
                                         for _ in range(many)))
        return self.make(type_, pool)

    def make(self, type_, pool):
        s = self.structs[type_]
        shared = [v for v in pool if v.type == type_]
        kids = [name(v) for v in shared[:-4:-1]]
        return Node("make", type_, s, 0, *(
            Node("list", t, *kids) if t == f"[{type_}]" else
            self.value_of(t, pool) for _, t, _ in s.fields))

    def state(self, main):
        """main's variables, each with its declaration."""
        types = ["int", "int", "int", "byte", "bool", "bool", "[int]",
                 "[int]", "[int]", "[byte]", "[bool]"]
        for s in self.structs:
            kids = self.structs[s].fields[-1][0] == "kids"
            types += [s] * (4 if kids else 2) + [f"[{s}]", f"[{s}]"]
        found, values = [], {}
        for type_ in types:
            v = Variable(self.fresh("v"), type_, True)
            value = self.value_of(type_, found)
            deep = type_ in self.structs and self.structs[
                type_].fields[-1][0] == "kids"
            if type_ not in SCALARS and type_ in values and not deep and \
                    self.chance(50):
                value = values[type_]    # equal, and not the same
            values[type_] = value
            main.body.append(Node("var", None, v, "var", True, value))
            found.append(v)
        return found

    def identities(self, state):
        """Which of the objects are one: a swap shows that contents hide."""
        found = []
        refs = [v for v in state if v.type not in SCALARS]
        for i, v in enumerate(refs):
            for w in refs[:i]:
                if v.type == w.type and self.chance(50):
                    found.append(Node("binary", "bool", "is", name(v),
                                      name(w)))
        return found[:6]

    # ---- scenes --------------------------------------------------------------------

    def main(self):
        main = Function("main", [], None)
        mine = self.state(main)
        state = mine + self.globals
        shown = [name(v) for v in state] + self.identities(state)
        tell = lambda tag: Node("print", None, self.word(tag + " ="), *shown)
        main.body.append(tell("s0.0"))
        number = 0
        for f in [f for f in self.functions if not f.inner] * 2:
            args = self.first_arguments(f, state)
            if not args:
                continue
            number += 1
            for i, how in enumerate(self.r.choice(STEPS), 1):
                tag = f"s{number}.{i}"
                main.body += [self.step_of(f, args, how, tag, shown),
                              tell(tag)]
        return main

    def word(self, text):
        return lit("str", text.encode())

    def step_of(self, f, args, how, tag, shown):
        word = "uncall" if how == "uncall" else "do"
        call = Node(word, None, Node("call", None, f, False, *args))
        said = Node("print", None, self.word(f"{tag} {how} ok"))
        body = [call, said]
        if how == "undo":
            body = [Node("undo", None, [call]), said]
        elif how == "kept":
            body = [Node("undo", None, [call, Node("keep", None)]), said]
        elif how == "text":
            parts = [p for n in shown for p in (Node("part", None, n, None),
                                                " ")]
            t = Variable(self.fresh("t"), "str", False)
            inside = [call, Node("value", None, Node("text", "str", *parts))]
            body = [Node("var", None, t, "let", False,
                         Node("what_if", "str", inside)),
                    said, Node("print", None, name(t))]
        e = Variable(self.fresh("e"), "Error", False)
        kind = Node("about", "str", name(e), "kind")
        failed = Node("print", None, self.word(f"{tag} {how}"), kind)
        return Node("try", None, body, e, [failed])

    def first_arguments(self, f, state):
        """Of main: any place that the function does not reach by itself."""
        args, lent = {}, set()
        touched = self.done[f]
        for p in f.parameters:
            if p.mutable:
                place = self.main_place(p.type, state, touched, lent)
                if not place:
                    return None
                args[p] = Node("ref", p.type, place)
        written = touched.union(v for _, v in lent)
        given = []
        for p in f.parameters:
            if p.mutable:
                continue
            if p.type in SCALARS:
                deep = f.recursive and p is f.parameters[0]
                args[p] = lit("int", self.r.randint(0, 3)) if deep else \
                    self.value_of(p.type)
            else:    # a variable that means the same behind the call
                fit = [v for v in state
                       if v.type == p.type and v not in written]
                if not fit:
                    return None
                same = [v for v in given if v.type == p.type]
                one = same and self.chance(65)
                given.append(self.r.choice(same if one else fit))
                args[p] = name(given[-1])
        return [args[p] for p in f.parameters]

    def main_place(self, type_, state, touched, lent):
        for _ in range(20):
            v = self.r.choice(state)
            node = name(v)
            if v.type not in SCALARS and self.chance(60):
                node, fine = self.first_step(node)
            else:
                fine = v.mutable
            text = (node.kind, kind_of_place(node) if node.kind != "name"
                    else v)
            if node.type != type_ or not fine or text in lent or \
                    v in touched or kind_of_place(node) in touched:
                continue
            lent.add(text)
            return node
        return None

    def first_step(self, node):
        item = item_of(node.type)
        if item:
            at = lit("int", self.r.randint(0, 1))
            return Node("index", item, node, at), True
        n, type_, var = self.r.choice(self.structs[node.type].fields)
        return Node("field", type_, node, n), var


# ---- without scopes ----------------------------------------------------------

def without_scopes(program, out):
    """The program, its main calling straight on: the steps in `try` and undo
    scopes that went well by its output, outside of any scope."""
    main = program.functions[-1]
    bare = Function("main", [], None)
    for n in main.body:
        if n.kind != "try":
            bare.body.append(n)
            continue
        call, said = n.args[0][0], n.args[0][-1]
        if call.kind == "undo" and len(call.args[0]) == 2:
            call = call.args[0][0]    # its effects were kept
        if call.kind not in ("do", "uncall"):
            continue
        if said.args[0].args[0].decode() + "\n" in out:
            bare.body += [call, said]
    return Program(program.structs, program.globals,
                   program.functions[:-1] + [bare])
