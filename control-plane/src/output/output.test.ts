import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { raftId } from '../cluster/member-id.ts'
import { PeerUnreachable } from '../cluster/network.ts'
import { joinedOutput, type KeptOutput } from '../runs/kept-output.ts'
import { lineBytes } from '../runs/log-lines.ts'
import type { LogLine, OpenAttempt } from '../runs/run.ts'
import type { MemberId } from '../raft/types.ts'
import { StillClock } from '../runtime/still-clock.test-helper.ts'
import type { Command } from '../state/commands.ts'
import { emptyState, type State } from '../state/state.ts'
import { OUTPUT_BYTES_MAX } from './cut-lines.ts'
import { Output } from './output.ts'
import { OutputStore } from './output-store.ts'

const [A, B] = ['a'.repeat(16), 'b'.repeat(16)]
const RUN = 'run1'
const ATTEMPT = `${RUN}-0-1`
const MIB = 1024 * 1024

let root: string
let clock: StillClock
let state: State
/** Ids of runs in the ledger. */
let ended: Set<string>
let warned: string[]
const outputs = new Map<string, Output>()
const stores = new Map<string, OutputStore>()
let reachable: Set<string>
/** Requests under way, to be waited for. */
let asked: Promise<unknown>[]

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'output-'))
  clock = new StillClock()
  state = emptyState()
  ended = new Set()
  warned = []
  reachable = new Set([A, B])
  asked = []
  for (const id of [A, B]) state.members.set(id, { id, name: id, address: 'h:1', addedAt: 0, joinedAt: 0 })
  state.runs.set(RUN, { id: RUN, namespace: 7, shards: [] } as never)
  state.attempts.set(ATTEMPT, RUN)
})

afterEach(async () => {
  for (const output of outputs.values()) output.stop()
  for (const store of stores.values()) await store.close()
  outputs.clear()
  stores.clear()
  rmSync(root, { recursive: true, force: true })
})

async function node(id: string, namespaceBytesMax = MIB): Promise<Output> {
  const logger = { warn: (_: object, message: string) => void warned.push(message) }
  const store = await OutputStore.open({ folder: join(root, id), clock, logger, namespaceBytesMax })
  const network = {
    silence: (of: MemberId) => ([...reachable].some((one) => raftId(one) === of) ? 0 : undefined),
    request(to: MemberId, _kind: string, body: Uint8Array) {
      const [, other] = [...outputs].find(([one]) => raftId(one) === to && reachable.has(one)) ?? []
      if (!other) return Promise.reject(new PeerUnreachable('there is no connection'))
      const answer = other.answer(body)
      asked.push(answer)
      return answer
    },
  }
  const ledger = { run: (run: string) => Promise.resolve(ended.has(run) ? ({} as never) : undefined) }
  const output = new Output({ clock, logger, node: id, store, state: () => state, ledger, network })
  outputs.set(id, output)
  stores.set(id, store)
  return output
}

const lines = (...messages: string[]): LogLine[] =>
  messages.map((message, at) => ({ at: clock.now() + at, level: 'info', message }))

function finish(logs: LogLine[], logsFrom?: number): Command {
  const end = { attempt: ATTEMPT, job: 1, outcome: 'succeeded' as const, endedAt: 0, retryable: true, chance: 0 }
  return {
    kind: 'attempts-finished',
    at: 0,
    finishes: [{ ...end, result: 5, logs, ...(logsFrom !== undefined && { logsFrom }) }],
  }
}

/** What became of the only end in a command. */
function endOf(command: Command) {
  if (command.kind !== 'attempts-finished') throw new Error('these are no ends')
  return command.finishes[0] as (typeof command.finishes)[number]
}

/** Until what was handed over is stored at both nodes. */
async function stored(): Promise<void> {
  await Promise.allSettled(asked)
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

async function handsOut(from: Output, kept: KeptOutput, expected: LogLine[]): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    await stored()
    if ((await from.lines(ATTEMPT, kept)).length >= expected.length) break
  }
  expect(await from.lines(ATTEMPT, kept)).toEqual(expected)
}

test('lines leave the log for the node that received them and one other; the result stays', async () => {
  const [one, other] = [await node(A), await node(B)]
  const logs = lines('first', 'second')
  const end = endOf(one.withoutLines(finish(logs)))
  expect(end).toMatchObject({ result: 5, output: { nodes: [A, B], lines: 2 } })
  expect(end.logs).toBeUndefined()
  await handsOut(one, end.output as KeptOutput, logs)
  await handsOut(other, end.output as KeptOutput, logs)
})

