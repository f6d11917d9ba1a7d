"""docs/reference/grammar.md: frontend/parser.y as people read it.

Actions, precedence marks, rules of recovery and lists that only lemon needs
go; left recursion becomes { … }, an alternative that may be empty [ … ].
"""
import re
from textwrap import wrap

from common import read

PARSER, TOKENS = "frontend/parser.y", "frontend/tokens.def"

# What the grammar calls shortly.
NAMES = {
    "arg": "argument", "args": "arguments", "decl": "declaration",
    "expr": "expression", "exprs": "expressions", "ftypes": "parameter_types",
    "ftype": "parameter_type", "ifx": "if_expression", "param": "parameter",
    "params": "parameters", "parg": "pattern_argument",
    "pargs": "pattern_arguments", "pat": "simple_pattern",
    "pfield": "payload_field", "piece": "interpolation", "plain": "STRING",
    "post": "postfix", "prim": "primary", "rif": "reversible_if",
    "cond": "condition", "stmt": "statement",
    "tparam": "NAME", "tparams": "type_parameters", "word": "constant",
}
# Rules that are read best where they are used.
INLINE = re.compile(r".*(1|_opt)$|sep$|middle$|annot$|result$|begin$|pieces$|"
                    r"decls$|stmts$|fields$|variants$|arms$|plain$|tparam$")
TERMINALS = {
    "NAME": "NAME", "INT": "INT", "FLOAT": "FLOAT", "INDEX": "DIGITS",
    "STR": "STRING", "STR_HEAD": "TEXT_BEGIN", "STR_MID": "TEXT_MIDDLE",
    "STR_TAIL": "TEXT_END", "FMT": "FORMAT", "SEMI": "END",
    "OPASSIGN": "UPDATE",
}
MEANINGS = [
    ("NAME", "a name; after `.` and `fn` any word is one"),
    ("INT", "`42`, `0xff`, `0b101`, `0o17`, `'a'`"),
    ("FLOAT", "`1.5`, `2e-3`"),
    ("DIGITS", "the number of a tuple's item"),
    ("STRING", "`\"text\"`, `\"\"\"text\"\"\"` or `r\"text\"` without an "
               "expression in it"),
    ("TEXT_BEGIN", "`\"text{`, or with `\"\"\"`"),
    ("TEXT_MIDDLE", "`}text{`"),
    ("TEXT_END", "`}text\"`, or with `\"\"\"`"),
    ("FORMAT", "`:` and the format of an [interpolation]"
               "(language.md#interpolation)"),
    ("UPDATE", "`+= -= *= /= %= &= |= ^= <<= >>= <<<= >>>=`"),
    ("END", "a `;`, or a newline that [ends a statement](language.md#text)"),
]


# ---- reading parser.y --------------------------------------------------------

def token_texts():
    """{token: as people write it}"""
    found = re.findall(r'^TOKEN\((\w+),\s*"((?:[^"\\]|\\.)*)"', read(TOKENS),
                       re.M)
    texts = {name: f'"{text.strip("`")}"' for name, text in found}
    return {**texts, **TERMINALS}


def without_braces(text):
    """Actions and C code are what stands in braces."""
    kept, depth = [], 0
    for c in text:
        depth += c == "{"
        if not depth:
            kept.append(c)
        depth -= c == "}"
    return "".join(kept)


RULE = re.compile(r"(\w+)(?:\(\w\))?\s*::=([^.]*)\.")
SECTION = re.compile(r"// ---- (.*)")


def read_rules():
    """[(section, {rule: [alternative, …]}), …]; an alternative is a list of
    symbols, a symbol is a name, or names with bars between."""
    text = without_braces(read(PARSER))
    text = re.sub(r"// The checker reports.*\n.*::=.*", "", text)
    sections = [("files", {})]
    for line in re.split(r"\n(?=\w+(?:\(\w\))?\s*::=|// ----)", text):
        title, rule = SECTION.match(line), RULE.match(line)
        if title:
            sections.append((title.group(1), {}))
        elif rule:
            symbols = re.sub(r"\(\w\)", "", rule.group(2)).split()
            if "error" not in symbols:
                sections[-1][1].setdefault(rule.group(1), []).append(symbols)
    return sections


def precedences():
    """[(side, [token, …]), …], loosest first."""
    found = re.findall(r"^%(left|right|nonassoc) ([A-Z_ ]+)\.", read(PARSER),
                       re.M)
    return [(side, tokens.split()) for side, tokens in found]


# ---- making it readable ------------------------------------------------------
#
# An alternative is a list of texts; each is complete, so that they can stand
# side by side.

def bare(alternatives):
    return " | ".join(" ".join(a) for a in alternatives)


def joined(alternatives):
    """Alternatives inside an alternative."""
    text = bare(alternatives)
    return text if len(alternatives) == 1 else f"({text})"


def inserted(short, long):
    """The alternative that takes both, where one is the other with something
    put in; else None."""
    if len(short) >= len(long) or not short:
        return None
    for at in range(len(short), -1, -1):
        rest = len(short) - at
        if long[:at] == short[:at] and (not rest or
                                        long[-rest:] == short[at:]):
            inside = " ".join(long[at:len(long) - rest])
            return long[:at] + [f"[{inside}]"] + short[at:]
    return None


