import { expect, test } from 'vitest'
import { PeerLost } from '../cluster/network.ts'
import { raftId } from '../cluster/member-id.ts'
import { StillClock } from '../runtime/still-clock.test-helper.ts'
import { SinkDesk, type SinkDeskDeps } from './sink-desk.ts'
import type { SinkFigures } from './sinks-port.ts'
import type { Sink } from './sink.ts'

const SELF = '1'.repeat(16)
const LEADER = '2'.repeat(16)
const place = { since: 2, cursor: [9, 1], position: 30, rows: 30 } as const
const FIGURES: SinkFigures = { lagRows: 3, lagMs: 40, rowsPerSecond: 5, place }

function desk(leader: string | undefined, more: Partial<SinkDeskDeps> = {}) {
  const unused = () => {
    throw new Error('nothing is connected to')
  }
  return new SinkDesk({
    clock: new StillClock(),
    logger: { warn: unused },
    node: SELF,
    consensus: {
      leadership: () => ({ term: 1, leader, isLeader: leader === SELF, signal: new AbortController().signal }),
    },
    network: { request: unused },
    sinks: () => new Map(),
    openSecret: (sealed) => sealed.replace('sealed ', ''),
    driver: { target: unused, reader: unused },
    figures: () => undefined,
    verify: unused,
    planResend: unused,
    ...more,
  })
}

test('every member says how far the sinks are, as the leader measures it', async () => {
  const leads = desk(SELF, { figures: () => [[7, FIGURES]] })
  expect((await leads.figures())?.get(7)).toEqual(FIGURES)
  const asked: unknown[] = []
  const request = (to: number, kind: string, body: Uint8Array) => {
    asked.push([to, kind])
    return Promise.resolve(leads.answer(body) ?? new Uint8Array())
  }
  const other = desk(LEADER, { network: { request } })
  expect((await other.figures())?.get(7)).toEqual(FIGURES)
  expect(asked).toEqual([[raftId(LEADER), 'api']])
})

test('without a leader, or when it does not answer, that is unknown', async () => {
  expect(await desk(undefined).figures()).toBeUndefined()
  const request = () => Promise.reject(new PeerLost('gone'))
  expect(await desk(LEADER, { network: { request } }).figures()).toBeUndefined()
})

test('a comparison connects with the password that is saved, and closes what it opened, also when it is cut short', async () => {
  const seen: string[] = []
  const target = ({ host }: { host: string }, password: string | undefined) => {
    seen.push(`${host} ${password}`)
    return { close: () => Promise.resolve(void seen.push('closed')) } as never
  }
  const report = { equal: true, upTo: [1, 0] as const, hours: 0, rows: 0, differences: [], more: 0 }
  async function* verify() {
    yield { progress: { phase: 'ledger' as const, rows: 1 } }
    await Promise.resolve()
    yield { report }
  }
  const sink = { connection: { host: 'db' }, password: 'sealed hunter2' } as unknown as Sink
  const steps = () =>
    desk(SELF, { driver: { target, reader: target }, verify }).verify(sink, new AbortController().signal)
  const all: object[] = []
  for await (const step of steps()) all.push(step)
  expect(all.at(-1)).toEqual({ report })
  for await (const _ of steps()) break
  expect(seen).toEqual(['db hunter2', 'closed', 'db hunter2', 'closed'])
})
