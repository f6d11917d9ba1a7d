local seed=1
local function random() seed=seed*16807%2147483647 return seed end
local function run()
 local ints={} for i=1,500000 do ints[i]=random() end table.sort(ints)
 local strs={} for i=1,100000 do strs[i]="k"..random() end table.sort(strs)
 local items={} for i=1,100000 do items[i]={key=random()%10000,name="item "..(i-1)} end
 table.sort(items,function(a,b) return a.key<b.key end)
 return string.format("%d",ints[250001]+#strs[50001]+items[100000].key) end
local r
for i=1,tonumber(arg[1]) or 1 do seed=1 r=run() end
print(r)