test('whoever reads at once waits for what is being written', async () => {
  const one = await node(A)
  const logs = lines('a')
  const { output } = endOf(one.withoutLines(finish(logs)))
  expect(await one.lines(ATTEMPT, output as KeptOutput)).toEqual(logs)
})

test('any node hands them out, from whichever of the two is there', async () => {
  const one = await node(A)
  await node(B)
  const logs = lines('a')
  const { output } = endOf(one.withoutLines(finish(logs)))
  await handsOut(one, output as KeptOutput, logs)
  reachable.delete(A)
  const third = await node('c'.repeat(16))
  await handsOut(third, output as KeptOutput, logs)
})

test('lines that nobody hands out are missing, which the number of them says', async () => {
  const one = await node(A)
  await node(B)
  const { output } = endOf(one.withoutLines(finish(lines('a', 'b'))))
  await handsOut(one, output as KeptOutput, lines('a', 'b'))
  reachable.clear()
  const third = await node('c'.repeat(16))
  expect(await third.lines(ATTEMPT, output as KeptOutput)).toEqual([])
  expect(output?.lines).toBe(2)
})

test('reports of several nodes are put together in their order; what is sent twice is kept once', async () => {
  const [one, other] = [await node(A), await node(B)]
  const first = lines('1', '2')
  const report = (of: Output, logs: LogLine[]) => {
    const command = of.withoutLines({ kind: 'attempt-report', at: 0, attempt: ATTEMPT, logs })
    return (command as { output?: KeptOutput }).output as KeptOutput
  }
  const early = report(one, first)
  await clock.pass(1000)
  const second = lines('3')
  report(other, second)
  report(other, second)
  const kept = { nodes: [A, B], lines: early.lines + 1 }
  await handsOut(one, kept, [...first, ...second])
  await handsOut(other, kept, [...first, ...second])
})

test('lines that say their place are there once, whether or not a node knows that they got through', async () => {
  const [one, other] = [await node(A), await node(B)]
  const attempt = { id: ATTEMPT } as OpenAttempt
  state.runs.set(RUN, { id: RUN, namespace: 7, shards: [{ index: 0, attempt }] } as never)
  const logs = lines('1', '2', '3', '4')
  const report = (of: Output, from: number, to: number) =>
    of.withoutLines({ kind: 'attempt-report', at: 0, attempt: ATTEMPT, logs: logs.slice(from, to), logsFrom: from })
  const apply = (command: Command) => {
    if (command.kind !== 'attempt-report') throw new Error('this is no report')
    const output = joinedOutput(attempt.output, command.output, command.logsFrom)
    if (output) attempt.output = output
  }
  // Refused, and sent again with one more.
  report(one, 0, 1)
  apply(report(other, 0, 2))
  // What is known is not kept again.
  expect(report(one, 0, 2)).not.toHaveProperty('output')
  expect(report(one, 0, 3)).toMatchObject({
    output: { lines: 1 },
    logsFrom: 2,
    outputBytes: lineBytes(logs[2] as LogLine),
  })
  // It was under way when the end came, with the same lines.
  const underway = report(one, 2, 3)
  const end = endOf(other.withoutLines(finish(logs.slice(2), 2)))
  apply(underway)
  const kept = joinedOutput(attempt.output, end.output, end.logsFrom)
  expect(kept).toEqual({ nodes: [B, A], lines: 4 })
  await handsOut(one, kept as KeptOutput, logs)
  await handsOut(other, kept as KeptOutput, logs)
})

test('lines that are sent again and again, since nobody leads, leave as much room as if they had come once', async () => {
  const one = await node(A)
  const [first, second] = lines('x'.repeat(OUTPUT_BYTES_MAX / 2), 'y'.repeat(OUTPUT_BYTES_MAX / 4))
  const report = (from: number, ...logs: (LogLine | undefined)[]) => {
    const given = logs as LogLine[]
    const command = one.withoutLines({ kind: 'attempt-report', at: 0, attempt: ATTEMPT, logs: given, logsFrom: from })
    return 'output' in command ? command.output?.lines : undefined
  }
  for (let times = 0; times < 5; times++) expect(report(0, first)).toBe(1)
  expect(report(0, first, second)).toBe(2)
  // Cut, with a line that says so.
  expect(report(2, second)).toBe(2)
  expect(endOf(one.withoutLines(finish([second as LogLine], 2))).output?.lines).toBe(2)
})

