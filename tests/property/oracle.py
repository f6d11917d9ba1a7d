"""A second implementation of the language, as a model for generated programs.

It walks the tree and knows nothing of stamps, edges or registers.  A scope
copies the frame's variables when it opens; every write to an object while a
scope is open first logs the object's whole content; reversing puts the
contents back, newest first, of the objects that existed when it opened.
"""
from collections import defaultdict

from tree import STATEMENTS
from values import (Comparer, Failure, Object, Printer, TooLong, bounded,
                    code_point, converted, formatted, known, operate, wrap)

STEPS = 6000       # of a program worth running
SAID = 30000      # bytes of output
DEEPEST = 60       # calls; a trace longer than this is shortened


class Leave(Exception):
    """Control leaves a block: break, continue, return or exit."""

    def __init__(self, how, value=None):
        super().__init__(how)
        self.how, self.value = how, value


class Frame:
    def __init__(self, name):
        self.name = name
        self.variables = {}
        self.kept = []      # a flag per open undo of this function


class Scope:
    """What reversing needs, and which nodes ran while it was innermost."""

    def __init__(self, oracle, frame):
        self.log = len(oracle.log)
        self.out = len(oracle.out)
        self.birth = oracle.births
        self.variables = dict(frame.variables)
        self.kept = list(frame.kept)
        self.nodes = set()


def construct(node):
    """What the table calls this node; None for what it does not count."""
    k, a = node.kind, node.args
    if k == "set":
        place = a[1]
        if place.kind == "name" and place.args[0].is_global:
            place_kind = "global"
        else:
            place_kind = place.kind
        return f"{place_kind} {'op' if a[0] else ''}="
    if k == "built":
        return (a[0] if a[0] not in ("min", "max") else "abs") + "()"
    if k == "call":
        return "call with &" if any(x.kind == "ref" for x in a[2:]) else (
            "call as method" if a[1] else "call")
    if k == "conv":
        return "conversion"
    if k == "text":
        return "interpolation" if all(
            isinstance(p, str) or not p.args[1] for p in a) else "format"
    if k == "index":
        return "index"
    names = {"choose": "if value", "braces": "block value",
             "what_if": "undo value", "caught": "try value",
             "orelse": "try else", "each": "for list", "range": "for range",
             "slice": "slice", "list": "list", "fill": "[e; n]",
             "make": "struct", "binary": None, "field": "field",
             "about": "e.what", "var": "let/var", "do": None}
    if k in names:
        return names[k]
    return k if k in STATEMENTS and k != "value" else None


