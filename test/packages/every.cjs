const { name, exports: entries } = require('@cronclave/sdk/package.json')

for (const path of Object.keys(entries)) {
  const names = Object.keys(require(name + path.slice(1)))
  if (names.length === 0) throw new Error(`${path} exports nothing`)
}
console.log(process.version)
