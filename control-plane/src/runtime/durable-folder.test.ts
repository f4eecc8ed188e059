import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeFolder, makeFolderDurably } from './durable-folder.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'folder-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('folders above that are missing are made too, and the topmost is named', async () => {
  expect(await makeFolder(join(folder, 'a/b/c'))).toBe(join(folder, 'a'))
  expect(await makeFolder(join(folder, 'a/b/d'), 0o700)).toBe(join(folder, 'a/b/d'))
  expect(statSync(join(folder, 'a/b/d')).mode & 0o777).toBe(0o700)
  expect(await makeFolder(join(folder, 'a/b/c'))).toBeUndefined()
})

test('several that make the same folder at once all succeed', async () => {
  const path = join(folder, 'x/y/z')
  await Promise.all(Array.from({ length: 20 }, () => makeFolderDurably(path)))
  expect(statSync(path).isDirectory()).toBe(true)
})

test('a file in the way is refused', async () => {
  writeFileSync(join(folder, 'file'), '')
  await expect(makeFolderDurably(join(folder, 'file'))).rejects.toMatchObject({ code: 'EEXIST' })
  await expect(makeFolderDurably(join(folder, 'file/x/y'))).rejects.toMatchObject({ code: 'ENOTDIR' })
})

test.runIf(existsSync('/proc/self'))(
  'a place in which nothing can be made is refused, not tried for ever',
  async () => {
    await expect(makeFolderDurably('/proc/cronclave-data/lock')).rejects.toMatchObject({ code: 'ENOENT' })
  },
)
