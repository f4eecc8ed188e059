import { expect, test } from 'vitest'
import { VirtualClock } from '../../test/sim/virtual-clock.ts'
import { NotCommitted, type Outcome } from './cluster/consensus.ts'
import { Problem } from './problems.ts'
import { Recorder } from './recorder.ts'
import type { AttemptFinish, Command } from './state/commands.ts'
import { emptyState } from './state/state.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }

/** A recorder whose commands end as the test says, else well. */
function bench() {
  const clock = new VirtualClock(0)
  const state = emptyState()
  const answers: (Error | 'never')[] = []
  const submitted: string[][] = []
  const log: { catchesUp: () => Promise<void> } = { catchesUp: () => Promise.resolve() }
  const recorder = new Recorder({
    clock,
    logger: quiet,
    state: () => state,
    caughtUp: () => log.catchesUp(),
    submit(command: Command): Promise<Outcome> {
      if (command.kind === 'attempts-finished') submitted.push(command.finishes.map(({ attempt }) => attempt))
      if (command.kind === 'attempts-accepted') submitted.push(command.accepted.map(({ attempt }) => `${attempt}+`))
      const answer = answers.shift()
      if (answer === 'never') return new Promise(() => undefined)
      return answer ? Promise.reject(answer) : Promise.resolve({ kind: 'applied', index: 1, value: {} })
    },
  })
  const open = (attempt: string) => void state.attempts.set(attempt, {} as never)
  return { clock, state, log, answers, submitted, recorder, open }
}

function finish(attempt: string): AttemptFinish {
  return { attempt } as AttemptFinish
}

test('what ends in one turn of the loop is recorded by one entry', async () => {
  const { clock, recorder, submitted } = bench()
  recorder.finished(finish('a'))
  recorder.finished(finish('b'))
  recorder.accepted('c', 1000)
  await clock.run(1)
  await recorder.stop()
  expect(submitted).toEqual([['a', 'b'], ['c+']])
})

test.each([
  ['nobody leads', new Problem('not-leader', 'no')],
  ['the disk of the leader has failed', new Problem('storage-failed', 'no')],
])('while %s it is tried again, whether or not the attempt is still open', async (_why, error) => {
  const { clock, recorder, submitted, answers } = bench()
  answers.push(error, error)
  recorder.finished(finish('a'))
  await clock.run(1000)
  expect(submitted).toHaveLength(1)
  await new Promise((resolve) => setImmediate(resolve))
  await clock.run(2000)
  expect(submitted).toEqual([['a'], ['a'], ['a']])
})

test('what may have been recorded is tried again only while the attempt is open', async () => {
  const { clock, state, recorder, submitted, answers, open } = bench()
  open('a')
  open('b')
  answers.push(new NotCommitted('lost'))
  recorder.finished(finish('a'))
  recorder.finished(finish('b'))
  await new Promise((resolve) => setImmediate(resolve))
  state.attempts.delete('a')
  await clock.run(1000)
  await new Promise((resolve) => setImmediate(resolve))
  expect(submitted).toEqual([['a', 'b'], ['b']])
})

test('what may have been recorded waits until this node is as far as the log', async () => {
  const { clock, state, log, recorder, submitted, answers, open } = bench()
  open('a')
  open('b')
  answers.push(new NotCommitted('lost'))
  log.catchesUp = () => {
    log.catchesUp = () => {
      // What was lost on its way back is here now.
      state.attempts.delete('a')
      return Promise.resolve()
    }
    return Promise.reject(new Error('nobody leads'))
  }
  recorder.finished(finish('a'))
  recorder.finished(finish('b'))
  await new Promise((resolve) => setImmediate(resolve))
  await clock.run(1000)
  await new Promise((resolve) => setImmediate(resolve))
  await clock.run(2000)
  await new Promise((resolve) => setImmediate(resolve))
  expect(submitted).toEqual([['a', 'b'], ['b']])
})

test('a stop tries on for a while, so that the next leader takes it in', async () => {
  const { clock, recorder, submitted, answers } = bench()
  answers.push(new Problem('not-leader', 'it has handed over'), new Problem('not-leader', 'not yet'))
  recorder.finished(finish('a'))
  const stopped = recorder.stop()
  await new Promise((resolve) => setImmediate(resolve))
  await clock.run(2000)
  await stopped
  expect(submitted).toHaveLength(3)
  expect(clock.monotonic()).toBe(2000)
})

test('a stop ends without an answer, and at once when this disk has failed', async () => {
  const { clock, recorder, answers } = bench()
  answers.push('never')
  recorder.finished(finish('a'))
  let stopped = false
  void recorder.stop().then(() => (stopped = true))
  await clock.run(2999)
  expect(stopped).toBe(false)
  await clock.run(3001)
  expect(stopped).toBe(true)
  const other = bench()
  other.answers.push(new Problem('storage-failed', 'EIO'))
  other.recorder.finished(finish('a'))
  await other.recorder.stop()
  expect(other.clock.monotonic()).toBe(0)
})

test('what can never be recorded is not tried again', async () => {
  const { clock, recorder, submitted, answers } = bench()
  answers.push(new Problem('invalid-request', 'it cannot be stored'))
  recorder.finished(finish('a'))
  await new Promise((resolve) => setImmediate(resolve))
  await clock.run(1000)
  expect(submitted).toHaveLength(1)
})
