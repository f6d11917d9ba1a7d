"""Judges a random program of reversible functions: is what the toolchain
makes of it what the model says, and can it always be taken back?

Beside the model there are rules that need none, on the output alone: a step
that failed left the state as it was, and a step that went well is taken back
by its opposite.  The inverse as text must say the same as `uncall`.
"""
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from differential import ROOM, Lab
from rev_tree import program_text

MODES = {    # name: (optimisation of the image, options of pvmr)
    "O0": ("-O0", []),
    "O2": ("-O2", []),
    "stress": ("-O2", ["--gc-stress=1", "--check-undo", "--check-tape"]),
}
SAMPLED = {"windows": ("-O2", ["--windows=1000"]),
           "cycles": ("-O2", ["--gc=nursery=64K,growth=1.1,slice=4K",
                              "--gc-stress=97", "--check-tape"]),
           "O0-stress": ("-O0", ["--gc-stress=1", "--check-undo"])}
OPPOSITE = {"do": "uncall", "uncall": "do", "kept": "uncall"}



class Refused(Exception):
    """The checker refuses the program, by the rules of reversible code."""


# ---- output ------------------------------------------------------------------

def differs(want, got):
    """Whether a line is none that the model allows: its last word may be
    several kinds of errors."""
    if want == got:
        return False
    start, _, kinds = want.rpartition(" ")
    return "|" not in kinds or got not in (
        f"{start} {kind}".lstrip() for kind in kinds.split("|"))


def against_model(model, ran):
    """The first line that is not the model's, or None."""
    want, got = "".join(model.out).splitlines(), ran[1].splitlines()
    for i in range(max(len(want), len(got))):
        a, b = (x[i] if i < len(x) else "(no more)" for x in (want, got))
        if differs(a, b):
            return f"line {i + 1}\n  model: {a[:400]}\n  seen:  {b[:400]}"
    if model.error:
        return None if ran[0] == 1 else f"status {ran[0]}, the model's is 1"
    return None if ran[0] == 0 else f"status {ran[0]}\n{ran[2][:500]}"


TOLD = re.compile(r"(s\d+)\.(\d+) (\w+) (.+)$")
SHOWN = re.compile(r"(s\d+\.\d+) = (.*)$")


def broken_rule(out):
    """What a program's own output says against it, or None."""
    state = before = last = step = None
    for line in out.splitlines():
        told, shown = TOLD.match(line), SHOWN.match(line)
        if told:
            scene, _, how, went = told.groups()
            undoes = last and last[0] == scene and OPPOSITE.get(
                last[1]) == how
            if undoes and went != "ok":
                return f"what went well cannot be taken back: {line}"
            step = (scene, how, went, last[2] if undoes else None)
        elif shown:
            before, state = state, shown.group(2)
            if before is None or step is None:
                last = None
                continue
            scene, how, went, first = step
            if (went != "ok" or how == "undo") and state != before:
                return f"not as before: {line[:300]}"
            if first is not None and state != first:
                return f"not taken back: {line[:300]}\n  was {first[:300]}"
            last = (scene, "do" if how == "kept" else how, before) \
                if went == "ok" and how in OPPOSITE else None
            step = None
    return None


# ---- the inverse as text ------------------------------------------------------

def any_error(text):
    """Output without the kinds of errors: an inverse made as text checks
    what a loop's bound was in its own way."""
    return re.sub(r"(?m)^(s\d+\.\d+ \w+) (?!ok$)\S+$", r"\1 failed", text)


def unlike(want, got, mirrors):
    """What a program says that runs inverses as text, against the model.  A
    loop that is mirrored computes its variable from the bounds each time, and
    fails where a bound moved and came back, though `uncall` does not."""
    for a, b in zip(want.splitlines(), got.splitlines()):
        if a != b:
            if mirrors and a.endswith(" ok") and b.endswith(" failed"):
                return None
            return ("the inverse as text does something else\n"
                    f"  model: {a[:300]}\n  seen:  {b[:300]}")
    return None