def replaced(a, b):
    """The alternative that takes both, where they differ in one symbol of
    three or more; else None."""
    differ = [i for i, (x, y) in enumerate(zip(a, b)) if x != y]
    if len(a) != len(b) or len(a) < 3 or len(differ) != 1:
        return None
    i = differ[0]
    if "[" in a[i][:1] + b[i][:1]:
        return None
    first = a[i][1:-1] if a[i][0] == "(" else a[i]
    return a[:i] + [f"({first} | {b[i]})"] + a[i + 1:]


def merged(alternatives):
    """Neighbours that differ little, as one."""
    found = []
    for a in alternatives:
        for both in (inserted, replaced):
            one = found and both(found[-1], a)
            if one:
                found[-1] = one
                break
        else:
            found.append(a)
    return found


class Grammar:
    def __init__(self):
        self.sections = read_rules()
        self.texts = token_texts()
        self.rules = {n: r for _, rules in self.sections
                      for n, r in rules.items()}
        self.done = {}

    def symbol(self, s):
        """The texts of a symbol: a token's, a rule's name, or its body."""
        if "|" in s:
            return ["(" + " | ".join(self.texts[t] for t in s.split("|")) + ")"]
        if s in self.texts and s.isupper():
            return [self.texts[s]]
        if not INLINE.match(s):
            return [NAMES.get(s, s)]
        body = self.body(s)
        if not body:
            return []
        return body[0] if len(body) == 1 else [joined(body)]

    def alternative(self, symbols):
        return [text for s in symbols for text in self.symbol(s)]

    def body(self, name):
        """The alternatives of a rule, readable."""
        if name not in self.done:
            rules = self.rules[name]
            again = [r[1:] for r in rules if r[:1] == [name]]
            first = [r for r in rules if r and r[0] != name]
            found = merged([self.alternative(r) for r in first])
            more = merged([self.alternative(r) for r in again])
            if more and len(found) > 1:
                found += [[NAMES.get(name, name)] + m for m in more]
            elif more:
                found = [found[0] + ["{" + bare(more) + "}"]]
            if [] in rules and found:
                found = [["[" + bare(found) + "]"]]
            self.done[name] = found
        return self.done[name]

    def expression(self):
        """The rule of expressions: operators have a table of their own."""
        found = [["expression", "OPERATOR", "expression"]]
        for r in self.rules["expr"]:
            if len(r) == 3 and r[0] == r[2] == "expr":
                continue
            found.append(self.alternative(r))
        return merged(found)

    def operators(self):
        """[(text of the operators, how they group), …], loosest first."""
        binary, prefix = set(), set()
        for r in self.rules["expr"]:
            if len(r) == 3 and r[0] == r[2] == "expr":
                binary |= set(r[1].split("|"))
            elif r in (["NOT", "expr"], ["TILDE", "expr"]):
                prefix.add(r[0])
        sides = {"left": "from the left", "right": "from the right",
                 "nonassoc": "not at all"}
        found = []
        for side, tokens in precedences():
            texts = [self.texts[t].strip('"') for t in tokens if t in binary]
            if texts:
                found.append((texts, sides[side]))
            elif prefix & set(tokens):
                texts = ["not"] if "NOT" in tokens else ["-", "~"]
                found.append((texts, "before their operand"))
        return found


# ---- the page ----------------------------------------------------------------

def lines_of(name, alternatives):
    """A rule as lines; an alternative that is too long goes on further in."""
    yield name + " ="
    sign = "      "
    for a in alternatives:
        yield from wrap(" ".join(a), 78, initial_indent=sign,
                        subsequent_indent=" " * 10, break_long_words=False,
                        break_on_hyphens=False)
        sign = "    | "


def body():
    g = Grammar()
    out = ["## Notation", "",
           "`[ ]` may be left out, `{ }` comes any number of times, `|` separates "
           "what may", "stand for each other; text in quotes stands for itself. "
           "Names in capitals are", ""]
    out += ["| | |", "| --- | --- |"]
    out += [f"| `{name}` | " + text.replace("|", "\\|") + " |"
            for name, text in MEANINGS]
    for title, rules in g.sections:
        shown = [n for n in rules if not INLINE.match(n)]
        out += ["", f"## {title[:1].upper()}{title[1:]}", "", "```"]
        for n in shown:
            alternatives = g.expression() if n == "expr" else g.body(n)
            out += list(lines_of(NAMES.get(n, n), alternatives)) + [""]
        out[-1] = "```"
        if "expr" in rules:
            out += ["", "An OPERATOR is one of these, loosest first. What has "
                    "the same line is equally", "tight; what groups not at all "
                    "needs brackets.", "", "| operators | group |",
                    "| --- | --- |"]
            out += ["| " + " ".join(f"`{t}`".replace("|", "\\|")
                                    for t in texts) + f" | {side} |"
                    for texts, side in g.operators()]
    return out
