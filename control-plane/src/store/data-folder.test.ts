import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../runtime/clock.ts'
import { systemRandom } from '../runtime/random.ts'
import { clusterKey, memberId, writePrivate } from './data-folder.ts'
import { lockFolder } from './folder-lock.ts'
import { openLevelStore } from './level.ts'

let root = ''
/** What was synced, by path, in order. */
let synced: string[] = []

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'data-folder-'))
  synced = []
  const handle = await open(root)
  const prototype = Object.getPrototypeOf(handle) as FileHandle
  await handle.close()
  const { sync } = prototype
  vi.spyOn(prototype, 'sync').mockImplementation(function (this: FileHandle) {
    if (process.platform === 'linux') synced.push(readlinkSync(`/proc/self/fd/${this.fd}`))
    return sync.call(this)
  })
})

afterEach(() => {
  vi.restoreAllMocks()
  rmSync(root, { recursive: true, force: true })
})

const onLinux = test.skipIf(process.platform !== 'linux')

onLinux(
  'a file of its own is there after a loss of power: its content is synced before it has its name, then the name',
  async () => {
    await writePrivate(root, join(root, 'admin.token'), 'text\n')
    expect(synced).toEqual([join(root, 'admin.token.new'), root])
    expect(statSync(join(root, 'admin.token')).mode & 0o777).toBe(0o600)
  },
)

onLinux('the cluster key is there after a loss of power, wherever its file lies', async () => {
  const elsewhere = join(root, 'keys')
  mkdirSync(elsewhere)
  await clusterKey({ dataFolder: root, clusterKeyFile: join(elsewhere, 'cluster.key') }, systemRandom)
  expect(synced.at(-1)).toBe(elsewhere)
})

onLinux('the names of folders are synced from the new one up to the first that was there', async () => {
  const folder = join(root, 'var', 'lib', 'data')
  const lock = await lockFolder(folder)
  expect(synced).toEqual([folder, join(root, 'var', 'lib'), join(root, 'var'), root])
  synced = []
  const store = await openLevelStore({ folder: join(folder, 'state'), clock: systemClock(), onFatal: () => undefined })
  expect(synced).toEqual([folder])
  await store.close()
  await lock.release()
})

test('a member keeps its id, and another folder has another', async () => {
  const id = await memberId(root, systemRandom)
  expect(await memberId(root, systemRandom)).toBe(id)
  expect(readFileSync(join(root, 'member.json'), 'utf8')).toBe(`{"member":"${id}"}\n`)
  expect(await memberId(join(root, 'other'), systemRandom)).not.toBe(id)
})
