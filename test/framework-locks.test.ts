import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const FOLDER = join(import.meta.dirname, 'frameworks')
const names = readdirSync(FOLDER).filter((name) => existsSync(join(FOLDER, name, 'package.json')))

interface Package {
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  integrity?: string
}

test.each(names)('what %s depends on is locked, for every platform', (name) => {
  const lock = JSON.parse(readFileSync(join(FOLDER, name, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Package>
  }
  const { packages } = lock
  const manifest = JSON.parse(readFileSync(join(FOLDER, name, 'package.json'), 'utf8')) as Package
  expect(packages['']?.dependencies).toEqual(manifest.dependencies)
  const open = Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies, integrity }]) => [
    ...(path === '' || integrity !== undefined ? [] : [`${path} without integrity`]),
    ...Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((dependency) => !isLocked(packages, path, dependency))
      .map((dependency) => `${path} needs ${dependency}`),
  ])
  expect(open).toEqual([])
})

/** As Node looks for it: beside the package, then beside whoever has it installed. */
function isLocked(packages: Record<string, Package>, from: string, dependency: string): boolean {
  for (let path = from; ; path = path.slice(0, Math.max(0, path.lastIndexOf('/node_modules/')))) {
    if (packages[`${path === '' ? '' : `${path}/`}node_modules/${dependency}`]) return true
    if (path === '') return false
  }
}
