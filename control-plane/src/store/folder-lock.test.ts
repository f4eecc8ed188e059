import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockFolder } from './folder-lock.ts'
import { FolderLocked } from './storage-errors.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A process that holds the lock until it is killed. */
async function holder(): Promise<{ pid: number; kill: () => Promise<void> }> {
  const source = `
    import { lockFolder } from ${JSON.stringify(fileURLToPath(new URL('folder-lock.ts', import.meta.url)))}
    await lockFolder(${JSON.stringify(folder)})
    console.log('locked')
    setInterval(() => undefined, 1000)
  `
  const args = ['--import', 'tsx', '--input-type=module', '--eval', source]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return {
    pid: child.pid as number,
    async kill() {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

test('a folder that another live process holds is refused, with its name, the holder and what to do', async () => {
  const other = await holder()
  const refused = await lockFolder(folder).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(FolderLocked)
  expect(refused).toMatchObject({ folder, exitCode: 74, nextStep: expect.stringContaining('Stop that process') })
  expect((refused as Error).message).toMatch(
    new RegExp(`The data folder ${folder} is in use by process ${other.pid} on `),
  )
  await expect(lockFolder(folder), 'asking changes nothing').rejects.toThrow(FolderLocked)
  await other.kill()
})

test('the lock of a process that was killed is free at once', async () => {
  for (let round = 0; round < 3; round++) {
    const other = await holder()
    await other.kill()
    const lock = await lockFolder(folder)
    await lock.release()
  }
})

test('one process locks a folder once, whatever name it uses for it', async () => {
  const lock = await lockFolder(folder)
  const alias = `${folder}-alias`
  symlinkSync(folder, alias)
  await expect(lockFolder(folder)).rejects.toThrow(/in use by this process/)
  await expect(lockFolder(alias)).rejects.toThrow(FolderLocked)
  rmSync(alias)
  await lock.release()
  await (await lockFolder(folder)).release()
})

test('damage inside the lock itself is of no consequence', async () => {
  await (await lockFolder(folder)).release()
  for (const name of readdirSync(join(folder, 'lock'))) {
    if (name !== 'LOCK') writeFileSync(join(folder, 'lock', name), 'damaged')
  }
  await (await lockFolder(folder)).release()
})

test('a folder that cannot be made is a clear message', async () => {
  writeFileSync(join(folder, 'file'), '')
  await expect(lockFolder(join(folder, 'file', 'data'))).rejects.toThrow(/failed while locking the folder: ENOTDIR/)
})

test('a place in which no folder can be made is refused, with what to do', async () => {
  writeFileSync(join(folder, 'file'), '')
  for (const path of [
    join(folder, 'file'),
    join(folder, 'file/data'),
    ...(existsSync('/proc/self') ? ['/proc/x'] : []),
  ]) {
    const refused = await lockFolder(path).catch((error: unknown) => error)
    expect(refused).toMatchObject({ folder: path, exitCode: 74, nextStep: expect.stringContaining('--data-folder') })
  }
})
