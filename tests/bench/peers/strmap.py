import sys
def run(keys):
  m={}
  for i,k in enumerate(keys): m[k]=i+1
  s=0
  for i in range(len(keys)): s+=m["key%d"%(i*7919%1000003)]
  return s
keys=["key%d"%(i*7919%1000003) for i in range(500000)]
for _ in range(int(sys.argv[1]) if len(sys.argv)>1 else 1): r=run(keys)
print(r)
