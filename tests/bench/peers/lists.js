function random(n) {
  const xs = []; let x = 12345n;
  for (let i = 0; i < n; i++) {
    x = (x * 1103515245n + 12345n) & 2147483647n;
    xs.push(Math.floor(Number(x) / 64) % 100000);
  }
  return xs;
}
function merge(a, b) {
  const out = []; let i = 0, j = 0;
  while (i < a.length && j < b.length) {
    if (a[i] <= b[j]) out.push(a[i++]); else out.push(b[j++]);
  }
  while (i < a.length) out.push(a[i++]);
  while (j < b.length) out.push(b[j++]);
  return out;
}
function sorted(xs, from, to) {
  if (to - from === 1) return [xs[from]];
  const middle = Math.floor((from + to) / 2);
  return merge(sorted(xs, from, middle), sorted(xs, middle, to));
}
function buckets(xs, n) {
  const found = [];
  for (let i = 0; i < n; i++) found.push([]);
  for (const x of xs) found[x % n].push(x);
  return found;
}
function triangle(n) {
  const rows = [[1]];
  for (let i = 1; i < n; i++) {
    const above = rows[i - 1], row = [1];
    for (let k = 1; k < i; k++) row.push((above[k - 1] + above[k]) % 1000003);
    row.push(1);
    rows.push(row);
  }
  return rows;
}
function total(lists) {
  let sum = 0;
  for (const xs of lists)
    for (let i = 0; i < xs.length; i++) sum = (sum + xs[i] * (i + 1)) % 1000000007;
  return sum;
}
function run() {
  const xs = random(100000);
  let sum = total([sorted(xs, 0, xs.length)]);
  for (let round = 1; round < 11; round++) sum += total(buckets(xs, round * 997));
  return sum + total(triangle(600));
}
let r;
for (let i = +(process.argv[2] || 1); i > 0; i--) r = run();
console.log(String(r));
