const items=[];
for(let i=0;i<20000;i++)items.push(`{"id": ${i}, "name": "item ${i}", "price": ${i}.5, "tags": ["a", "b\\n", "é${i%7}"], "ok": ${i%3==0}, "none": null}`);
const text="["+items.join(", ")+"]";let n;
for(let k=0;k<(+process.argv[2]||1);k++)n=Buffer.byteLength(JSON.stringify(JSON.parse(text)));
console.log(Buffer.byteLength(text)+" "+n);
