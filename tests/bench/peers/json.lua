local items={}
for i=0,19999 do items[#items+1]='{"id": '..i..', "name": "item '..i..'", "price": '..i..'.5, "tags": ["a", "b\\n", "é'..(i%7)..'"], "ok": '..tostring(i%3==0)..', "none": null}' end
local text="["..table.concat(items,", ").."]"
local null={}
local esc={n="\n",t="\t",r="\r",b="\b",f="\f",['"']='"',["\\"]="\\",["/"]="/"}
local find,sub,byte=string.find,string.sub,string.byte
local value
local function str(s,i)
 local j=find(s,'["\\]',i)
 if byte(s,j)==34 then return sub(s,i,j-1),j+1 end
 local t={} 
 while true do t[#t+1]=sub(s,i,j-1)
  if byte(s,j)==34 then return table.concat(t),j+1 end
  local c=sub(s,j+1,j+1) t[#t+1]=esc[c] i=j+2 j=find(s,'["\\]',i) end end
local function skip(s,i) return find(s,"[^ \n\r\t]",i) end
function value(s,i) i=skip(s,i) local c=byte(s,i)
 if c==123 then local o,k={keys={}} i=skip(s,i+1) if byte(s,i)==125 then return o,i+1 end
  while true do i=skip(s,i) k,i=str(s,i+1) i=skip(s,i)+1 local v v,i=value(s,i)
   if o[k]==nil then o.keys[#o.keys+1]=k end o[k]=v i=skip(s,i)
   if byte(s,i)==125 then return o,i+1 end i=i+1 end
 elseif c==91 then local a={} i=skip(s,i+1) if byte(s,i)==93 then return a,i+1 end
  while true do a[#a+1],i=value(s,i) i=skip(s,i) if byte(s,i)==93 then return a,i+1 end i=i+1 end
 elseif c==34 then return str(s,i+1)
 elseif c==116 then return true,i+4 elseif c==102 then return false,i+5 elseif c==110 then return null,i+4
 else local _,j=find(s,"^-?%d+%.?%d*[eE]?[+-]?%d*",i) return tonumber(sub(s,i,j)),j+1 end end
local back={["\n"]="\\n",["\t"]="\\t",["\r"]="\\r",['"']='\\"',["\\"]="\\\\"}
local function quote(s) return '"'..string.gsub(s,'[%c"\\]',back)..'"' end
local function put(v,t) local k=type(v)
 if v==null then t[#t+1]="null" elseif k=="table" then
  if v.keys then t[#t+1]="{" for i,n in ipairs(v.keys) do if i>1 then t[#t+1]="," end t[#t+1]=quote(n) t[#t+1]=":" put(v[n],t) end t[#t+1]="}"
  else t[#t+1]="[" for i,x in ipairs(v) do if i>1 then t[#t+1]="," end put(x,t) end t[#t+1]="]" end
 elseif k=="string" then t[#t+1]=quote(v) else t[#t+1]=tostring(v) end end
local n
for _=1,tonumber(arg[1]) or 1 do local t={} put((value(text,1)),t) n=#table.concat(t) end
print(#text.." "..n)
