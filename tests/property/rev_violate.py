"""Breaks one rule of reversible code in a random program.

A violation is some lines that stand anywhere in a reversible function; the
one that ends in `HERE` must be refused with a code of the rule.  It brings
the variables that it needs, or takes those that are visible there: {x} and
{y} are ints that may be updated, {b} a byte, {t} a bool, {xs} a list, {k} a
parameter or loop variable that may not.  The other names are those of WORLD.
"""
import random

from rev_tree import braces, program_text
from tree import Node, Variable, expression

HERE = "// here"

WORLD = """
struct Bad { var n: int, var f: float, var next: [Bad] }
var bad: Bad = Bad(1, 1.5, [])
var bad_count = 1
let bad_fixed = 3
fn bad_acts(x: int) -> int { bad_count += x; return x }
fn bad_says(x: int) -> int { print(x); return x }
fn bad_leads(x: int) -> int { return bad_says(x) }
fn bad_plain(x: int) { print(x) }
fn bad_value(x: int) -> int { return x + 1 }
fn bad_list() -> [int] { return [1] }
rev fn bad_bump(mut x: int) { x += 1 }
rev fn bad_two(mut x: int, mut y: int) { x += y }
rev fn bad_add(mut x: int, k: int) { x += k }
rev fn bad_touch(mut x: int) { x += bad_count }
rev fn bad_leads_to_touch(mut x: int) { bad_touch(&x) }
rev fn bad_counts(k: int) { bad_count += k }
rev fn bad_items(xs: [int], mut x: int) { x += xs[0] }
"""

OWN = """local bad_x = 0
local bad_y = 0
local bad_b: byte = 0
local bad_t = false
local bad_xs = [1, 2, 3]
%s
delocal bad_xs = [1, 2, 3]
delocal bad_t = false
delocal bad_b: byte = 0
delocal bad_y = 0
delocal bad_x = 0"""