class RevLab(Lab):
    patience = None    # seconds for one run, where bugs are planted

    def __init__(self, build, place):
        super().__init__(build, place)
        self.timeout = self.patience or self.timeout

    def check(self):
        """Whether the checker takes the program; raises Refused."""
        status, out, err = self.run(self.pal, "check", "--assertions",
                                    self.source)
        if status == 0:
            return None
        codes = set(re.findall(r"error\[(E\d+)\]", err))
        if status == 2 and codes and all(c.startswith("E05") for c in codes):
            raise Refused(min(codes))
        return f"check --assertions: status {status}\n{err[:1500]}"

    def refuses(self, line, codes):
        """What is wrong, unless one of the codes stands on that line."""
        status, out, err = self.run(self.pal, "check", "--format=json",
                                    self.source)
        if status != 2:
            return f"accepted: status {status}"
        found = [(e["line"], e["code"]) for e in json.loads(out)
                 if e["severity"] == "error"]
        if any(at == line and code in codes for at, code in found):
            return None
        return f"expected {' '.join(codes)}, found {found[:5]}"

    def inverts(self, model):
        """What is wrong with `pal invert`, or None."""
        texts = []
        source = self.source
        for i in range(3):
            status, out, err = self.run(self.pal, "invert", source)
            if status != 0:
                return f"invert, time {i + 1}: status {status}\n{err[:1500]}"
            texts.append(out)
            source = self.base + ".inverse.pal"
            with open(source, "w", encoding="utf-8") as f:
                f.write(out)
        if texts[0] != texts[2]:
            return "the inverse of the inverse is another text"
        with open(source, "w", encoding="utf-8") as f:
            f.write(texts[0])
        image = self.base + ".inverse.pvmb"
        status, _, err = self.run(self.pal, "build", source, "-o", image)
        if status != 0:
            errors = re.findall(r"error\[(E\d+)\]", err)
            return (f"the inverse does not compile: {' '.join(errors)}\n"
                    f"{err[err.find('error['):][:1500]}")
        status, out, err = self.run(self.pvmr, *ROOM, image)
        mirrors = "_back in " in texts[0]
        if mirrors and status == 1 and "(irreversible)" in err:
            return None    # as unlike() says, where nothing catches it
        if status != model.status:
            return f"the inverse as text: status {status}\n{err[:500]}"
        return unlike(any_error("".join(model.out)), any_error(out), mirrors)

    def clean(self):
        super().clean()
        for ending in (".inverse.pal", ".inverse.pvmb"):
            if os.path.exists(self.base + ending):
                os.remove(self.base + ending)


# ---- judging ---------------------------------------------------------------

def judge(lab, program, model, sampled, quick=False):
    """(which way of running it, what is wrong), or None; raises Refused."""
    levels = ("-O0",) if quick else ("-O0", "-O2")
    lab.write(program_text(program))
    wrong = lab.check()
    if wrong:
        return "check", wrong
    wrong = broken_rule("".join(model.out))
    if wrong:
        return "model", wrong
    wrong = lab.build(levels)
    if wrong:
        return "build", wrong
    for name, (level, options) in {**MODES,
                                   **(SAMPLED if sampled else {})}.items():
        if quick and name != "O0":
            continue
        ran = lab.mode(level, options)
        shown = " ".join(["pal build", level, "&& pvmr", *options])
        if ran[0] is None or ran[0] < 0 or "check failed" in ran[2] or \
                ran[0] > 1:
            return name, f"{shown}: status {ran[0]}\n{ran[2][:2000]}"
        wrong = broken_rule(ran[1]) or against_model(model, ran)
        if wrong:
            return name, f"{shown}: {wrong}"
    wrong = None if quick else lab.inverts(model)
    return ("invert", wrong) if wrong else None
