function run(keys){const m=new Map();for(let i=0;i<keys.length;i++)m.set(keys[i],i+1);
 let s=0;for(let i=0;i<keys.length;i++)s+=m.get("key"+(i*7919%1000003));return s}
const keys=[];for(let i=0;i<500000;i++)keys.push("key"+(i*7919%1000003));
let r;for(let i=0;i<(+process.argv[2]||1);i++)r=run(keys);
console.log(String(r));
