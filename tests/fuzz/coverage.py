#!/usr/bin/env python3
"""How much of its module each fuzz target's corpus reaches, in lines.

    tests/fuzz/coverage.py [--corpus=DIR] [--missed] DIRECTORY

DIRECTORY holds targets built with VARIANT=fuzz-coverage; DIR/fuzz_NAME is a
corpus, by default those that tests/fuzz/run.py left, with the seeds.
--missed also lists the lines that nothing reached.  Fails when a target
reaches less than LEAST per cent of its module: then it tests too little.
"""
import argparse
import json
import os
import re
import subprocess
import sys

import run

LEAST = 80
# The module that a target is for, as a pattern of its files.
MODULES = {
    "fuzz_front": r"frontend/(lexer\.re|lexer\.c|parser\.[cy]|bracket|decode|"
                  r"expect|filter|parse|make|names|scope|sema|source|token|"
                  r"types|unit|ast|check\w*|diag\w*)(\.\w+)?$",
    "fuzz_asm": r"backend/(asm\w*|assemble|builder)\.c$",
    "fuzz_image": r"runtime/(pvm/(image_read|image_check|verify\w*)\.c"
                  r"|vm/(plain|traced|reverse|effects)\.c|vm/loop\.h)$",
}
# What runs the rows of a table: llvm-cov has no lines for these.
TABLES = {
    "fuzz_image": r"runtime/pvm/ops\.def$",
}


def export(target, name, corpus):
    """llvm-cov's account of a replay of the corpus: files and functions."""
    raw, data = target + ".profraw", target + ".profdata"
    ran = subprocess.run(
        [target, "-runs=0", "-rss_limit_mb=3000", corpus],
        env={**os.environ, "LLVM_PROFILE_FILE": raw},
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, errors="replace")
    if ran.returncode:
        sys.exit(f"{name}: the replay failed\n{ran.stderr[-2000:]}")
    subprocess.run(["llvm-profdata", "merge", "-sparse", raw, "-o", data],
                   check=True)
    out = subprocess.run(["llvm-cov", "export", "-instr-profile", data, target],
                         check=True, stdout=subprocess.PIPE).stdout
    data = json.loads(out)["data"][0]
    return data["files"], data["functions"]


def missed_lines(segments):
    """Lines where a counted region begins that nothing reached."""
    return sorted({s[0] for s in segments if s[3] and s[4] and s[2] == 0
                   and not (len(s) > 5 and s[5])})


def rows_of(functions, table):
    """By function that expands the table to code: rows reached, all rows.

    A row that is code has a region of its own in the table (kind 0); the
    include itself is a region in line 1."""
    found = {}
    for f in functions:
        rows = {}
        for line, _, _, _, count, file, _, kind in f["regions"]:
            path = f["filenames"][file]
            if kind == 0 and line > 1 and re.search(table, path):
                rows[line] = rows.get(line, 0) + count
        if rows:
            found[f["name"].split(":")[-1]] = rows
    return found


def report_rows(functions, table, missed):
    good = True
    for function, rows in sorted(rows_of(functions, table).items()):
        reached = sum(1 for count in rows.values() if count)
        share = 100 * reached / len(rows)
        print(f"  {share:5.1f} %  {reached:5d} of {len(rows):5d}  rows in "
              f"{function}")
        if missed:
            print("          not:", *(r for r in rows if not rows[r]))
        good = good and share >= LEAST
    return good


def report(target, corpora, missed):
    name = os.path.basename(target)
    if name not in MODULES:
        return True
    corpus = os.path.join(corpora, name) if corpora else run.corpus(name)
    total = reached = 0
    print(f"{name}:")
    files, functions = export(target, name, corpus)
    for f in files:
        path = os.path.relpath(f["filename"])
        lines = f["summary"]["lines"]
        if not re.search(MODULES[name], path) or not lines["count"]:
            continue
        total += lines["count"]
        reached += lines["covered"]
        print(f"  {lines['percent']:5.1f} %  {lines['covered']:5d} of "
              f"{lines['count']:5d}  {path}")
        if missed:
            print("          not:", *missed_lines(f["segments"]))
    share = 100 * reached / max(total, 1)
    print(f"  {share:5.1f} %  {reached:5d} of {total:5d}  lines of the module")
    good = share >= LEAST
    if name in TABLES:
        good = report_rows(functions, TABLES[name], missed) and good
    return good


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--corpus", metavar="DIR")
    p.add_argument("--missed", action="store_true")
    p.add_argument("--only", default="", metavar="fuzz_NAME")
    p.add_argument("directory")
    o = p.parse_args()
    good = [report(t, o.corpus, o.missed)
            for t in run.targets_in(o.directory, o.only)
            if not os.path.splitext(t)[1]]
    print(f"{sum(good)} passed, {len(good) - sum(good)} failed")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
