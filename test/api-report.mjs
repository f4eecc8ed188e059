// `npm run api`: writes what the SDK promises into sdk/api/*.d.ts, so that a change of it shows in a review. With --check it
// writes nothing, and fails when a report is not fresh.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const SDK = fileURLToPath(new URL('../sdk', import.meta.url))
const DIST = join(SDK, 'dist')
const REPORTS = join(SDK, 'api')

const { exports } = JSON.parse(readFileSync(join(SDK, 'package.json'), 'utf8'))
const entries = Object.values(exports).flatMap(({ types }) => (types ? [join(SDK, types)] : []))
const program = ts.createProgram(entries, { module: ts.ModuleKind.NodeNext, skipLibCheck: true, types: ['node'] })
const checker = program.getTypeChecker()
const core = exportsOf(join(DIST, 'index.d.ts')).map(original)
const reports = new Map(entries.map((entry) => [entry.slice(DIST.length + 1), reportOf(entry)]))
if (process.argv.includes('--check')) check()
else write()

/** Every declaration that an entry exports, and of the SDK's own types what those are made of, beside what index.d.ts has. */
function reportOf(entry) {
  const names = new Set(exportsOf(entry).map(original))
  const wanted = new Set(names)
  for (const symbol of wanted) for (const used of usedBy(symbol)) if (!core.includes(used)) wanted.add(used)
  const texts = [...wanted].map((symbol) => ({ name: symbol.name, own: names.has(symbol), text: textOf(symbol) }))
  texts.sort((a, b) => (a.own === b.own ? (a.name < b.name ? -1 : 1) : a.own ? -1 : 1))
  return `// What @cronclave/sdk promises: written by \`npm run api\`.\n\n${texts.map(({ own, text }) => `${own ? '' : '// not exported\n'}${text}\n`).join('\n')}`
}

function exportsOf(entry) {
  return checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entry)))
}

function original(symbol) {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
}

function declarationsOf(symbol) {
  return (symbol.declarations ?? []).filter((declaration) => declaration.getSourceFile().fileName.startsWith(DIST))
}

function usedBy(symbol) {
  const found = []
  const visit = (node) => {
    if (ts.isIdentifier(node)) {
      const used = checker.getSymbolAtLocation(node)
      const meant = used && original(used)
      if (meant && declarationsOf(meant).some((declaration) => isTopLevel(declaration))) found.push(meant)
    }
    ts.forEachChild(node, visit)
  }
  declarationsOf(symbol).forEach(visit)
  return found
}

function isTopLevel(declaration) {
  const holder = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration
  return ts.isSourceFile(holder.parent) && !ts.isSourceFile(declaration)
}

/** A declaration without its comments. */
function textOf(symbol) {
  const printer = ts.createPrinter({ removeComments: true })
  return declarationsOf(symbol)
    .map((declaration) => (ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration))
    .map((node) => printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile()))
    .join('\n')
}

function write() {
  rmSync(REPORTS, { recursive: true, force: true })
  mkdirSync(REPORTS)
  for (const [name, text] of reports) writeFileSync(join(REPORTS, name), text)
  console.log(`sdk/api: ${reports.size} reports`)
}

function check() {
  const kept = new Map(readdirSync(REPORTS).map((name) => [name, readFileSync(join(REPORTS, name), 'utf8')]))
  const stale = [...new Set([...kept.keys(), ...reports.keys()])].filter((name) => kept.get(name) !== reports.get(name))
  if (stale.length === 0) return console.log(`sdk/api: ${reports.size} reports are fresh`)
  console.error(`sdk/api is not fresh: ${stale.join(', ')}. Look at what changed, and run \`npm run api\`.`)
  process.exitCode = 1
}
