"""Makes a program of reversible functions smaller.

What shrink.py does to statements and expressions, and: a parameter goes with
its arguments, a `local` with its `delocal` as the one node that they are.
"""
from rev_tree import REVERSIBLE
from shrink import Shrinker, all_blocks
from tree import STATEMENTS, Node


def calls_of(nodes, function):
    """Every call of the function below these nodes."""
    for n in nodes:
        if n.kind == "call" and n.args[0] is function:
            yield n
        for a in n.args:
            if isinstance(a, list):
                yield from calls_of(a, function)
            elif isinstance(a, Node):
                yield from calls_of([a], function)


class RevShrinker(Shrinker):
    statements = STATEMENTS | REVERSIBLE

    def run(self):
        changed = True
        while changed and self.left > 0:
            self.rounds()
            changed = self.parameters()
        return self.program

    def rounds(self):
        super().run()

    def parameters(self):
        """Drops parameters and what is given for them."""
        changed = False
        for f in self.program.functions[:-1]:
            for k in range(len(f.parameters) - 1, -1, -1):
                changed |= self.without_parameter(f, k)
        return changed

    def without_parameter(self, f, k):
        calls = [c for b in list(all_blocks(self.program))
                 for c in {id(c): c for c in calls_of(b, f)}.values()]
        calls = list({id(c): c for c in calls}.values())
        gone = f.parameters.pop(k)
        args = [c.args.pop(k + 2) for c in calls]
        if self.helps():
            return True
        f.parameters.insert(k, gone)
        for c, a in zip(calls, args):
            c.args.insert(k + 2, a)
        return False


def rev_shrink(program, still, tries=1500):
    """program, made smaller in place."""
    return RevShrinker(program, still, tries).run()