# (name, code, lines)
RULES = [
    ("assignment", "E0500", "{x} = 1"),
    ("assignment of itself", "E0500", "{x} = {x} + 1"),
    ("assignment of an item", "E0500", "{xs}[0] = 1"),
    ("assignment of a field", "E0500", "bad.n = 0"),
    ("reads itself", "E0501", "{x} += {x}"),
    ("reads itself", "E0501", "{x} -= 3 * {x}"),
    ("reads itself", "E0501", "{b} ^= {b} >> 1"),
    ("reads itself by a function", "E0501", "{x} -= bad_value({x})"),
    ("rotates by itself", "E0501", "{x} <<<= {x} & 7"),
    ("an item reads itself", "E0501", "{xs}[{y} & 1] -= {xs}[{y} & 1]"),
    ("a field reads itself", "E0501", "bad.n += 2 * bad.n"),
    ("an index is exchanged", "E0501", "{x} <=> {xs}[{x}]"),
    ("an index is exchanged", "E0501", "{xs}[{x} + 1] <=> {x}"),
    ("a lossy operator", "E0502", "{x} *= 2"),
    ("a lossy operator", "E0502", "{x} /= 2"),
    ("a lossy operator", "E0502", "{x} %= 7"),
    ("a lossy operator", "E0502", "{x} <<= 1"),
    ("a lossy operator", "E0502", "{b} >>= 1"),
    ("a lossy operator", "E0502", "{x} &= 15"),
    ("a lossy operator", "E0502", "{t} |= true"),
    ("a float", "E0503", "bad.f += 1.5"),
    ("a float", "E0503", "neg bad.f"),
    ("a type without it", "E0504", "{t} += true"),
    ("a type without it", "E0504", "inv {t}"),
    ("a parameter is updated", "E0505", "{k} += 1"),
    ("a parameter is exchanged", "E0505", "{x} <=> {k}"),
    ("a parameter is lent", "E0505", "bad_bump(&{k})"),
    ("a loop's variable is updated", "E0505",
     "for bad_i in 0..2 {{\n neg bad_i // here\n}}"),
    ("a fixed global is updated", "E0505", "bad_fixed ^= 1"),
    ("a local name is exchanged", "E0505", "bad_xs <=> bad.next[0].next"),
    ("let", "E0506", "let bad_z = {x}"),
    ("var", "E0506", "var bad_z = 1"),
    ("return", "E0507", "return"),
    ("break", "E0507", "for bad_i in 0..2 {{\n break // here\n}}"),
    ("continue", "E0507", "for bad_i in 0..2 {{\n continue // here\n}}"),
    ("fail", "E0507", "fail \"no\""),
    ("undo", "E0508", "undo {{ {x} += 1 }}"),
    ("try", "E0508", "try {{ {x} += 1 }} undo e {{ }}"),
    ("try in a value", "E0508", "{x} += try int(\"1\") else 0"),
    ("require", "E0508", "require {t}"),
    ("while", "E0509", "while {x} < 3 {{ {x} += 1 }}"),
    ("for over a list", "E0509", "for bad_i in {xs} {{ {x} += bad_i }}"),
    ("match", "E0510", "match {x} {{ 1 => 2, _ => 3 }}"),
    ("if without fi", "E0511", "if {y} == 0 {{ {x} += 1 }}"),
    ("if without fi", "E0511",
     "if {y} == 0 {{ {x} += 1 }} else {{ {x} += 2 }}"),
    ("a chain without a fi", "E0511", "if {y} == 0 {{ {x} += 1 }} "
     "else if {y} == 1 {{ {x} += 2 }} fi {y} == 1 else {{ {x} -= 1 }}"),
    ("a chain without a fi", "E0101", "if {y} == 0 {{ {x} += 1 }} fi {y} == 0 "
     "else if {y} == 1 {{ {x} += 2 }} else {{ {x} -= 1 }}"),
    ("an ordinary function", "E0512", "bad_plain({x})"),
    ("an ordinary function", "E0512", "{xs}.insert(0, {x})"),
    ("a value alone", "E0512", "bad_value({x})"),
    ("print", "E0513", "print({x})"),
    ("exit", "E0513", "exit(3)"),
    ("a function that acts", "E0514", "{x} += bad_acts(1)"),
    ("a function that prints", "E0514", "{x} += bad_leads(1)"),
    ("a condition that acts", "E0514",
     "if bad_acts(1) == 1 {{ {x} += 1 }} fi {y} == 0"),
    ("a value that pops", "E0514", "{x} += {xs}.pop()"),
    ("uncall of what cannot", "E0515", "uncall bad_plain({x})"),
    ("uncall of a built-in", "E0515", "uncall {xs}.reverse()"),
    ("local without delocal", "E0516", "{{\n local bad_z = 1 // here\n}}"),
    ("delocal without local", "E0517", "delocal bad_never = 1"),
    ("delocal of another block", "E0517",
     "{{ delocal bad_x = 0 // here\n}}"),
    ("delocals crossed", "E0518", "{{\nlocal bad_1 = 1\nlocal bad_2 = 2\n"
     "delocal bad_1 = 1 // here\ndelocal bad_2 = 2\n}}"),
    ("delocal names itself", "E0519",
     "{{\nlocal bad_1 = 1\ndelocal bad_1 = bad_1 // here\n}}"),
    ("an object that may be new", "E0520",
     "{{\nlocal bad_1 = bad_list() // here\ndelocal bad_1 = bad_list()\n}}"),
    ("an argument names what is lent", "E0521", "bad_add(&{x}, {x})"),
    ("an argument names what is lent", "E0521", "uncall bad_add(&{x}, 2 * {x})"),
    ("an argument names what is written", "E0521", "bad_counts(bad_count)"),
    ("an index names what is lent", "E0521", "bad_two(&{xs}[{x}], &{x})"),
    ("a bound is updated", "E0522", "for bad_i in 0..{x} {{ {x} += 1 }}"),
    ("a bound is updated", "E0522", "for bad_i in {x}..9 {{ neg {x} }}"),
    ("a bound is written", "E0522",
     "for bad_i in 0..bad_count {{ bad_counts(1) }}"),
    ("a bound is popped", "E0522", "for bad_i in 0..{x} {{ pop({xs}, &{x}) }}"),
    ("a new object is lost", "E0523", "push([1], &{x})"),
    ("a new object is lost", "E0523", "[1, 2].reverse()"),
    ("a global is lent", "E0524", "bad_touch(&bad_count)"),
    ("a global is lent", "E0524", "uncall bad_leads_to_touch(&bad_count)"),
    ("an item is lent", "E0525", "bad_items({xs}, &{xs}[0])"),
    ("fi false", "E0526", "if {y} == 0 {{ {x} += 1 }} fi false"),
    ("fi the other way", "E0526", "if {y} == 0 {{ {x} += 1 }} else "
     "{{ {x} += 2 }} fi {y} != 0"),
    ("from false", "E0526", "from 1 > 2 do {{ {x} += 1 }} until {x} == 3"),
    ("until false", "E0526", "from {x} == 0 do {{ {x} += 1 }} until false"),
    ("delocal of another value", "E0526",
     "{{\nlocal bad_1 = 1\ndelocal bad_1 = 2 // here\n}}"),
    ("push of a value", "E0527", "push({xs}, 1)"),
    ("pop of a value", "E0527", "{xs}.pop()"),
    ("a function inside", "E0528", "fn bad_inner() {{ }}"),
    ("one place lent twice", "E0235", "bad_two(&{x}, &{x})"),
    ("one item lent twice", "E0235", "bad_two(&{xs}[{y}], &{xs}[{y}])"),
]


