"""Reversible functions for the model of oracle.py.

Written from the table of inverses in the language's reference: a function is
run backwards by running the inverse of its tree.  The rule that what a
statement reads is the same behind it is taken at its word: every index, path,
bound, right side and constant argument is evaluated before and after, and
compared, whatever a compiler could prove.

Where the reference does not say in which order a statement looks at what may
fail, the kind of the error is each of them, as "index|irreversible".
"""
from oracle import SAID, Frame, Oracle
from rev_expressions import always_in, kind_of_place
from rev_near import Near
from rev_tree import Back, inverse
from tree import STATEMENTS
from values import Failure, Object, TooLong, bounded, operate, wrap

ROUNDS = 60    # of one loop that are worth running


def irreversible():
    return Failure("irreversible", None)


def together(*looks):
    """Runs all; the errors of those that fail make one."""
    kinds = set()
    for look in looks:
        try:
            look()
        except Failure as e:
            kinds.update(e.kind.split("|"))
    if kinds:
        raise Failure("|".join(sorted(kinds)), None)


def same(a, b):
    return a is b if isinstance(a, Object) else a == b


class RevOracle(Oracle):
    """Counts too: (construct, "forward", "backward" or "failed")."""
    most_said = 2 * SAID

    def __init__(self, program):
        super().__init__(program)
        self.inverses = {}
        self.near = Near(program.functions[:-1]).kinds

    def touch(self, node):
        if not self.stack or not getattr(self.stack[-1], "rev", False):
            return
        way = "backward" if isinstance(node, Back) else "forward"
        for name in constructs(node):
            self.counts[name, way].add(node)

    # ---- statements --------------------------------------------------------

    def statement(self, node, frame):
        if not getattr(frame, "rev", False):
            super().statement(node, frame)
            return
        self.tick()
        self.touch(node)
        try:
            back = isinstance(node, Back)
            getattr(self, "rev_" + node.kind)(frame, back, *node.args)
        except Failure as e:
            if not hasattr(e, "at"):
                e.at = node
                for name in constructs(node):
                    self.counts[name, "failed"].add(node)
            raise

    def expect(self, holds):
        if not holds:
            raise irreversible()

    def held(self, frame, nodes):
        """What is to be the same behind the statement."""
        found = []
        together(*(lambda n=n: found.append((n, self.value(n, frame)))
                   for n in nodes))
        return found

    def drop(self, frame, held):
        for node, before in held:
            try:
                now = self.value(node, frame)
            except Failure:
                raise irreversible() from None
            self.expect(same(before, now))

    def failing(self, kind):
        def fail():
            raise Failure(kind, None)
        return fail

    def paths(self, place):
        """The expressions by which a place is found."""
        return place.args[:1 if place.kind == "field" else 2] \
            if place.kind != "name" else []

    def rev_update(self, frame, back, op, place, value):
        held, where, found = [], [None, None], []

        def find():
            held.extend(self.held(frame, self.paths(place)))
            where[:] = self.place(place, frame)
            self.load(where)
        together(find, lambda: found.append(self.value(value, frame)),
                 lambda: self.apart(frame, where, value))
        self.store(where, operate(op, place.type, self.load(where), found[0]))
        self.drop(frame, held + [(value, found[0])])

    def apart(self, frame, where, value):
        """No field or item that the value always reads, directly, is the
        place."""
        for n in always_in(value):
            if n.kind not in ("field", "index"):
                continue
            try:
                o, key = self.place(n, frame)
            except Failure:
                continue
            self.expect(o is not where[0] or key != where[1])

    def rev_change(self, frame, back, word, place):
        held = self.held(frame, self.paths(place))
        where = self.place(place, frame)
        v = -self.load(where) if word == "neg" else ~self.load(where)
        self.store(where, wrap(v) if place.type == "int" else v & 255)
        self.drop(frame, held)

    def rev_swap(self, frame, back, one, two):
        held, found, was = [], [], []

        def look(p):
            held.extend(self.held(frame, self.paths(p)))
            found.append(self.place(p, frame))
            was.append(self.load(found[-1]))
        together(lambda: look(one), lambda: look(two))
        self.store(found[0], was[1])
        self.store(found[1], was[0])
        self.drop(frame, held)

    def rev_move(self, frame, back, word, items, place):
        held = self.held(frame, [items] + self.paths(place))
        o, where = held[0][1], self.place(place, frame)
        zero, v = False if place.type == "bool" else 0, self.load(where)
        if word == "push":
            self.store(where, zero)
            bounded(self.written(o)).append(v)
        else:
            self.expect(v == zero)
            if not o.content:
                raise Failure("index", None)
            v = self.written(o).pop()
            self.put(where, v)
        self.drop(frame, held)

    def put(self, where, value):
        """Into a place that may have moved meanwhile."""
        try:
            self.store(where, value)
        except Failure:
            raise Failure("index|irreversible", None) from None

    def rev_assert(self, frame, back, condition, message):
        if not self.value(condition, frame):
            raise Failure("assert", None)

    # ---- calls -------------------------------------------------------------

    def rev_do(self, frame, back, call):
        if call.kind == "built":
            held = self.held(frame, call.args[2:])
            self.value(call, frame)
            self.drop(frame, held)
        else:
            self.rev_call(frame, call, back)

    def rev_uncall(self, frame, back, call):
        self.rev_call(frame, call, not back)

    def rev_call(self, frame, call, back):
        held, values, places = [], [], []

        def look(a):
            places.append(None)
            values.append(None)
            if a.kind != "ref":
                values[-1] = self.value(a, frame)
                held.append((a, values[-1]))
                return
            held.extend(self.held(frame, self.paths(a.args[0])))
            places[-1] = self.place(a.args[0], frame)
            values[-1] = self.load(places[-1])

        def apart():
            for i, p in enumerate(places):
                self.expect(not any(q and p and p[0] is q[0] and p[1] == q[1]
                                    for q in places[:i]))
            self.reached_once(call, places, values)
        together(*(lambda a=a: look(a) for a in call.args[2:]), apart)
        self.finish_call(call.args[0], values, places, back)
        self.drop(frame, held)

    def reached_once(self, call, places, values):
        """What is lent does not lie in an object that the function touches as
        its own parameter."""
        near = self.near[call.args[0]]
        for a, place in zip(call.args[2:], places):
            kind = place and kind_of_place(a.args[0])
            for p, v in zip(call.args[0].parameters, values):
                self.expect(not kind or v is not place[0] or
                            kind not in near.get(p, ()))

    def finish_call(self, function, values, places, back):
        callee, _ = self.invoke(function, values, back)
        for p, parameter in zip(places, function.parameters):
            if p:
                self.put(p, callee.variables[parameter])

    def invoke(self, function, values, back=False):
        if not function.rev:
            return super().invoke(function, values)
        if back and function not in self.inverses:
            self.inverses[function] = inverse(function.body)
        body = self.inverses[function] if back else function.body
        return self.invoke_body(function, body, values)

    def invoke_body(self, function, body, values):
        if len(self.stack) >= 40:
            raise TooLong
        frame = RevFrame(function.name)
        frame.variables.update(zip(function.parameters, values))
        self.stack.append(frame)
        try:
            self.block(body, frame)
        finally:
            self.stack.pop()
        return frame, None

    def do_uncall(self, frame, call):
        self.ordinary_call(frame, call, True)

    def of_call(self, node, frame, function, *rest):
        if function.rev:
            return self.ordinary_call(frame, node, False)
        return super().of_call(node, frame, function, *rest)

    def ordinary_call(self, frame, call, back):
        """Of a reversible function, in ordinary code."""
        places, values = [], []
        for a in call.args[2:]:
            ref = a.kind == "ref"
            places.append(self.place(a.args[0], frame) if ref else None)
            values.append(self.load(places[-1]) if ref
                          else self.value(a, frame))
        self.check_apart([p for p in places if p])
        self.reached_once(call, places, values)
        self.finish_call(call.args[0], values, places, back)

    # ---- statements with blocks ---------------------------------------------

    def rev_rif(self, frame, back, condition, yes, fi, no):
        """The branches of a chain at once: at its end the first fi that holds
        is that of the branch taken."""
        passed = []
        while not self.value(condition, frame):
            passed.append(fi)
            if not no or len(no) != 1 or no[0].kind != "rif":
                yes, fi = no or [], None
                break
            self.touch(no[0])
            condition, yes, fi, no = no[0].args
        self.block(yes, frame)
        looks = [lambda d=d: self.expect(not self.value(d, frame))
                 for d in passed]
        if fi:
            looks.append(lambda: self.expect(self.value(fi, frame)))
        together(*looks)

    def rev_from(self, frame, back, entry, body, step, until):
        self.expect(self.value(entry, frame))
        for _ in range(ROUNDS):
            self.block(body, frame)
            if self.value(until, frame):
                return
            self.block(step, frame)
            self.expect(not self.value(entry, frame))
        raise TooLong

    def rev_count(self, frame, back, i, low, high, body):
        held = self.held(frame, [low, high])
        first, behind = held[0][1], held[1][1]
        if behind - first > ROUNDS:
            raise TooLong
        rounds = range(first, behind)
        for k in reversed(rounds) if back else rounds:
            self.tick()
            frame.variables[i] = k
            self.block(body, frame)
        self.drop(frame, held)

    def rev_local(self, frame, back, t, typed, first, body, last):
        frame.variables[t] = self.value(first, frame)
        self.block(body, frame)
        is_, now = frame.variables.pop(t), self.value(last, frame)
        if first.kind in ("name", "field", "index"):
            self.expect(same(is_, now))
        else:
            self.expect(self.comparer.equal(is_, now, t.type))

    def rev_within(self, frame, back, body, use):
        self.block(body, frame)
        self.block(use, frame)
        self.block(inverse(body), frame)

    def rev_block(self, frame, back, body):
        self.block(body, frame)


