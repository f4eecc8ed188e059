import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { PrivateCa } from '../../../test/support/private-ca.ts'
import { StillClock } from '../runtime/still-clock.test-helper.ts'
import type { Command } from '../state/commands.ts'
import { apply } from '../state/apply.ts'
import { findSink } from '../state/sinks.ts'
import { emptyState, type State } from '../state/state.ts'
import { ConfiguredSinks } from './configured-sinks.ts'
import type { ConfiguredSink } from './sink-definition.ts'

const folder = mkdtempSync(join(tmpdir(), 'cronclave-sinks-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const connection = {
  kind: 'mysql',
  host: 'db',
  port: 3306,
  user: 'u',
  database: 'd',
  tls: 'verify',
  tablePrefix: 'c_',
} as const
const sealer = { seal: (plain: string) => `sealed ${plain}`, open: (sealed: string) => sealed.slice(7) }

let state: State
let commands: Command[]
let clock: StillClock
let warned: object[]

beforeEach(() => {
  state = emptyState()
  commands = []
  clock = new StillClock()
  warned = []
})

function propose(command: Command) {
  commands.push(command)
  const { rejection } = apply(state, { index: state.index + 1, term: 1, command })
  return Promise.resolve(rejection ? { kind: 'rejected' as const, rejection } : { kind: 'applied' as const })
}

/** Takes office with these sinks configured, and is done. */
async function lead(...sinks: ConfiguredSink[]): Promise<ConfiguredSinks> {
  const logger = { info: () => undefined, warn: (fields: object) => void warned.push(fields) }
  const configured = new ConfiguredSinks({ clock, logger, sinks, state: () => state, sealer, propose })
  const leadership = { term: 1, isLeader: true, leader: 'n1', signal: new AbortController().signal }
  configured.follow({ leadership: () => leadership, onLeadership: () => () => undefined })
  await configured.settled()
  return configured
}

const archive = (change: Partial<ConfiguredSink> = {}): ConfiguredSink => ({ name: 'archive', connection, ...change })

test('S099 what the configuration names is there once a leader takes office, marked as such, and put once', async () => {
  await lead(archive({ password: 'hunter2' }))
  expect(findSink(state, 'archive')).toMatchObject({
    connection,
    password: 'sealed hunter2',
    fromFile: true,
    createdBy: 'configuration',
  })
  await lead(archive({ password: 'hunter2' }))
  expect(commands).toHaveLength(1)
})

test('what somebody changed is put back as the configuration has it, without losing its place', async () => {
  await lead(archive())
  const sink = findSink(state, 'archive')
  if (!sink) throw new Error('it was put')
  sink.cursor = [7, 1]
  await propose({
    kind: 'sink-put',
    at: 1,
    name: 'archive',
    change: { connection: { ...connection, user: 'other' } },
    by: 'ann',
  })
  expect(findSink(state, 'archive')?.fromFile).toBeUndefined()
  await lead(archive())
  expect(findSink(state, 'archive')).toMatchObject({ connection: { user: 'u' }, fromFile: true, cursor: [7, 1] })
})

test('what the configuration does not name stays', async () => {
  const elsewhere = { ...connection, host: 'elsewhere' }
  await propose({ kind: 'sink-put', at: 1, name: 'other', change: { connection: elsewhere }, by: 'ann' })
  await lead(archive())
  expect([...state.sinks.values()].map(({ name }) => name)).toEqual(['other', 'archive'])
})

test('one that would write where another does is not put, and said', async () => {
  await propose({ kind: 'sink-put', at: 1, name: 'other', change: { connection }, by: 'ann' })
  await lead(archive())
  expect([...state.sinks.values()].map(({ name }) => name)).toEqual(['other'])
  expect(warned).toMatchObject([{ sink: 'archive', error: expect.stringContaining('sink other') }])
})

test('a password is the first line of its file, and a new one is taken over', async () => {
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, 'one\n')
  await lead(archive({ passwordFile }))
  writeFileSync(passwordFile, 'two\r\nmore')
  await lead(archive({ passwordFile }))
  expect(findSink(state, 'archive')?.password).toBe('sealed two')
})

test('certificates that are trusted are read from a file, and a change of it is taken over', async () => {
  const [one, other] = [new PrivateCa(), new PrivateCa()]
  onTestFinished(() => [one, other].forEach((authority) => authority.remove()))
  await lead(archive({ caFile: one.ca }))
  expect(findSink(state, 'archive')?.connection.ca).toContain('BEGIN CERTIFICATE')
  await lead(archive({ caFile: one.ca }))
  expect(commands).toHaveLength(1)
  await lead(archive({ caFile: other.ca }))
  await lead(archive())
  expect(findSink(state, 'archive')?.connection).not.toHaveProperty('ca')
  expect(commands).toHaveLength(3)
})

test('one whose password cannot be read is left as it is, said, and tried again', async () => {
  const passwordFile = join(folder, 'later')
  const configured = await lead(
    archive({ passwordFile }),
    archive({ name: 'second', connection: { ...connection, port: 7 } }),
  )
  expect([...state.sinks.values()].map(({ name }) => name)).toEqual(['second'])
  expect(warned).toMatchObject([{ sink: 'archive' }])
  writeFileSync(passwordFile, 'one')
  await clock.pass(10_000)
  await configured.settled()
  expect(findSink(state, 'archive')?.password).toBe('sealed one')
  await configured.stop()
})
