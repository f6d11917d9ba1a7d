"""What every program of sums_generate.py begins with, and its module."""

# What prints in full is kept small by `short`, `few`, `twin` and `grown_tree`:
# else a loop that doubles would have no bound.
HEAD = """\
import "sums_lib" as lib
import random

enum Dir { North, East, South }
enum Shape {
    Dot, Line(n: int), Box(w: float, name: str?)
    Nest(of: Shape?, at: (int, Dir))
}
enum Res[T] { Good(v: T), Bad(why: str, code: byte) }
enum Tree[T] { Leaf, Node(left: Tree[T], value: T, right: Tree[T]) }
struct Cell[T] { var v: T, n: int }
struct Pair[A, B] { var a: A, var b: B }
struct Walk[T] { items: [T], var at: int }
struct Ring { var n: int, var name: str, var next: Ring? }
struct Act { var f: fn(int) -> int, var n: int }
struct Rec {
    var a: int?, var b: Dir?, var c: Shape?
    var d: (int, str?), var e: [int?], var t: str
}

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
fn attempt[T](f: fn() -> T, other: T) -> T {
    try { «+ a1 try»; let r = f(); «- a1»; r } undo e { «! a1»; other }
}
fn what_if[T](f: fn() -> T) -> T {
    let r = undo { «+ w1 undo»; f() }
    «- w1»
    r
}
fn made_kept[T](f: fn() -> T) -> T {
    let r = undo { «+ k1 undo»; let r = f(); «k k1»; keep; r }
    «- k1»
    r
}

fn next[T](w: Walk[T]) -> T? {
    if w.at >= w.items.len { return none }
    w.at += 1
    w.items[w.at - 1]
}
fn walk[T](xs: [T]) -> Walk[T] = Walk(copy(xs), 0)

fn ring_len(r: Ring) -> int {
    var at = r
    for n in 1..20 {
        at = at.next ?? return n
        if at is r { return n }
    }
    20
}
fn twin(r: Ring) -> Ring = if ring_len(r) < 6 { clone(r) } else { r }
fn linked(r: Ring, next: Ring) -> Ring {
    if ring_len(next) < 6 { r.next = next }
    r
}

fn tree_size[T](t: Tree[T]) -> int = match t {
    Leaf => 0
    Node(l, _, r) => 1 + tree_size(l) + tree_size(r)
}
fn grown_tree[T](l: Tree[T], x: T, r: Tree[T]) -> Tree[T] =
    if tree_size(l) + tree_size(r) < 8 { Node(l, x, r) }
    else { Node(Leaf, x, Leaf) }
fn leftmost[T](t: Tree[T], other: T) -> T = match t {
    Node(Leaf, x, _) => x
    Node(Node(l, x, _), _, _) => leftmost(l, x)
    Leaf => other
}

fn long(n: int) -> str {
    var s = "<"
    for i in 0..n { s += "{i} é" }
    s
}
fn short(s: str) -> str = if s.len > 1600 { "{s.len} bytes" } else { s }
fn few[T](xs: [T]) -> [T] = xs.take(8)
fn same(before: str, now: str) {
    if before == now { return }
    eprint("{before} is now {now}")
    fail "changed"
}
fn same_value[T](before: T, now: T) {
    if before == now and hash(before) == hash(now) { return }
    eprint("{before} is now {now}, another")
    fail "changed"
}
fn turned[K, V](m: [K: V]) -> [K: V] {
    let out: [K: V] = [:]
    for k in m.keys().reversed() { out[k] = m[k] }
    out
}
fn peek() -> int = undo { random.int(0, 1000) }

rev fn stir(xs: [int], mut n: int) {
    for i in 0..xs.len { xs[i] += n; n += i + 1 }
    xs.reverse()
    n <<<= 3
}

var g1: int? = 3
var g2: Shape = Dot
var g3: (Dir?, str) = (none, "g")
var g4: any = "g"
var g5: str = long(80)
let g6: [str: [int]] = ["a": [1], "b": []]
let g7: [(int, str?)] = [(2, none), (1, "b"), (2, "a")]
let g8: Ring = Ring(8, "g", none)
let g9: Act = Act(fn(x) = x + 1, 9)
var g10: Tree[int] = Node(Leaf, 1, Leaf)
var g11: Pair[[str], any] = Pair(["p"], 1.5)
let g12: [fn(int) -> int] = [fn(x) = x * 2, fn(x: int) -> int { g1 = x; x }]
var g13: Error? = none
let g14: [int] = [5, 6, 7]
let g15: [str] = ["a", long(50)]
let g16: [str: str] = ["a": long(20), "": "x"]
let g17: [(int, str)] = [(3, "b"), (1, "a")]
"""
GLOBALS = [
    ("g1", ("option", "int"), True), ("g2", "Shape", True),
    ("g3", ("tuple", ("option", "Dir"), "str"), True), ("g4", "any", True),
    ("g5", "str", True), ("g6", ("map", "str", ("list", "int")), False),
    ("g7", ("list", ("tuple", "int", ("option", "str"))), False),
    ("g8", "Ring", False), ("g9", "Act", False),
    ("g10", ("Tree", "int"), True),
    ("g11", ("Pair", ("list", "str"), "any"), True),
    ("g12", ("list", ("fn", "int", "int")), False),
    ("g13", ("option", "Error"), True), ("g14", ("list", "int"), False),
    ("g15", ("list", "str"), False), ("g16", ("map", "str", "str"), False),
    ("g17", ("list", ("tuple", "int", "str")), False),
    ("lib.calls", "int", True), ("lib.log", "str", True),
    ("lib.last", ("option", ("lib.Mood", "int")), True)]

# The module lies beside the programs as sums_lib.pal.
LIB = """\
// What the random programs of tests/property/sums.py import.

pub var calls = 0
pub var log = ""
pub var last: Mood[int]? = none

pub struct Down { var n: int, step: int }
pub struct Stack[T] { items: [T], var pushed: int, var seen: fn(T) -> int }
pub enum Mood[T] { Calm, Wild(of: T, by: Mood[T]?) }

pub fn next(d: Down) -> int? {
    calls += 1
    if d.n <= 0 { return none }
    d.n -= d.step
    d.n
}

pub fn stack[T](seen: fn(T) -> int) -> Stack[T] = Stack([], 0, seen)

pub fn push[T](s: Stack[T], x: T) -> int {
    s.pushed += 1
    if s.items.len < 6 { s.items.push(x) }
    s.seen(x)
}

pub fn pop[T](s: Stack[T]) -> T? {
    if s.items.len == 0 { none } else { s.items.pop() }
}

pub fn note(text: str) -> int {
    calls += 1
    if log.len < 1200 { log += text }
    last = Wild(log.len, none)
    log.len
}

pub fn mood[T](m: Mood[T], other: T) -> T = match m {
    Wild(_, Wild(x, _)) => x
    Wild(x, _) if calls % 2 == 0 => x
    _ => other
}

pub fn tried[T](f: fn() -> T) -> (T?, str) {
    try { (f(), "fine") } undo e { (none, e.kind) }
}

pub fn seldom[T](f: fn() -> T, other: T) -> T {
    undo {
        let x = f()
        if note("s") % 3 == 0 { keep; return x }
        calls += 100
    }
    other
}
"""
