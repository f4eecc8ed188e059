// Generates the types of the contract. `--check` writes nothing and fails when a file is stale.
import { readFile, mkdir, writeFile } from 'node:fs/promises'
import openapiTS, { astToString } from 'openapi-typescript'

const source = new URL('./openapi.yaml', import.meta.url)
const banner = '// Generated from openapi.yaml by `npm run contract`. Do not edit.\n\n'
const outputs = [
  // Fields with a default are present: what the server returns.
  { file: new URL('./src/generated/api.ts', import.meta.url), options: {} },
  // Fields with a default may be left out: what a client sends.
  { file: new URL('./src/generated/client.ts', import.meta.url), options: { defaultNonNullable: false } },
]

const check = process.argv.includes('--check')
let stale = false
for (const { file, options } of outputs) {
  const text = banner + astToString(await openapiTS(source, { alphabetize: false, ...options }))
  const present = await readFile(file, 'utf8').catch(() => undefined)
  if (present === text) continue
  if (check) {
    stale = true
    console.error(`stale: ${file.pathname}: run \`npm run contract\``)
    continue
  }
  await mkdir(new URL('./', file), { recursive: true })
  await writeFile(file, text)
  console.log(`wrote ${file.pathname}`)
}
process.exitCode = stale ? 1 : 0
