import { expect, test } from 'vitest'
import type { MessageOf, Snapshot } from '../raft/types.ts'
import type { ReceivedState } from '../store/state-import.ts'
import { SnapshotTransfer } from './snapshot-transfer.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const MEMBERSHIP = { voters: [1], learners: [2, 3], votersOutgoing: [], learnersNext: [], autoLeave: false }

async function* chunks(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1)
}

/** A leader whose newest state is at index 20, sending when the test says that it has arrived. */
function bench({ membership = MEMBERSHIP, connected = true } = {}) {
  const events: string[] = []
  const behind = new Set([2, 3])
  const arrivals: { to: number; signal: AbortSignal; end(error?: Error): void }[] = []
  let installing: number | undefined
  let imported = 0
  const transfer = new SnapshotTransfer({
    logger: quiet,
    store: {
      membership,
      flush: async () => void events.push('flush'),
    },
    network: {
      send(message) {
        if (message.type === 'snapshot') events.push(`message to ${message.to} at ${message.snapshot.index}`)
        return connected
      },
      sendSnapshot: (to, _snapshot, _chunks, signal) =>
        new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')))
          arrivals.push({ to, signal, end: (error) => (error ? reject(error) : resolve()) })
        }),
    },
    exportState: async () => ({
      position: { index: 20, term: 3, membership },
      chunks: chunks(),
      close: async () => void events.push('closed'),
    }),
    async importState(chunks) {
      for await (const _ of chunks);
      const index = (imported += 10)
      return { position: { index, term: 1, membership }, stateFolder: `state-${index}` } as unknown as ReceivedState
    },
    discard: async (folder) => void events.push(`discard ${folder}`),
    sent: (to, ok) => void events.push(`sent to ${to} ${ok} ${transfer.isSending(to)}`),
    needsState: (member) => behind.has(member),
    installs: ({ index }) => index === installing,
  })
  const install = (index: number | undefined) => (installing = index)
  return { events, arrivals, behind, transfer, install }
}

function message(to: number, index = 15): MessageOf<'snapshot'> {
  return { type: 'snapshot', from: 1, to, term: 3, snapshot: at(index) }
}

function at(index: number, term = 1): Snapshot {
  return { index, term, membership: MEMBERSHIP }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

test('the message that makes a state count leaves once the state has arrived, and names the state that was sent', async () => {
  const { events, arrivals, transfer } = bench()
  transfer.send(message(2))
  await turn()
  expect(events).toEqual([])
  arrivals[0]!.end()
  await turn()
  expect(events).toEqual(['message to 2 at 20', 'closed', 'sent to 2 true false'])
})

test.each([
  ['does not arrive', {}, new Error('lost')],
  ['arrives over a connection that is gone by then', { connected: false }, undefined],
  ['is from before it was a member', { membership: { ...MEMBERSHIP, learners: [3] } }, undefined],
])('that a state %s is reported', async (_how, change, error) => {
  const { events, arrivals, transfer } = bench(change)
  transfer.send(message(2))
  await turn()
  arrivals[0]?.end(error)
  await turn()
  expect(events.at(-1)).toBe('sent to 2 false false')
  expect(events).toContain('closed')
  expect(transfer.pinned).toBeUndefined()
})

test('one state at a time is sent to each; one report answers for all', async () => {
  const { events, arrivals, transfer } = bench()
  transfer.send(message(2))
  transfer.send(message(2))
  transfer.send(message(3))
  await turn()
  expect(arrivals.map(({ to }) => to)).toEqual([2, 3])
  for (const { end } of arrivals) end()
  await turn()
  expect(events.filter((event) => event.startsWith('sent'))).toEqual(['sent to 2 true false', 'sent to 3 true false'])
})

test('the log is kept from a state on until those who were sent it get entries again', async () => {
  const { arrivals, behind, transfer } = bench()
  transfer.send(message(2, 15))
  transfer.send(message(3, 12))
  await turn()
  expect(transfer.pinned).toBe(12)
  for (const { end } of arrivals) end()
  await turn()
  expect(transfer.pinned).toBe(12)
  behind.delete(3)
  expect(transfer.pinned).toBe(15)
  behind.delete(2)
  expect(transfer.pinned).toBeUndefined()
})

test('who leads no more sends nothing more, and says so', async () => {
  const { events, arrivals, transfer } = bench()
  transfer.send(message(2))
  await turn()
  transfer.stop()
  await turn()
  expect(arrivals[0]!.signal.aborted).toBe(true)
  expect(events.at(-1)).toBe('sent to 2 false false')
})

test('a state counts that is here, by index and term; a newer one takes its place', async () => {
  const { events, transfer } = bench()
  await transfer.receive(at(10), chunks())
  expect([transfer.has(at(10)), transfer.has(at(10, 2)), transfer.has(at(11))]).toEqual([true, false, false])
  await transfer.receive(at(20), chunks())
  expect(events).toEqual(['discard state-10'])
  expect(transfer.has(at(10))).toBe(false)
  expect(transfer.take()).toMatchObject({ stateFolder: 'state-20' })
  expect(transfer.has(at(20))).toBe(false)
})

test('a state that is about to be installed is not taken away by the next one', async () => {
  const { events, transfer, install } = bench()
  await transfer.receive(at(10), chunks())
  install(10)
  await expect(transfer.receive(at(20), chunks())).rejects.toThrow('is being installed')
  expect(events).toEqual([])
  expect(transfer.take()).toMatchObject({ stateFolder: 'state-10' })
})

test('two states are not received at once, and one that nobody wants is removed', async () => {
  const { events, transfer } = bench()
  const first = transfer.receive(at(10), chunks())
  await expect(transfer.receive(at(10), chunks())).rejects.toThrow('already')
  await first
  await transfer.drop()
  await transfer.drop()
  expect(events).toEqual(['discard state-10'])
})