class Oracle:
    """Runs a program: afterwards out, err, status, error and counts."""
    most_said = SAID

    def __init__(self, program):
        self.program = program
        self.printer = Printer(program.structs)
        self.comparer = Comparer(program.structs)
        self.out, self.err = [], []
        self.status, self.error = 0, None
        self.log, self.scopes, self.stack = [], [], []
        self.births, self.steps, self.said = 0, 0, 0
        self.globals = self.made({})
        self.counts = defaultdict(set)

    def run(self):
        frame = Frame("")
        for g in self.program.globals:
            self.statement(g, frame)
        try:
            self.invoke(self.program.functions[-1], [])
        except Failure as e:
            self.status, self.error = 1, e
        except Leave as e:
            self.status = e.value
        return self

    # ---- objects, variables, scopes ----------------------------------------

    def made(self, content):
        self.births += 1
        return Object(content, self.births)

    def written(self, o):
        """The content of an object that is about to be changed."""
        if self.scopes:
            c = o.content
            self.log.append((o, dict(c) if isinstance(c, dict) else list(c)))
        return o.content

    def tick(self):
        self.steps += 1
        if self.steps > STEPS:
            raise TooLong

    def touch(self, node):
        if self.scopes:
            self.scopes[-1].nodes.add(node)
        else:
            self.counts[construct(node), "none"].add(node)

    def open(self, frame):
        self.scopes.append(Scope(self, frame))
        return self.scopes[-1]

    def close(self, scope, outcome):
        self.scopes.pop()
        for node in scope.nodes:
            self.counts[construct(node), outcome].add(node)
            if self.scopes:
                self.counts[construct(node), "nested"].add(node)
        if not self.scopes and outcome in ("kept", "try"):
            self.log.clear()

    def reverse(self, scope, frame):
        while len(self.log) > scope.log:
            o, content = self.log.pop()
            if o.birth <= scope.birth:
                o.content = content
        del self.out[scope.out:]
        frame.variables = scope.variables
        frame.kept = scope.kept

    def undo(self, block, frame):
        scope = self.open(frame)
        frame.kept.append(False)
        try:
            return self.block(block, frame)
        finally:
            kept = frame.kept[len(scope.kept)]
            if kept:
                del frame.kept[len(scope.kept):]
            else:
                self.reverse(scope, frame)
            self.close(scope, "kept" if kept else "undo")

    def attempt(self, frame, body, handler):
        """body's value, or where it fails, handler's, given the error."""
        scope = self.open(frame)
        try:
            value = body()
        except Failure as e:
            self.trace(e)
            self.reverse(scope, frame)
            self.close(scope, "failed")
            error = e
        except Leave:
            self.close(scope, "try")
            raise
        else:
            self.close(scope, "try")
            return value
        return handler(error)

    def attempt_block(self, frame, body, variable, handler):
        def handle(error):
            frame.variables[variable] = error
            return self.block(handler, frame)
        return self.attempt(frame, lambda: self.block(body, frame), handle)

    def trace(self, error):
        """Notes the open calls, the first time on an error's way out."""
        if not error.trace:
            error.trace = tuple(f.name for f in reversed(self.stack))

    # ---- places ------------------------------------------------------------

    def place(self, node, frame):
        """(where, key): evaluated, not yet checked."""
        k, a = node.kind, node.args
        if k == "name":
            return (self.globals if a[0].is_global else frame), a[0]
        if k == "field":
            return self.value(a[0], frame), a[1]
        return self.value(a[0], frame), self.value(a[1], frame)

    def load(self, place):
        where, key = place
        if isinstance(where, Frame):
            return where.variables[key]
        if isinstance(where.content, list):
            self.check(where, key)
        return where.content[key]

    def store(self, place, value):
        where, key = place
        if isinstance(where, Frame):
            where.variables[key] = value
            return
        if isinstance(where.content, list):
            self.check(where, key)
        self.written(where)[key] = value

    def check(self, o, i, extra=0):
        if not 0 <= i < len(o.content) + extra:
            raise Failure("index", f"index {i} is out of range, length "
                          f"{len(o.content)}")

    # ---- statements --------------------------------------------------------

    def block(self, block, frame):
        for node in block:
            if node.kind == "value":
                return self.value(node.args[0], frame)
            self.statement(node, frame)
        return None

    def statement(self, node, frame):
        self.tick()
        self.touch(node)
        try:
            getattr(self, "do_" + node.kind)(frame, *node.args)
        except Failure as e:
            self.trace(e)
            raise

    def do_var(self, frame, variable, keyword, annotated, value):
        value = self.value(value, frame)
        if variable.is_global:
            self.globals.content[variable] = value
        else:
            frame.variables[variable] = value

    def do_set(self, frame, op, place, value):
        where = self.place(place, frame)
        if op:
            old = self.load(where)
            new = self.value(value, frame)
            self.store(where, operate(op, place.type, old, new))
        else:
            self.store(where, self.value(value, frame))

    def do_swap(self, frame, one, two):
        p, q = self.place(one, frame), self.place(two, frame)
        a, b = self.load(p), self.load(q)
        self.store(p, b)
        self.store(q, a)

    def do_do(self, frame, call):
        self.value(call, frame)

    def line(self, frame, values):
        found = [self.value(v, frame) for v in values]
        text = " ".join(self.printer.text(x, v.type)
                        for x, v in zip(found, values)) + "\n"
        self.said += len(text)
        if self.said > self.most_said:
            raise TooLong
        return text

    def do_print(self, frame, *values):
        self.out.append(self.line(frame, values))

    def do_eprint(self, frame, *values):
        self.err.append(self.line(frame, values))

    def do_if(self, frame, condition, yes, no):
        if self.value(condition, frame):
            self.block(yes, frame)
        elif no is not None:
            self.block(no, frame)

    def turn(self, label, block, frame):
        """One turn of a loop; whether it goes on."""
        self.tick()
        try:
            self.block(block, frame)
        except Leave as e:
            if e.how not in ("break", "continue") or (
                    e.value is not None and e.value != label):
                raise
            return e.how == "continue"
        return True

    def do_while(self, frame, label, condition, block):
        while self.value(condition, frame) and self.turn(label, block, frame):
            pass

    def do_loop(self, frame, label, block):
        while self.turn(label, block, frame):
            pass

    def do_range(self, frame, label, variable, low, high, block):
        low, high = self.value(low, frame), self.value(high, frame)
        for i in range(low, high):
            frame.variables[variable] = i
            if not self.turn(label, block, frame):
                break

    def do_each(self, frame, label, variable, items, block):
        items, i = self.value(items, frame), 0
        while i < len(items.content):
            frame.variables[variable] = items.content[i]
            if not self.turn(label, block, frame):
                break
            i += 1

    def do_break(self, frame, label):
        raise Leave("break", label)

    def do_continue(self, frame, label):
        raise Leave("continue", label)

    def do_return(self, frame, value):
        raise Leave("return", self.value(value, frame) if value else None)

    def do_fail(self, frame, message):
        raise Failure("fail", self.value(message, frame).decode())

    def do_exit(self, frame, status):
        raise Leave("exit", self.value(status, frame))

    def do_keep(self, frame):
        frame.kept[-1] = True

    def do_assert(self, frame, condition, message):
        if not self.value(condition, frame):
            raise Failure("assert", self.value(message, frame).decode()
                          if message else None)

    def do_undo(self, frame, block):
        self.undo(block, frame)

    def do_block(self, frame, block):
        self.block(block, frame)

    def do_try(self, frame, body, variable, handler):
        self.attempt_block(frame, body, variable, handler)

    # ---- expressions -------------------------------------------------------

    def value(self, node, frame):
        k = node.kind
        if k == "lit":
            return node.args[0]
        if k == "name":
            v = node.args[0]
            if v.is_global:
                return self.globals.content[v]
            return frame.variables[v]
        self.tick()
        self.touch(node)
        return getattr(self, "of_" + k)(node, frame, *node.args)

    def of_unary(self, node, frame, op, operand):
        v = self.value(operand, frame)
        if op == "not":
            return not v
        if node.type == "float":
            return -v
        v = -v if op == "-" else ~v
        return wrap(v) if node.type == "int" else v & 255

    def of_binary(self, node, frame, op, left, right):
        a = self.value(left, frame)
        if op == "and" or op == "or":
            return self.value(right, frame) if a == (op == "and") else a
        b = self.value(right, frame)
        if op in ("==", "!="):
            return self.comparer.equal(a, b, left.type) == (op == "==")
        if op in ("is", "is not"):
            return (a is b) == (op == "is")
        if op in ("<", "<=", ">", ">="):
            return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[op]
        return operate(op, node.type, a, b)

    def of_field(self, node, frame, base, name):
        return self.value(base, frame).content[name]

    def of_index(self, node, frame, base, index):
        o, i = self.value(base, frame), self.value(index, frame)
        if isinstance(o, Object):
            self.check(o, i)
            return o.content[i]
        if not 0 <= i < len(o):
            raise Failure("index", f"index {i} is out of range, length "
                          f"{len(o)}")
        return o[i]

    def of_slice(self, node, frame, base, low, high):
        o = self.value(base, frame)
        i, j = self.value(low, frame), self.value(high, frame)
        c = o.content if isinstance(o, Object) else o
        if i < 0 or j < i or j > len(c):
            raise Failure("index", f"slice {i}..{j} is out of range, length "
                          f"{len(c)}")
        if isinstance(o, Object):
            return self.made(c[i:j])
        if any(x < len(c) and c[x] & 0xc0 == 0x80 for x in (i, j)):
            raise Failure("utf8", f"slice {i}..{j} cuts a character")
        return c[i:j]

    def of_list(self, node, frame, *items):
        return self.made([self.value(x, frame) for x in items])

    def of_fill(self, node, frame, item, count):
        n = self.value(count, frame)
        if n < 0:
            raise Failure("index", f"a list of {n} items")
        if n > 200:
            raise TooLong
        return self.made([self.value(item, frame) for _ in range(n)])

    def of_make(self, node, frame, struct, named, *values):
        found = [self.value(v, frame) for v in values]
        return self.made({f[0]: v for f, v in zip(struct.fields, found)})

    def of_conv(self, node, frame, value):
        return converted(self.value(value, frame), value.type, node.type,
                         self.printer.text)

    def of_choose(self, node, frame, condition, yes, no):
        return self.block(yes if self.value(condition, frame) else no, frame)

    def of_braces(self, node, frame, block):
        return self.block(block, frame)

    def of_what_if(self, node, frame, block):
        return self.undo(block, frame)

    def of_caught(self, node, frame, body, variable, handler):
        return self.attempt_block(frame, body, variable, handler)

    def of_orelse(self, node, frame, value, other):
        return self.attempt(frame, lambda: self.value(value, frame),
                            lambda error: self.value(other, frame))

    def of_text(self, node, frame, *parts):
        out = []
        for part in parts:
            if isinstance(part, str):
                out.append(part)
                continue
            value, spec = part.args
            v = self.value(value, frame)
            text = self.printer.text(v, value.type)
            out.append(formatted(v, value.type, spec, text) if spec else text)
        return bounded("".join(out).encode())

    def of_about(self, node, frame, error, what):
        e = self.value(error, frame)
        if what == "trace":
            return len(e.trace)
        return (e.kind if what == "kind" else known(e.message)).encode()

    # ---- calls -------------------------------------------------------------

    def of_call(self, node, frame, function, method, *arguments):
        values, places = [], []
        for a in arguments:
            if a.kind == "ref":
                places.append(self.place(a.args[0], frame))
                values.append(self.load(places[-1]))
            else:
                places.append(None)
                values.append(self.value(a, frame))
        self.check_apart([p for p in places if p])
        callee, result = self.invoke(function, values)
        for p, parameter in zip(places, function.parameters):
            if p:
                self.store(p, callee.variables[parameter])
        return result

    def check_apart(self, places):
        for i, (o, key) in enumerate(places):
            if any(o is p and key == q for p, q in places[:i]):
                raise Failure("assert", "two & arguments are the same place")

    def invoke(self, function, values):
        if len(self.stack) >= DEEPEST:
            raise TooLong
        frame = Frame(function.name)
        frame.variables.update(zip(function.parameters, values))
        self.stack.append(frame)
        try:
            result = self.block(function.body, frame)
        except Leave as e:
            if e.how != "return":
                raise
            result = e.value
        except Failure as e:
            self.trace(e)
            raise
        finally:
            self.stack.pop()
        return frame, result

    def of_built(self, node, frame, name, method, *arguments):
        a = [self.value(x, frame) for x in arguments]
        return getattr(self, "built_" + name)(arguments, *a)

    def built_len(self, nodes, x):
        return len(x.content if isinstance(x, Object) else x)

    def built_type_of(self, nodes, x):
        return nodes[0].type.encode()

    def built_copy(self, nodes, x):
        if not isinstance(x, Object):
            return x
        return self.made(type(x.content)(x.content))

    def built_push(self, nodes, o, x):
        bounded(self.written(o)).append(x)

    def built_pop(self, nodes, o):
        if not o.content:
            raise Failure("index", "pop of an empty list")
        return self.written(o).pop()

    def built_insert(self, nodes, o, i, x):
        self.check(o, i, 1)
        bounded(self.written(o)).insert(i, x)

    def built_remove(self, nodes, o, i):
        self.check(o, i)
        return self.written(o).pop(i)

    def built_swap(self, nodes, o, i, j):
        self.check(o, i)
        self.check(o, j)
        c = self.written(o)
        c[i], c[j] = c[j], c[i]

    def built_reverse(self, nodes, o):
        self.written(o).reverse()

    def built_contains(self, nodes, o, x):
        return any(self.comparer.equal(y, x, nodes[1].type)
                   for y in o.content)

    def built_min(self, nodes, a, b):
        return b if b < a else a

    def built_max(self, nodes, a, b):
        return b if b > a else a

    def built_abs(self, nodes, a):
        if nodes[0].type == "int":
            return wrap(abs(a))
        return abs(a)

    def built_chr(self, nodes, n):
        return code_point(n)

    def built_chars(self, nodes, s):
        return self.made([ord(c) for c in s.decode()])
