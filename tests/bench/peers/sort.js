let seed=1;
function random(){seed=seed*16807%2147483647;return seed}
function run(){const ints=[];for(let i=0;i<500000;i++)ints.push(random());ints.sort((a,b)=>a-b);
 const strs=[];for(let i=0;i<100000;i++)strs.push("k"+random());strs.sort();
 const items=[];for(let i=0;i<100000;i++)items.push({key:random()%10000,name:"item "+i});
 items.sort((a,b)=>a.key-b.key);
 return ints[250000]+strs[50000].length+items[99999].key}
let r;for(let i=0;i<(+process.argv[2]||1);i++){seed=1;r=run()}
console.log(String(r));
