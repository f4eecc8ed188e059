import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../control-plane/src/runtime/clock.ts'
import { lockFolder } from '../../control-plane/src/store/folder-lock.ts'
import { openLevelStore } from '../../control-plane/src/store/level.ts'
import { modelAt } from './store-model.ts'

const ROUNDS = 10
const WRITER = fileURLToPath(new URL('store-writer.ts', import.meta.url))
let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crash-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Writer {
  child: ChildProcess
  /** Greatest index that it said is durable. */
  durable: number
  lines: string[]
  ended: Promise<number | null>
}

/** Starts a writer; `onLine` may kill it. */
function write(path: string, mode: string, onLine: (writer: Writer) => void = () => undefined): Writer {
  const child = spawn(process.execPath, ['--import', 'tsx', WRITER, path, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const writer: Writer = { child, durable: 0, lines, ended }
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    if (line.startsWith('durable ')) writer.durable = Number(line.slice('durable '.length))
    onLine(writer)
  })
  return writer
}

/** Opens what a dead process left, holds it against the model, and answers its applied index. */
async function inspect(path: string, mode: string): Promise<number> {
  const lock = await lockFolder(path)
  const onFatal = (): void => undefined
  const store = await openLevelStore({ folder: join(path, 'state'), clock: systemClock(), onFatal })
  const found = new Map<string, unknown>()
  for await (const [key, value] of store.range({ gte: 'R/', lt: 'R0' })) found.set(key, value)
  for await (const [key, value] of store.range({ gte: 'p/', lt: 'p0' })) found.set(key, value)
  const { index } = store.applied
  expect(found).toEqual(modelAt(index, mode))
  await store.close()
  await lock.release()
  return index
}

test('kill -9 at any moment loses nothing durable, and what is found is exactly one position of the log', async () => {
  let index = 0
  for (let round = 1; round <= ROUNDS; round++) {
    const acknowledgements = 1 + ((round * 7) % 23)
    let heard = 0
    const writer = write(folder, 'small', ({ child, lines }) => {
      if (lines.at(-1)?.startsWith('durable') && ++heard === acknowledgements) child.kill('SIGKILL')
    })
    await writer.ended
    expect(writer.lines[0]).toBe('open')
    const found = await inspect(folder, 'small')
    expect(found).toBeGreaterThanOrEqual(writer.durable)
    expect(found).toBeGreaterThan(index)
    index = found
  }
})

test('kill -9 while tables are written and merged', async () => {
  let index = 0
  for (let round = 1; round <= 3; round++) {
    const writer = write(folder, 'large', ({ child, durable }) => {
      if (durable > index + 1500) child.kill('SIGKILL')
    })
    await writer.ended
    const found = await inspect(folder, 'large')
    expect(found).toBeGreaterThanOrEqual(writer.durable)
    index = found
  }
})

test('a full disk stops the writer with a clear message and exit code 74, and nothing durable is missing', async (context) => {
  const small = mountSmall()
  if (!small) return context.skip('only root can mount a small file system')
  const path = join(small, 'data')
  try {
    mkdirSync(path)
    const writer = write(path, 'large')
    expect(await writer.ended).toBe(74)
    const fatal = JSON.parse((writer.lines.at(-1) ?? '').replace(/^fatal /, '')) as Record<string, string>
    expect(fatal['message']).toContain(path)
    expect(fatal['message']).toMatch(/No space left on device/)
    expect(fatal['nextStep']).toMatch(/Free some space/)
    const copied = join(folder, 'copied')
    execFileSync('cp', ['-r', path, copied])
    expect(await inspect(copied, 'large')).toBeGreaterThanOrEqual(writer.durable)
  } finally {
    execFileSync('umount', [small])
    rmSync(small, { recursive: true })
  }
})

/** A file system of 24 MB, where this user may mount one. */
function mountSmall(): string | undefined {
  const at = mkdtempSync(join(tmpdir(), 'small-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', at], { stdio: 'ignore' })
    return at
  } catch {
    rmSync(at, { recursive: true })
    return undefined
  }
}
