"""The rules of the house, checked on every source and object file.

tests/layers.def says which room may include which.  The other rules: no
include cycles, memory only from runtime/mem, output and exit only in
drivers, no setjmp, no file of more than 1,200 lines, no mutable variable of
file scope.
"""
import os
import re

from common import read, run, verdict

ROOTS = ("runtime", "ir", "frontend", "backend", "tests")
SOURCES = (".c", ".h", ".re", ".y", ".def")
LINES = 1200

MEMORY = ("malloc calloc realloc reallocarray free strdup strndup asprintf "
          "vasprintf aligned_alloc posix_memalign getline getdelim "
          "open_memstream").split()
OUTPUT = ("printf fprintf vprintf vfprintf puts fputs putchar putc fputc "
          "perror exit _exit abort quick_exit").split()
JUMPS = "setjmp longjmp sigsetjmp siglongjmp".split()


# ---- rooms ----------------------------------------------------------------------

def rules():
    """({room: allowed rooms}, {library header: rooms that may use it})"""
    rooms, libraries = {}, {}
    for line in read("tests/layers.def").splitlines():
        line = line.split("#")[0].strip()
        if not line:
            continue
        name, _, allowed = line.partition(":")
        into = libraries if name.startswith("<") else rooms
        into[name.strip("<> ")] = set(allowed.split())
    return rooms, libraries


def room_of(path, rooms):
    parts = path.split("/")[:-1]
    while parts:
        if "/".join(parts) in rooms:
            return "/".join(parts)
        parts.pop()
    return None


def sources():
    for root in ROOTS:
        for directory, _, names in os.walk(root):
            for name in sorted(names):
                if name.endswith(SOURCES):
                    yield os.path.join(directory, name)


COMMENT_OR_TEXT = re.compile(
    r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|' r"'(?:\\.|[^'\\\n])*'", re.S)


def code_of(text):
    """The text without comments and literals; lines stay where they are."""
    return COMMENT_OR_TEXT.sub(lambda m: "\n" * m.group().count("\n") or " ",
                               text)


INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def generated(path):
    """Whether a header is made from a grammar of its name."""
    return path.endswith(".h") and os.path.exists(path[:-2] + ".y")


def check_include(path, quote, header, rooms, libraries):
    room = room_of(path, rooms)
    if room is None:
        return [f"  {path}: no room of layers.def"]
    if quote == "<":
        allowed = libraries.get(header)
        if allowed is None or room in allowed:
            return []
        return [f"  {path}: {room} may not use <{header}>"]
    if not os.path.exists(header) and not generated(header):
        return [f'  {path}: "{header}" is not a path from the root']
    other = room_of(header, rooms)
    if other == room or "*" in rooms[room] or other in rooms[room]:
        return []
    return [f"  {path}: {room} may not include {header}"]


def includes():
    rooms, libraries = rules()
    problems = []
    for path in sources():
        for quote, header in INCLUDE.findall(read(path)):
            problems += check_include(path, quote, header, rooms, libraries)
    return problems


def cycles():
    """No header includes itself, over however many others."""
    graph = {p: [h for q, h in INCLUDE.findall(read(p)) if q == '"']
             for p in sources()}
    state, problems = {}, []

    def visit(path, trail):
        if state.get(path) == "done" or path not in graph:
            return
        if path in trail:
            problems.append("  " + " -> ".join([*trail, path]))
            return
        for header in graph[path]:
            visit(header, [*trail, path])
        state[path] = "done"

    for path in graph:
        visit(path, [])
    return problems


# ---- words ----------------------------------------------------------------------

def uses(words, allowed):
    """Where one of the words is called outside the allowed rooms."""
    pattern = re.compile(r"(?<![\w.>])(" + "|".join(words) + r")\s*\(")
    problems = []
    for path in sources():
        if path.startswith(allowed) or path.endswith(".def"):
            continue
        for number, line in enumerate(code_of(read(path)).split("\n"), 1):
            found = pattern.search(line)
            if found:
                problems.append(f"  {path}:{number}: {found.group(1)}")
    return problems


def long_files():
    return [f"  {path}: {n} lines" for path in sources()
            if (n := read(path).count("\n")) > LINES]


# ---- objects --------------------------------------------------------------------

def objects(ctx):
    for directory, _, names in os.walk(os.path.join(ctx.build, "obj")):
        inside = os.path.relpath(directory, os.path.join(ctx.build, "obj"))
        if "driver" in inside or inside.startswith("tests"):
            continue
        for name in sorted(names):
            if name.endswith(".o"):
                yield os.path.join(directory, name)


VARIABLE = re.compile(r"\sO\s+(\.(?:data|bss|tdata|tbss)\S*|\*COM\*)\s+\S+"
                      r"\s+(?:\.hidden\s+)?(\S+)$")


def mutable_state(ctx):
    """Objects hold no writable variable; constants with pointers in them
    are relocated once, in .data.rel.ro."""
    problems = []
    for path in objects(ctx):
        ran = run(ctx, ["objdump", "-t", path])
        if ran.status != 0:
            problems.append("  objdump: " + ran.err.strip())
        for line in ran.out.splitlines():
            found = VARIABLE.search(line)
            if found and not found.group(1).startswith(".data.rel.ro"):
                problems.append(f"  {path}: {found.group(2)}")
    return problems


def cases(ctx):
    rules_of_the_house = {
        "rooms include downward only": includes,
        "no include cycles": cycles,
        "memory comes from runtime/mem":
            lambda: uses(MEMORY, ("runtime/mem", "tests")),
        "only drivers print or exit":
            lambda: uses(OUTPUT, ("runtime/driver", "frontend/driver",
                                  "tests")),
        "no setjmp": lambda: uses(JUMPS, ("tests",)),
        "no file over 1,200 lines": long_files,
    }
    if ctx.plain:
        rules_of_the_house["no mutable file-scope state"] = \
            lambda: mutable_state(ctx)
    for name, rule in rules_of_the_house.items():
        yield name, lambda rule=rule: verdict(rule())
