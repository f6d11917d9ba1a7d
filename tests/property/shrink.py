"""Makes a program smaller while it still shows what it shows.

Edits are made in the tree, in place, and taken back when they do not help:
statements go, blocks take the place of what holds them, expressions become
a variable's or operand's value or a plain literal.  An edit may leave a name
without its declaration; the judge finds such programs uninteresting.
"""
from tree import Node, STATEMENTS, Variable

SMALL = {"int": 1, "float": 1.5, "bool": True, "byte": 1, "str": b"a"}


def blocks(nodes):
    """Every list of statements below these nodes, the outer ones first."""
    for n in nodes:
        for a in n.args:
            if isinstance(a, list):
                yield a
                yield from blocks(a)
            elif isinstance(a, Node):
                yield from blocks([a])


def all_blocks(program):
    yield program.globals
    for f in program.functions:
        yield f.body
        yield from blocks(f.body)


def slots(nodes):
    """(node, i) for every operand that is an expression."""
    for n in nodes:
        for i, a in enumerate(n.args):
            if isinstance(a, list):
                yield from slots(a)
            elif isinstance(a, Node):
                yield n, i
                yield from slots([a])


def below(node, type_):
    """Expressions of the type inside a node, nearest first."""
    for a in node.args:
        if isinstance(a, list):
            for n in a:
                yield from below(n, type_)
        elif isinstance(a, Node):
            if a.type == type_ and a.kind not in ("ref", "part"):
                yield a
            yield from below(a, type_)


class Shrinker:
    statements = STATEMENTS

    def __init__(self, program, still, tries):
        self.program, self.still, self.left = program, still, tries

    def helps(self):
        self.left -= 1
        return self.left >= 0 and self.still(self.program)

    def cut(self, items):
        """Removes ever smaller runs of a list's items."""
        size, changed = max(1, len(items) // 2), False
        while size and self.left > 0:
            i = 0
            while i < len(items) and self.left > 0:
                taken = items[i:i + size]
                del items[i:i + size]
                if self.helps():
                    changed = True
                else:
                    items[i:i] = taken
                    i += size
            size //= 2
        return changed

    def splice(self, block):
        """Puts what a statement holds in its place."""
        changed = False
        for i in range(len(block) - 1, -1, -1):
            node = block[i]
            inner = [a for a in node.args if isinstance(a, list)]
            if node.kind not in self.statements or not inner:
                continue
            for body in inner:
                block[i:i + 1] = body
                if self.helps():
                    changed = True
                    break
                block[i:i + len(body)] = [node]
        return changed

    def simpler(self, node):
        """What may stand for an expression."""
        if node.type in SMALL and not (
                node.kind == "lit" and node.args[0] == SMALL[node.type]):
            yield Node("lit", node.type, SMALL[node.type], False)
        if node.kind not in ("lit", "name") and node.type:
            yield from list(below(node, node.type))[:6]
        if node.type and node.type[0] == "[" and not (
                node.kind in ("list", "name") and len(node.args) <= 1):
            inner = list(below(node, node.type[1:-1]))[:1]
            if inner:
                yield Node("list", node.type, *inner)

    def replace(self):
        changed = False
        for f in self.program.functions:
            for holder, i in list(slots(f.body)):
                if i >= len(holder.args) or holder.kind == "ref":
                    continue
                old = holder.args[i]
                if not isinstance(old, Node) or old.kind in ("ref", "part"):
                    continue
                for new in self.simpler(old):
                    holder.args[i] = new
                    if self.helps():
                        changed = True
                        break
                    holder.args[i] = old
        return changed

    def fewer_operands(self):
        """Drops arguments of print and parts of a text."""
        changed = False
        for block in list(all_blocks(self.program)):
            for n in block:
                if n.kind == "print" and len(n.args) > 1:
                    changed |= self.cut(n.args)
        return changed

    def run(self):
        changed = True
        while changed and self.left > 0:
            changed = False
            if len(self.program.functions) > 1:
                main = self.program.functions.pop()
                changed |= self.cut_before(main)
            for block in list(all_blocks(self.program)):
                changed |= self.cut(block)
                changed |= self.splice(block)
            changed |= self.fewer_operands()
            changed |= self.replace()
        return self.program

    def cut_before(self, main):
        """Removes functions other than main, which stays the last."""
        functions = self.program.functions
        functions.append(main)
        changed = False
        for i in range(len(functions) - 2, -1, -1):
            gone = functions.pop(i)
            if self.helps():
                changed = True
            else:
                functions.insert(i, gone)
        return changed


def variables(nodes):
    """The Variables that these nodes declare or use."""
    for n in nodes:
        for a in n.args:
            if isinstance(a, Variable):
                yield a
            elif isinstance(a, list):
                yield from variables(a)
            elif isinstance(a, Node):
                yield from variables([a])


def unhide(program, still):
    """Gives variables that share a name names of their own, since an edit
    could make a name mean another one."""
    names = {v.name for v in variables(program.globals)}
    renamed = []
    for f in program.functions:
        seen, used = set(), set(names)
        for v in f.parameters + list(variables(f.body)):
            if v in seen or v.is_global:
                continue
            seen.add(v)
            if v.name in used:
                renamed.append((v, v.name))
                v.name = f"{v.name}_{len(renamed)}"
            used.add(v.name)
    if not still(program):
        for v, name in renamed:
            v.name = name


def shrink(program, still, tries=1500):
    """program, made smaller in place; still(program) says whether it is
    worth keeping."""
    unhide(program, still)
    return Shrinker(program, still, tries).run()
