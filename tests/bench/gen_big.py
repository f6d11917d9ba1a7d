#!/usr/bin/env python3
"""Makes a large program of ordinary-looking code, in Palindrome and in Lua.

    tests/bench/gen_big.py LINES OUT.pal OUT.lua

Both do the same work line for line as far as the languages allow, and print
the same number.  Functions come from a few shapes with varying names and
constants; each is called by the main function of its group.
"""
import random
import sys

PAL_HEAD = """struct Item { name: str, var count: int, var tags: [int] }

"""
LUA_HEAD = ""

# Shapes: (Palindrome, Lua); {n} is the function's number, {a} {b} {c} differ.
SHAPES = [
    ("""fn sum_{n}(limit: int, step: int) -> int {{
    var total = {a}
    var i = 0
    while i < limit {{
        if i % {b} == 0 {{ total += i * step }}
        else {{ total -= {c} }}
        i += 1
    }}
    return total
}}

""", """function sum_{n}(limit, step)
    local total = {a}
    local i = 0
    while i < limit do
        if i % {b} == 0 then total = total + i * step
        else total = total - {c} end
        i = i + 1
    end
    return total
end

""", "sum_{n}({b}, {c})"),
    ("""fn pick_{n}(xs: [int], want: int) -> int {{
    for i in 0..xs.len {{
        let x = xs[i] + {a}
        if x == want {{
            return i
        }}
        if x > {c} and want < {b} {{
            return -1
        }}
    }}
    return xs.len
}}

""", """function pick_{n}(xs, want)
    for i = 0, #xs - 1 do
        local x = xs[i + 1] + {a}
        if x == want then
            return i
        end
        if x > {c} and want < {b} then
            return -1
        end
    end
    return #xs
end

""", "pick_{n}([{a}, {b}, {c}], {b})"),
    ("""fn grade_{n}(score: int) -> int {{
    let bonus = if score > {b} {{ {a} }} else {{ {c} }}
    if score + bonus > {c} * 3 {{
        return score / {b} + bonus
    }} else if score == {a} {{
        return bonus
    }}
    let twice = score * 2
    return (twice + bonus) % {c}
}}

""", """function grade_{n}(score)
    local bonus
    if score > {b} then bonus = {a} else bonus = {c} end
    if score + bonus > {c} * 3 then
        return score // {b} + bonus
    elseif score == {a} then
        return bonus
    end
    local twice = score * 2
    return (twice + bonus) % {c}
end

""", "grade_{n}({c})"),
    ("""fn stock_{n}(count: int) -> int {{
    // Fills an item and counts what its tags say.
    let item = Item(name: "item {n}", count: count, tags: [])
    for k in 0..{b} {{
        item.tags.push(k * {a})
        item.count += k
    }}
    item.count *= 2
    var seen = 0
    for t in item.tags {{
        if t > {c} {{ seen += 1 }}
    }}
    return item.count + seen + item.name.len
}}

""", """function stock_{n}(count)
    -- Fills an item and counts what its tags say.
    local item = {{name = "item {n}", count = count, tags = {{}}}}
    for k = 0, {b} - 1 do
        item.tags[#item.tags + 1] = k * {a}
        item.count = item.count + k
    end
    item.count = item.count * 2
    local seen = 0
    for _, t in ipairs(item.tags) do
        if t > {c} then seen = seen + 1 end
    end
    return item.count + seen + #item.name
end

""", "stock_{n}({a})"),
    ("""fn label_{n}(n: int, loud: bool) -> int {{
    var text = "label {a}"
    if loud {{
        text = text + "!"
    }}
    let wide = float(n) * {b}.5
    if wide > {c}.25 or text.len < {b} {{
        return text.len + n
    }}
    return n - text.len
}}

""", """function label_{n}(n, loud)
    local text = "label {a}"
    if loud then
        text = text .. "!"
    end
    local wide = n * {b}.5
    if wide > {c}.25 or #text < {b} then
        return #text + n
    end
    return n - #text
end

""", "label_{n}({c}, true)"),
]


def lua_call(call):
    return call.replace("[", "{").replace("]", "}")


def group(first, count, rng, pal, lua):
    """Functions first.. and one that calls them all; returns its name."""
    calls = []
    for n in range(first, first + count):
        shape = SHAPES[rng.randrange(len(SHAPES))]
        values = {"n": n, "a": rng.randrange(2, 30), "b": rng.randrange(3, 12),
                  "c": rng.randrange(13, 99)}
        pal.append(shape[0].format(**values))
        lua.append(shape[1].format(**values))
        calls.append(shape[2].format(**values))
    pal.append(f"fn group_{first}() -> int {{\n    var sum = 0\n")
    lua.append(f"function group_{first}()\n    local sum = 0\n")
    for c in calls:
        pal.append(f"    sum += {c}\n")
        lua.append(f"    sum = sum + {lua_call(c)}\n")
    pal.append("    return sum\n}\n\n")
    lua.append("    return sum\nend\n\n")
    return f"group_{first}()"


def main():
    lines = int(sys.argv[1])
    rng = random.Random(1)
    pal, lua, groups = [PAL_HEAD], [LUA_HEAD], []
    made = 0
    while made < lines:
        before = len(pal)
        groups.append(group(len(groups) * 40, 40, rng, pal, lua))
        made += sum(t.count("\n") for t in pal[before:])
    pal.append("fn main() {\n    var sum = 0\n")
    lua.append("local sum = 0\n")
    for g in groups:
        pal.append(f"    sum += {g}\n")
        lua.append(f"sum = sum + {g}\n")
    pal.append("    print(sum)\n}\n")
    lua.append("print(sum)\n")
    for path, parts in ((sys.argv[2], pal), (sys.argv[3], lua)):
        with open(path, "w", encoding="utf-8") as f:
            f.writelines(parts)


main()
