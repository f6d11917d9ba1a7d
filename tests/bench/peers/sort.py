import sys
seed=1
def random():
  global seed
  seed=seed*16807%2147483647
  return seed
class Item:
  __slots__=("key","name")
  def __init__(s,key,name): s.key=key; s.name=name
def run():
  ints=[random() for _ in range(500000)]; ints.sort()
  strs=["k%d"%random() for _ in range(100000)]; strs.sort()
  items=[Item(random()%10000,"item %d"%i) for i in range(100000)]
  items.sort(key=lambda x:x.key)
  return ints[250000]+len(strs[50000])+items[99999].key
for _ in range(int(sys.argv[1]) if len(sys.argv)>1 else 1): seed=1; r=run()
print(r)