# ---- where ---------------------------------------------------------------------

def spots(block, visible):
    """(block, place in it, what is visible there)"""
    for i in range(len(block) + 1):
        yield block, i, visible
    for n in block:
        inner = visible + [a for a in n.args if isinstance(a, Variable)]
        for a in n.args:
            if isinstance(a, list):
                yield from spots(a, inner)


def suits(v, name):
    updated = {"{x}": "int", "{y}": "int", "{b}": "byte", "{t}": "bool"}
    if name == "{k}":
        return v.type == "int" and not v.mutable
    if name == "{xs}":
        return v.type == "[int]"
    return v.mutable and v.type == updated[name]


def filled(lines, visible, r):
    """The lines with names: of what is visible, or of OWN."""
    pool, names = list(visible), {}
    r.shuffle(pool)
    for name in ("{x}", "{y}", "{b}", "{t}", "{xs}", "{k}"):
        found = [v for v in pool if suits(v, name)]
        if found and r.random() < 0.6:
            names[name[1:-1]] = found[0].name
            pool.remove(found[0])
        else:
            names[name[1:-1]] = "bad_" + name[1:-1]
    if names["k"] == "bad_k":
        lines = f"for bad_k in 0..1 {{{{\n{lines}\n}}}}"
    return lines.format(**names)


def marked(lines):
    if HERE in lines:
        return lines
    return lines + " " + HERE


def break_rule(block, i, visible, rule, r):
    name, code, lines = rule
    block.insert(i, Node("raw", None, OWN % filled(marked(lines), visible,
                                                   r)))
    return name, {code}


def drop_part(block, r):
    """A statement of the program itself loses its `fi` or `delocal`."""
    def cut(n):
        if n.kind == "rif" and n.args[3] is None:
            return "fi dropped", {"E0511"}, (
                f"if {expression(n.args[0], 0)} {{ {HERE}\n"
                f"{braces(n.args[1], 0)}\n}}")
        if n.kind == "local":
            inside = braces([Node("raw", None, "// inside")] + n.args[3], 0)
            shown = f"{n.args[0].name}: {n.args[0].type}"
            return "delocal dropped", {"E0516"}, (
                f"local {shown} = {expression(n.args[2], 0)} {HERE}\n"
                + inside[1:-1])
        return None
    found = [(i, cut(n)) for i, n in enumerate(block) if cut(n)]
    if not found:
        return None
    i, (name, codes, text) = r.choice(found)
    block[i] = Node("raw", None, "{\n" + text + "\n}"
                    if name == "delocal dropped" else text)
    return name, codes


def violate(program, seed):
    """(name of the rule, text, the line, codes); breaks the program."""
    r = random.Random(f"violation {seed}")
    places = [s for f in program.functions if f.rev
              for s in spots(f.body, f.parameters)]
    block, i, visible = r.choice(places)
    broken = drop_part(block, r) if r.random() < 0.1 else None
    if not broken:
        broken = break_rule(block, i, visible, RULES[seed % len(RULES)], r)
    text = program_text(program)
    main = text.index("\nfn main()")
    text = text[:main] + WORLD + text[main:]
    line = text[:text.index(HERE)].count("\n") + 1
    return broken[0], text, line, broken[1]