test('a node that is alone keeps them alone; one whose copy fails says so', async () => {
  const one = await node(A)
  reachable.delete(B)
  expect(endOf(one.withoutLines(finish(lines('a')))).output).toEqual({ nodes: [A], lines: 1 })
  reachable.add(B)
  endOf(one.withoutLines(finish(lines('b'))))
  // Reading waits for what is being written here.
  await one.lines(ATTEMPT, { nodes: [A], lines: 2 })
  await stored()
  expect(warned).toEqual(['a copy of the lines of a run could not be kept'])
})

test('a command without lines is the same command, and lines of an attempt that has ended go nowhere', async () => {
  const one = await node(A)
  const command: Command = { kind: 'hash-mark', at: 0 }
  expect(one.withoutLines(command)).toBe(command)
  state.attempts.delete(ATTEMPT)
  expect(endOf(one.withoutLines(finish(lines('a')))).output).toBeUndefined()
})

test('beyond what a namespace may take the oldest lines go, also after a restart', async () => {
  const logger = { warn: () => undefined }
  const open = () => OutputStore.open({ folder: join(root, 'q'), clock, logger, namespaceBytesMax: 10_000 })
  let store = await open()
  const put = async (run: string, namespace = 1) => {
    await clock.pass(10)
    await store.put({ namespace, run, shard: 0, ordinal: 1, lines: lines('x'.repeat(3000)) })
  }
  await put('other', 2)
  for (const run of ['r1', 'r2', 'r3']) await put(run)
  await store.close()
  store = await open()
  await put('r4')
  expect(await store.runs('', 10)).toEqual(['other', 'r2', 'r3', 'r4'])
  await store.drop('r3')
  await put('r5')
  expect(await store.runs('', 10)).toEqual(['other', 'r2', 'r4', 'r5'])
  expect(await store.runs('r2', 1)).toEqual(['r4'])
  await store.close()
})

test('lines go with their run: what is neither open nor in the ledger is dropped', async () => {
  const one = await node(A)
  const store = stores.get(A) as OutputStore
  for (const run of [RUN, 'kept', 'gone']) {
    await store.put({ namespace: 1, run, shard: 0, ordinal: 1, lines: lines('a') })
  }
  ended.add('kept')
  one.start()
  for (let tries = 0; tries < 100 && (await store.runs('', 10)).includes('gone'); tries++) await clock.pass(600_000)
  expect(await store.runs('', 10)).toEqual(['kept', RUN])
})

test('a database that cannot be read is begun anew, with a warning', async () => {
  const folder = join(root, 'broken')
  let store = await OutputStore.open({ folder, clock, logger: { warn: () => undefined }, namespaceBytesMax: MIB })
  await store.put({ namespace: 1, run: 'r', shard: 0, ordinal: 1, lines: lines('a') })
  await store.close()
  writeFileSync(join(folder, 'CURRENT'), 'nonsense')
  const logger = { warn: (_: object, message: string) => void warned.push(message) }
  store = await OutputStore.open({ folder, clock, logger, namespaceBytesMax: MIB })
  expect(warned).toEqual(['the lines of earlier runs cannot be read, and are dropped'])
  expect(await store.runs('', 10)).toEqual([])
  await store.close()
})

test('an attempt keeps as many bytes as it may, whichever nodes receive its lines, also after a restart of them', async () => {
  const [one, other] = [await node(A), await node(B)]
  const attempt: Partial<OpenAttempt> = { id: ATTEMPT }
  state.runs.set(RUN, { id: RUN, namespace: 7, shards: [{ attempt }] } as never)
  const half = lines('x'.repeat(OUTPUT_BYTES_MAX / 2))
  const report = (to: Output) => {
    const command = to.withoutLines({ kind: 'attempt-report', at: 0, attempt: ATTEMPT, logs: half })
    if (command.kind !== 'attempt-report') throw new Error('this is no report')
    attempt.outputBytes = (attempt.outputBytes ?? 0) + (command.outputBytes ?? 0)
    return command.output?.lines
  }
  expect(report(one)).toBe(1)
  // Cut, with a line that says so.
  expect(report(other)).toBe(2)
  expect(attempt.outputBytes).toBe(OUTPUT_BYTES_MAX)
  expect([report(one), report(other)]).toEqual([undefined, undefined])
  await stores.get(A)?.close()
  expect(endOf((await node(A)).withoutLines(finish(half))).output).toBeUndefined()
})
