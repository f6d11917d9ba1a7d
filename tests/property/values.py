"""Values of the model, how they print, compare and convert.

ints, bytes, floats and bools are Python's, a str is UTF-8 in `bytes`; lists
and structs are Objects.  Nothing here knows of scopes or of trees.
"""
import math
import re


class Object:
    """A list (content: a list) or struct (content: a dict by field)."""
    __slots__ = ("content", "birth")

    def __init__(self, content, birth):
        self.content, self.birth = content, birth


class Failure(Exception):
    """An error of the program; it is also the value of `undo e`.  A message
    of None is one that the model does not know."""

    def __init__(self, kind, message):
        super().__init__(kind, message)
        self.kind, self.message, self.trace = kind, message, ()


class TooLong(Exception):
    """The program takes more steps, or makes more text, than is useful."""


class Unmodelled(Exception):
    """The program came to something that the model does not know."""


LONGEST = 4000    # of a str, of a list


def bounded(sized):
    if len(sized) > LONGEST:
        raise TooLong
    return sized


def wrap(n):
    return ((n + (1 << 63)) & ((1 << 64) - 1)) - (1 << 63)


# ---- arithmetic ------------------------------------------------------------

def truncated(a, b):
    q = abs(a) // abs(b)
    return -q if (a < 0) != (b < 0) else q


def divided(op, a, b):
    if b == 0:
        raise Failure("divide", "division by zero" if op == "/" else
                      "remainder of a division by zero")
    q = truncated(a, b)
    return q if op == "/" else a - q * b


def float_divided(a, b):
    if b != 0:
        return a / b
    if a == 0 or a != a:
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1, b)


def remainder(a, b):
    if b == 0 or math.isinf(a):
        return math.nan
    return math.fmod(a, b)


def whole(op, a, b, width):
    """An operator on integers of so many bits; the caller wraps."""
    mask = (1 << width) - 1
    k = b & (width - 1)
    if op in "/%":
        return divided(op, a, b)
    if op == "<<<":
        return (a & mask) << k | (a & mask) >> (width - k)
    if op == ">>>":
        return (a & mask) >> k | (a & mask) << (width - k)
    return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b,
            "&": lambda: a & b, "|": lambda: a | b, "^": lambda: a ^ b,
            "<<": lambda: a << k, ">>": lambda: a >> k}[op]()


def operate(op, type_, a, b):
    if type_ == "int":
        return wrap(whole(op, a, b, 64))
    if type_ == "byte":
        return whole(op, a, b, 8) & 255
    if type_ == "str":
        return bounded(a + b)
    if type_ == "bool":
        return {"^": a != b, "&": a and b, "|": a or b}[op]
    return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b,
            "/": lambda: float_divided(a, b),
            "%": lambda: remainder(a, b)}[op]()


# ---- text ------------------------------------------------------------------

SHOWN = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r",
         "\0": "\\0"}


def in_quotes(raw):
    shown = (SHOWN.get(c) or (f"\\u{{{ord(c):x}}}" if c < " " else c)
             for c in raw.decode())
    return '"' + "".join(shown) + '"'


class Printer:
    """Text of values; structs by name."""

    def __init__(self, structs):
        self.structs = structs
        self.open = []     # the objects that are being printed
        self.left = 0

    def text(self, value, type_):
        self.left = LONGEST
        self.open = []
        if type_ == "str":
            return value.decode()
        return bounded(self.inner(value, type_))

    def inner(self, value, type_):
        self.left -= 1
        if self.left < 0:
            raise TooLong
        if type_ == "bool":
            return "true" if value else "false"
        if type_ in ("int", "byte", "float"):
            return repr(value)
        if type_ == "str":
            return in_quotes(value)
        if type_ == "Error":
            return (f'Error(kind: "{value.kind}", message: '
                    f'{in_quotes(known(value.message).encode())})')
        if any(value is o for o in self.open):
            return "..."
        self.open.append(value)
        if type_[0] == "[":
            shown = "[" + ", ".join(self.inner(v, type_[1:-1])
                                    for v in value.content) + "]"
        else:
            shown = type_ + "(" + ", ".join(
                f"{name}: {self.inner(value.content[name], t)}"
                for name, t, _ in self.structs[type_].fields) + ")"
        self.open.pop()
        return shown


