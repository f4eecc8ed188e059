import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../runtime/clock.ts'
import { openLevelStore } from './level.ts'
import { liveStateFolder, removeOtherStates } from './state-folders.ts'
import { CorruptStore } from './storage-errors.ts'

let root = ''
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'folders-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

function folderWith(...names: string[]): string {
  const folder = mkdtempSync(join(root, 'data-'))
  for (const name of names) {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'CURRENT'), '')
  }
  return folder
}

test('the state that counts is the one that the log names; without a name it is the first', async () => {
  const folder = folderWith('state', 'state-5-1')
  expect(await liveStateFolder(folder, 'state-5-1')).toBe(join(folder, 'state-5-1'))
  expect(await liveStateFolder(folder, '')).toBe(join(folder, 'state'))
  expect(await liveStateFolder(join(root, 'not-there'), '')).toBe(join(root, 'not-there', 'state'))
})

test('a named state that is missing is refused, and so is a lost name', async () => {
  await expect(liveStateFolder(folderWith('state'), 'state-9-2')).rejects.toThrow(CorruptStore)
  await expect(liveStateFolder(folderWith('state-9-2'), '')).rejects.toThrow(/state-9-2 is there/)
  await expect(liveStateFolder(folderWith('state'), '../elsewhere')).rejects.toThrow(CorruptStore)
})

test('all states but one are removed, and nothing else; one that is open stays', async () => {
  const folder = folderWith('state', 'state-5-1', 'state-9-2', 'wal', 'state-of-affairs')
  const store = await openLevelStore({
    folder: join(folder, 'state-7-1'),
    clock: systemClock(),
    onFatal: () => undefined,
  })
  await removeOtherStates(folder, 'state-5-1')
  expect(readdirSync(folder).sort()).toEqual(['state-5-1', 'state-7-1', 'state-of-affairs', 'wal'])
  await store.close()
})
