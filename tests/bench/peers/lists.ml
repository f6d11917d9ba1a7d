type vec = { mutable at : int array; mutable n : int }
let vec () = { at = [||]; n = 0 }
let push v x =
  if v.n = Array.length v.at then begin
    let more = Array.make (max 4 (2 * v.n)) 0 in
    Array.blit v.at 0 more 0 v.n;
    v.at <- more
  end;
  v.at.(v.n) <- x;
  v.n <- v.n + 1
let random n =
  let xs = vec () and x = ref 12345 in
  for _ = 1 to n do
    x := (!x * 1103515245 + 12345) mod 2147483648;
    push xs (!x / 64 mod 100000)
  done;
  xs
let merge a b =
  let out = vec () and i = ref 0 and j = ref 0 in
  while !i < a.n && !j < b.n do
    if a.at.(!i) <= b.at.(!j) then (push out a.at.(!i); incr i)
    else (push out b.at.(!j); incr j)
  done;
  while !i < a.n do push out a.at.(!i); incr i done;
  while !j < b.n do push out b.at.(!j); incr j done;
  out
let rec sorted xs from upto =
  if upto - from = 1 then (let v = vec () in push v xs.at.(from); v)
  else
    let middle = (from + upto) / 2 in
    let a = sorted xs from middle in
    merge a (sorted xs middle upto)
let buckets xs n =
  let found = Array.init n (fun _ -> vec ()) in
  for i = 0 to xs.n - 1 do push found.(xs.at.(i) mod n) xs.at.(i) done;
  found
let triangle n =
  let one () = let v = vec () in push v 1; v in
  let rows = Array.init n (fun _ -> one ()) in
  for i = 1 to n - 1 do
    let above = rows.(i - 1) and row = rows.(i) in
    for k = 1 to i - 1 do
      push row ((above.at.(k - 1) + above.at.(k)) mod 1000003)
    done;
    push row 1
  done;
  rows
let total lists =
  let sum = ref 0 in
  Array.iter
    (fun xs ->
      for i = 0 to xs.n - 1 do
        sum := (!sum + (xs.at.(i) * (i + 1))) mod 1000000007
      done)
    lists;
  !sum
let run () =
  let xs = random 100000 in
  let sum = ref (total [| sorted xs 0 xs.n |]) in
  for round = 1 to 10 do sum := !sum + total (buckets xs (round * 997)) done;
  !sum + total (triangle 600)
let () =
  let r = ref 0 in
  for _ = 1 to (if Array.length Sys.argv > 1 then int_of_string Sys.argv.(1) else 1) do
    r := run ()
  done;
  print_endline (string_of_int !r)