class RevFrame(Frame):
    rev = True


# ---- the table -----------------------------------------------------------------

PLACES = {"name": "x", "field": "x.f", "index": "x[i]"}


def place_name(place):
    if place.kind == "name" and place.args[0].is_global:
        return "global"
    return PLACES[place.kind]


def constructs(n):
    """What the table calls a statement."""
    k, a = n.kind, n.args
    if isinstance(n, Back):
        return constructs(n.of)
    if k == "update":
        return [f"{a[0]}=", f"update {place_name(a[1])}"]
    if k == "change":
        return [a[0]]
    if k == "swap":
        return [" <=> ".join(sorted((place_name(a[0]), place_name(a[1]))))]
    if k == "move":
        return [a[0]]
    if k in ("do", "uncall") and a[0].kind == "built":
        return [a[0].args[0] + "()"]
    if k in ("do", "uncall"):
        word = "call" if k == "do" else "uncall"
        return [word] + [f"&{place_name(x.args[0])}" for x in a[0].args[2:]
                         if x.kind == "ref"]
    if k == "rif":
        chained = a[3] and len(a[3]) == 1 and a[3][0].kind == "rif"
        return ["else if" if chained else "if"]
    if k == "local":
        simple = a[0].type in ("int", "byte", "bool")
        path = a[2].kind in ("name", "field", "index")
        return ["local" if simple else
                "local name" if path else "local object"]
    if k == "count":
        return ["for"]
    return [k] if k in STATEMENTS or k in ("from", "within") else []
