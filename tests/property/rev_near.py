"""Which memory a function touches in its parameters' own objects: the items
of a list that it takes, the fields of a struct, by that parameter's name.  A
place in such an object cannot be lent to it beside.
"""
from rev_expressions import kind_of_place, parts_of

REARRANGE = ("swap", "reverse", "copy")


def touched_by(node):
    """(an expression for an object, kind) of what a node touches in it."""
    k, a = node.kind, node.args
    if k in ("index", "field"):
        yield a[0], kind_of_place(node)
    elif k == "each":
        yield a[2], a[2].type
    elif k == "move":
        yield a[1], a[1].type
    elif k == "built" and a[0] in REARRANGE:
        yield a[2], a[2].type


class Near:
    def __init__(self, functions):
        self.kinds = {f: {p: set() for p in f.parameters if not p.mutable}
                      for f in functions}
        while any([self.grows(f) for f in functions]):
            pass

    def grows(self, f):
        own, more = self.kinds[f], False
        for n in (n for s in f.body for n in parts_of(s)):
            found = list(touched_by(n))
            if n.kind == "call":
                found += [(a, kind) for a, p in zip(
                              n.args[2:], n.args[0].parameters)
                          for kind in self.kinds[n.args[0]].get(p, ())]
            for o, kind in found:
                kinds = own.get(o.args[0]) if o.kind == "name" else None
                if kinds is not None and kind not in kinds:
                    kinds.add(kind)
                    more = True
        return more
