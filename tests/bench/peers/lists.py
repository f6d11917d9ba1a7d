import sys


def random(n):
    xs, x = [], 12345
    for _ in range(n):
        x = (x * 1103515245 + 12345) % 2147483648
        xs.append(x // 64 % 100000)
    return xs


def merge(a, b):
    out, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        if a[i] <= b[j]:
            out.append(a[i])
            i += 1
        else:
            out.append(b[j])
            j += 1
    while i < len(a):
        out.append(a[i])
        i += 1
    while j < len(b):
        out.append(b[j])
        j += 1
    return out


def sorted_(xs, start, to):
    if to - start == 1:
        return [xs[start]]
    middle = (start + to) // 2
    return merge(sorted_(xs, start, middle), sorted_(xs, middle, to))


def buckets(xs, n):
    found = [[] for _ in range(n)]
    for x in xs:
        found[x % n].append(x)
    return found


def triangle(n):
    rows = [[1]]
    for i in range(1, n):
        above, row = rows[i - 1], [1]
        for k in range(1, i):
            row.append((above[k - 1] + above[k]) % 1000003)
        row.append(1)
        rows.append(row)
    return rows


def total(lists):
    s = 0
    for xs in lists:
        for i in range(len(xs)):
            s = (s + xs[i] * (i + 1)) % 1000000007
    return s


def run():
    xs = random(100000)
    s = total([sorted_(xs, 0, len(xs))])
    for n in range(1, 11):
        s += total(buckets(xs, n * 997))
    return s + total(triangle(600))


for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 1):
    r = run()
print(r)
