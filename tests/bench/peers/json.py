import sys
sys.path.pop(0)  # this directory's json is not meant
import json
items=[]
for i in range(20000):
  items.append('{"id": %d, "name": "item %d", "price": %d.5, "tags": ["a", "b\\n", "é%d"], "ok": %s, "none": null}'%(i,i,i,i%7,"true" if i%3==0 else "false"))
text="["+", ".join(items)+"]"
for _ in range(int(sys.argv[1]) if len(sys.argv)>1 else 1):
  n=len(json.dumps(json.loads(text),separators=(",",":"),ensure_ascii=False).encode())
print(len(text.encode()),n)
