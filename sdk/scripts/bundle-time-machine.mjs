// Makes src/generated/time-machine.ts of the server's own code for schedules, so that the testing kit plays them exactly
// as a cluster would and installs nothing for it. Run by the build; the file is not committed.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const ENTRY = fileURLToPath(new URL('../../control-plane/src/scheduler/time-machine.ts', import.meta.url))
const TARGET = fileURLToPath(new URL('../src/generated/time-machine.ts', import.meta.url))
/** Packages that are in the bundle; the build fails when others come in. */
const BUNDLED = ['cron-parser', 'luxon']

const text = await bundle()
const isFresh = existsSync(TARGET) && readFileSync(TARGET, 'utf8') === text
if (process.argv.includes('--check')) process.exitCode = isFresh ? 0 : 1
else if (!isFresh) {
  mkdirSync(dirname(TARGET), { recursive: true })
  writeFileSync(TARGET, text)
}

async function bundle() {
  const { outputFiles, metafile } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
    target: 'es2022',
    logLevel: 'error',
  })
  const packages = Object.keys(metafile.inputs).flatMap((path) => /node_modules\/([^/]+)/.exec(path)?.[1] ?? [])
  const found = [...new Set(packages)].sort()
  if (found.join() !== BUNDLED.join()) throw new Error(`the time machine bundles ${found.join(', ')}`)
  const notices = BUNDLED.map((name) => `/*!\n${name}\n\n${licenseOf(name)}\n*/`).join('\n')
  return `// @ts-nocheck Made by scripts/bundle-time-machine.mjs.\n${notices}\n${outputFiles[0].text}`
}

function licenseOf(name) {
  let folder = dirname(createRequire(createRequire(ENTRY).resolve('cron-parser')).resolve(name))
  while (
    !existsSync(join(folder, 'package.json')) ||
    !/"name"/.test(readFileSync(join(folder, 'package.json'), 'utf8'))
  )
    folder = dirname(folder)
  const file = ['LICENSE', 'LICENSE.md'].map((file) => join(folder, file)).find((file) => existsSync(file))
  return readFileSync(file, 'utf8').trim()
}
