"""Unit and property tests: programs, cmocka's with each test counted.

A program that prints no counts is one check, passed when it ends with 0.
"""
import os
import re

from common import Result, files, run, shown


def built(ctx, kind):
    """The programs that were built from tests/KIND/*.c."""
    for source in files(os.path.join("tests", kind), ".c"):
        name = os.path.splitext(os.path.basename(source))[0]
        if kind == "unit" and not name.startswith("test_"):
            continue
        yield name, os.path.join(ctx.build, "tests", kind, name)


def count(output, marker):
    found = re.search(rf"\[\s*{marker}\s*\] (\d+) test", output)
    return int(found.group(1)) if found else 0


def why_skipped(output, n):
    """How many tests were skipped, and what the first of them said of it."""
    said = re.search(r"^skipped, (.*)$", output, re.M)
    return f"{n} skipped" + (f", {said.group(1)}" if said else "")


def check(ctx, path):
    """Runs one program; to end badly without a failed test is a failure."""
    ran = run(ctx, [path], timeout=10 * ctx.timeout)
    output = ran.out + "\n" + ran.err
    passed, failed = count(output, "PASSED"), count(output, "FAILED")
    if ran.status != 0 and failed == 0:
        failed = 1
    skipped = count(output, "SKIPPED")
    if passed + failed + skipped == 0:
        passed = 1
    text = ""
    if failed:
        told = [l for l in output.splitlines()
                if "[  FAILED" in l or "ERROR" in l or "rror:" in l]
        text = shown(ran) + "\n" + "\n".join("  " + l for l in told[:40])
    note = why_skipped(output, skipped) if skipped else ""
    return Result(passed, failed, text, note)


def cases(ctx, kind):
    for name, path in built(ctx, kind):
        yield name, lambda path=path: check(ctx, path)


def unit_cases(ctx):
    return cases(ctx, "unit")


def property_cases(ctx):
    return cases(ctx, "property")
