#!/usr/bin/env python3
"""Runs each fuzz target for a while, from seeds of its format.

    tests/fuzz/run.py [--seconds=N] [--only=NAME] DIRECTORY
    tests/fuzz/run.py --seeds [--only=NAME]

DIRECTORY holds the built targets fuzz_NAME.  A target's seeds are the files
of tests/fuzz/seeds/NAME, those of SEEDS, and for assembly and images what
build/bin/pal makes of the programs among the tests; its dictionary comes from
the tables of the language.  What it finds new stays in build/fuzz/corpus/NAME
and is used again; --seeds only fills that.  Ends with N passed, N failed; an
input that breaks a target is left in build/fuzz/found, and what the target
said in build/fuzz/log.
"""
import argparse
import glob
import os
import re
import shutil
import subprocess
import sys

PAL = "build/bin/pal"
PROGRAMS = ["tests/lang/*.pal", "tests/lang/rev/*.pal", "tests/ir/*.pal",
            "tests/pvm/*.pal", "examples/*.pal", "examples/rev/*.pal"]
SEEDS = {
    "fuzz_front": PROGRAMS + ["tests/invert/*.pal"],
    "fuzz_ir": ["tests/ir/*.ir"],
    "fuzz_asm": ["tests/pvm/*.pvm", "examples/pvm/*.pvm"],
}
# How a target's seeds are made of a program, and what they are called.
MADE = {
    "fuzz_asm": (["disasm"], ".pvm"),
    "fuzz_image": (["build", "-o", "-"], ".pvmb"),
}
# Names in the tables that are words of the format.
TABLES = {
    "fuzz_front": [("frontend/tokens.def",
                    r'TOKEN\(\w+, *"`?(?!a )([^"`]*)`?"'),
                   ("frontend/builtins.def", r'BUILTIN\(\w+, *"([^"]*)"')],
    "fuzz_asm": [("runtime/pvm/ops.def", r'OP\(\d+, *\w+, *"([^"]*)"'),
                 ("runtime/pvm/natives.def", r'NATIVE\(\d+, *(\w+)'),
                 ("runtime/pvm/types.def", r'TYPE\(\d+, *\w+, *\w+, *"(\w+)'),
                 ("backend/assemble.c", r'"(\.?[a-z]{3,12})"'),
                 ("backend/asm_fn.c", r'"(\.?[a-z]{3,12})"')],
}
EXTRA = {
    "fuzz_front": ["int", "float", "bool", "byte", "str", '"""', "\\\\u{41}",
                   "{x}", "{x:>8.2f}", "0x1F", "1.5e3", "fn main() {", "//",
                   "/*", "*/"],
    "fuzz_asm": ["r0", "s0", "r1:[int]", "mark=M1", "refs=", "scalars=", "#0",
                 "0x", "-32768", "L1:", "M1:", "@1:1", "-> ", "[int]", "[str]",
                 "1.5", ".live", ".word"],
}


def words(name):
    """The target's dictionary: the words of its format."""
    found = set(EXTRA.get(name, []))
    for table, pattern in TABLES.get(name, []):
        with open(table, encoding="utf-8") as f:
            found |= set(re.findall(pattern, f.read()))
    return sorted(w for w in found if w)


def dictionary(name):
    """An option that names the written dictionary, if there is one."""
    listed = words(name)
    if not listed:
        return []
    path = os.path.join("build/fuzz", name + ".dict")
    with open(path, "w", encoding="utf-8") as f:
        for w in listed:
            quoted = w.replace("\\", "\\\\").replace('"', '\\"')
            f.write(f'"{quoted}"\n')
    return ["-dict=" + path]


def make_seeds(name, where):
    """Compiles the programs of the tests, those that compile."""
    how, ending = MADE[name]
    for pattern in [*PROGRAMS, "tests/pvm/*.pvm",
                    "tests/fuzz/seeds/asm/*.pvm"]:
        for program in glob.glob(pattern):
            base = os.path.splitext(os.path.basename(program))[0]
            out = os.path.join(where, base + ending)
            if os.path.exists(out):
                continue
            ran = subprocess.run([PAL, *how, program], timeout=60,
                                 stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL)
            if ran.returncode == 0:
                with open(out, "wb") as f:
                    f.write(ran.stdout)


def corpus(name):
    """The target's growing corpus, with the seeds copied in."""
    where = os.path.join("build/fuzz/corpus", name)
    os.makedirs(where, exist_ok=True)
    own = os.path.join("tests/fuzz/seeds", name.removeprefix("fuzz_"), "*")
    for pattern in [own, *SEEDS.get(name, [])]:
        for seed in glob.glob(pattern):
            shutil.copy(seed, where)
    if name in MADE and os.path.exists(PAL):
        make_seeds(name, where)
    return where


def fuzz(target, seconds):
    name = os.path.basename(target)
    found = os.path.join("build/fuzz/found", name + "-")
    log = os.path.join("build/fuzz/log", name)
    for path in found, log:
        os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(log, "wb") as out:
        status = subprocess.run(
            [target, f"-max_total_time={seconds}", f"-artifact_prefix={found}",
             "-timeout=20", "-rss_limit_mb=3000", "-max_len=20000",
             "-print_final_stats=1", "-verbosity=0", *dictionary(name),
             corpus(name)], stdout=out, stderr=subprocess.STDOUT).returncode
    with open(log, encoding="utf-8", errors="replace") as f:
        said = f.read()
    units = re.findall(r"number_of_executed_units: *(\d+)", said)
    shares = re.findall(rf"^{name}: (of .*)", said, re.M)
    print(f"{name}: {units[-1] if units else 'no'} inputs in {seconds} s, "
          f"{'BROKEN' if status else 'fine'}", flush=True)
    if shares:
        print("  " + shares[-1])
    if status:
        print(said[-4000:])
    return status == 0


def targets_in(directory, only):
    return [t for t in sorted(glob.glob(os.path.join(directory, "fuzz_*")))
            if os.access(t, os.X_OK) and os.path.isfile(t)
            and only in ("", os.path.basename(t))]


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--seconds", type=int, default=30)
    p.add_argument("--only", default="", metavar="fuzz_NAME")
    p.add_argument("--seeds", action="store_true")
    p.add_argument("directory", nargs="?")
    o = p.parse_args()
    if o.seeds:
        for name in sorted({*SEEDS, *MADE}):
            if o.only in ("", name):
                corpus(name)
        return 0
    if not o.directory:
        p.error("no DIRECTORY of targets")
    good = [fuzz(t, o.seconds) for t in targets_in(o.directory, o.only)]
    print(f"{sum(good)} passed, {len(good) - sum(good)} failed")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
