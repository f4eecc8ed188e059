import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const ROOT = new URL('../../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8')
const { exports } = JSON.parse(read('sdk/package.json')) as { exports: Record<string, { types: string } | string> }
const subpaths = Object.keys(exports).filter((path) => path.startsWith('./') && path !== './package.json')
const pages = readdirSync(new URL('docs', ROOT)).filter((name) => name.endsWith('.md'))
const docs = pages.map((name) => read(`docs/${name}`)).join('\n')
const { entryPoints } = JSON.parse(read('typedoc.json')) as { entryPoints: string[] }

describe.each(subpaths.map((path) => path.slice(2)))('@cronclave/sdk/%s', (name) => {
  test('is named in the README of the package and in the documentation, and stands in reference and API report', () => {
    const named = new RegExp(`@cronclave/sdk/${name}\\b`)
    expect(read('sdk/README.md')).toMatch(named)
    expect(docs).toMatch(named)
    expect(entryPoints).toContain(`sdk/src/${name}.ts`)
    expect(existsSync(new URL(`sdk/api/${name}.d.ts`, ROOT))).toBe(true)
  })
})
