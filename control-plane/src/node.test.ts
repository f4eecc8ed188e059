import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Config, resolveConfig } from './config.ts'
import { resetAdminToken, startNode } from './node.ts'
import { systemClock } from './runtime/clock.ts'
import { systemRandom } from './runtime/random.ts'
import { readMember, writeMember } from './store/member-file.ts'
import { StorageFailed } from './store/storage-errors.ts'

const quiet = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }
const DEPS = { clock: systemClock(), random: systemRandom }
let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'node-'))
})

afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

function config(): Config {
  const flags = { 'listen.port': '0', dataFolder: folder, 'wal.segmentSize': '8MiB' }
  const resolved = resolveConfig({ env: {}, flags, absolute: (path) => path, hostname: 'here' })
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.faults))
  return resolved.config
}

/** From now on a batch of any database fails as it does on a full disk. */
function failBatches(): void {
  const batch = {
    put: () => batch,
    del: () => batch,
    write: () => Promise.reject(new Error('No space left on device')),
  }
  vi.spyOn(ClassicLevel.prototype, 'batch').mockImplementation((() => batch) as never)
}

test("a new administrator's token stands in the data folder", async () => {
  const token = await resetAdminToken(config(), { ...DEPS, logger: quiet })
  expect(readFileSync(join(folder, 'admin.token'), 'utf8')).toBe(`${token}\n`)
  expect(await resetAdminToken(config(), { ...DEPS, logger: quiet })).not.toBe(token)
})

test('a disk that fails while the token is replaced is what is reported, and the folder is free again', async () => {
  failBatches()
  const failure = await resetAdminToken(config(), { ...DEPS, logger: quiet }).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(StorageFailed)
  expect(failure).toMatchObject({ message: expect.stringContaining('No space left on device') })
  vi.restoreAllMocks()
  expect(await resetAdminToken(config(), { ...DEPS, logger: quiet })).toMatch(/^\S+$/)
})

test('a start that fails gives back the port and the folder', async () => {
  const deps = { ...DEPS, logger: quiet }
  failBatches()
  const failure = await startNode(config(), deps).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(StorageFailed)
  vi.restoreAllMocks()
  const node = await startNode(config(), deps)
  expect((await fetch(`${node.url}/readyz`)).status).toBe(200)
  await node.stop()
})

test('a folder whose state was found to differ from the other members is not served by a later start either', async () => {
  const deps = { ...DEPS, logger: quiet }
  await (await startNode(config(), deps)).stop()
  await writeMember(folder, { ...(await readMember(folder, systemRandom)), diverged: 'It is not that of the others.' })
  const failure = await startNode(config(), deps).catch((error: unknown) => error)
  expect(failure).toMatchObject({
    message: expect.stringContaining('It is not that of the others.'),
    nextStep: expect.stringContaining('cronclave member add'),
  })
})