def known(message):
    if message is None:
        raise Unmodelled
    return message


FORM = re.compile(r"([<>^])?(0)?(\d+)?(?:\.(\d+))?(e|#?[xbo])?$")


def formatted(value, type_, spec, plain):
    """{value:spec}; plain is the text without a specifier."""
    align, zero, width, precision, form = FORM.match(spec).groups()
    sign, body = "", plain
    if type_ in ("int", "byte") and form:
        sign = "-" if value < 0 else ""
        sign += "0" + form[1] if form[0] == "#" else ""
        body = format(abs(value), form[-1])
    elif type_ == "float" and (form or precision):
        body = f"%.{precision or 6}{form or 'f'}" % value
    elif precision:
        body = plain[:int(precision)]
    if not form and type_ in ("int", "byte", "float") or form == "e":
        if body[0] == "-":
            sign, body = "-", body[1:]
    room = int(width or 0) - len(sign) - len(body)
    if room <= 0:
        return sign + body
    if zero and type_ in ("int", "byte", "float") and body[0] not in "in":
        return sign + "0" * room + body
    if align == "^":
        return " " * (room // 2) + sign + body + " " * (room - room // 2)
    right = (align or (">" if type_ in ("int", "byte", "float") else "<"))
    if right == ">":
        return " " * room + sign + body
    return sign + body + " " * room


# ---- equality --------------------------------------------------------------

class Comparer:
    """Equality by content: identity first, and a pair of objects that is
    met again while it is being compared counts as equal."""

    def __init__(self, structs):
        self.structs = structs

    def equal(self, a, b, type_):
        self.assumed = set()
        return self.same(a, b, type_)

    def same(self, a, b, type_):
        if not isinstance(a, Object):
            return a == b
        if a is b or (id(a), id(b)) in self.assumed:
            return True
        self.assumed.add((id(a), id(b)))
        if type_[0] == "[":
            return len(a.content) == len(b.content) and all(
                self.same(x, y, type_[1:-1])
                for x, y in zip(a.content, b.content))
        return all(self.same(a.content[name], b.content[name], t)
                   for name, t, _ in self.structs[type_].fields)


# ---- conversions -----------------------------------------------------------

INT = re.compile(rb"[+-]?[0-9]+$")
FLOAT = re.compile(rb"[+-]?([0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?|inf|nan)$")


def no_number(raw, what):
    shown = raw
    if len(raw) > 40:
        shown = raw[:40]
        shown = shown.decode("utf-8", "ignore").encode() + b"..."
    if b"\0" in shown:
        raise Failure("convert", None)
    raise Failure("convert", f'"{shown.decode()}" is not {what}')


def int_of(raw, low, high, what):
    if INT.match(raw) and b"\n" not in raw and low <= int(raw) <= high:
        return int(raw)
    no_number(raw, what)


def float_of(raw):
    if FLOAT.match(raw) and b"\n" not in raw:
        value = float(raw)
        if not math.isinf(value) or b"i" in raw:
            return value
    elif b"." in raw and re.match(rb"[-+.0-9eE]+$", raw):
        raise Unmodelled
    no_number(raw, "a float")


def converted(value, source, target, text):
    """target(value); text makes the text of a value."""
    if target == "str":
        return bounded(text(value, source).encode())
    if source == "str":
        if target == "int":
            return int_of(value, -1 << 63, (1 << 63) - 1, "an int")
        if target == "byte":
            return int_of(value, 0, 255, "a byte")
        if target == "float":
            return float_of(value)
        if value in (b"true", b"false"):
            return value == b"true"
        no_number(value, "a bool")
    if target == "float":
        return float(value)
    if target == "bool":
        return value
    if source == "float":
        if not -2.0**63 <= value < 2.0**63:
            raise Failure("convert", f"{value!r} is out of the range of int")
        return int(value)
    if target == "byte" and not 0 <= value <= 255:
        raise Failure("convert", f"{value} is out of the range of byte")
    return int(value)


def code_point(n):
    if not 0 <= n < 0x110000 or 0xD800 <= n < 0xE000:
        raise Failure("convert", f"{n} is not a code point")
    return chr(n).encode()
