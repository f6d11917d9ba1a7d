local function random(n)
  local xs, x = {}, 12345
  for i = 1, n do
    x = (x * 1103515245 + 12345) % 2147483648
    xs[i] = x // 64 % 100000
  end
  return xs
end
local function merge(a, b)
  local out, i, j = {}, 1, 1
  while i <= #a and j <= #b do
    if a[i] <= b[j] then out[#out + 1] = a[i] i = i + 1
    else out[#out + 1] = b[j] j = j + 1 end
  end
  while i <= #a do out[#out + 1] = a[i] i = i + 1 end
  while j <= #b do out[#out + 1] = b[j] j = j + 1 end
  return out
end
local function sorted(xs, from, to)
  if to - from == 1 then return {xs[from + 1]} end
  local middle = (from + to) // 2
  return merge(sorted(xs, from, middle), sorted(xs, middle, to))
end
local function buckets(xs, n)
  local found = {}
  for i = 1, n do found[i] = {} end
  for _, x in ipairs(xs) do
    local b = found[x % n + 1]
    b[#b + 1] = x
  end
  return found
end
local function triangle(n)
  local rows = {{1}}
  for i = 1, n - 1 do
    local above, row = rows[i], {1}
    for k = 1, i - 1 do row[#row + 1] = (above[k] + above[k + 1]) % 1000003 end
    row[#row + 1] = 1
    rows[#rows + 1] = row
  end
  return rows
end
local function total(lists)
  local sum = 0
  for _, xs in ipairs(lists) do
    for i = 1, #xs do sum = (sum + xs[i] * i) % 1000000007 end
  end
  return sum
end
local function run()
  local xs = random(100000)
  local sum = total({sorted(xs, 0, #xs)})
  for round = 1, 10 do sum = sum + total(buckets(xs, round * 997)) end
  return sum + total(triangle(600))
end
local r
for i = 1, tonumber(arg[1]) or 1 do r = run() end
print(r)
