local function run(keys) local m={} for i=1,#keys do m[keys[i]]=i end
 local s=0 for i=0,#keys-1 do s=s+m["key"..(i*7919%1000003)] end return string.format("%d",s) end
local keys={} for i=0,499999 do keys[i+1]="key"..(i*7919%1000003) end
local r
for i=1,tonumber(arg[1]) or 1 do r=run(keys) end
print(r)
