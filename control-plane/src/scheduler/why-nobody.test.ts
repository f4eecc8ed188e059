import { expect, test } from 'vitest'
import { executor, httpTarget, job, jobSpec, openRun } from '../dispatch/fixtures.ts'
import type { Executor } from '../discovery/executor.ts'
import type { OpenAttempt } from '../runs/run.ts'
import { whoHasYetToPoll, whyNobody } from './why-nobody.ts'

const polling = (id: string, change: Partial<Executor> = {}) =>
  executor(id, { kind: 'registered', url: 'pull', bootId: 'b1', ...change })
const those = (...executors: Executor[]) => new Map(executors.map((one) => [one.id, one]))
const handler = job(jobSpec())
const http = job(jobSpec({ target: httpTarget({ service: 'billing', path: '/x' }) }))

test('a service whose executors poll, and none of them does, is named with them', () => {
  const four = ['p1', 'p2', 'p3', 'p4'].map((id) => polling(id, { status: id === 'p1' ? 'suspect' : 'offline' }))
  expect(whyNobody(handler, those(...four))).toBe(
    'Nobody takes it: no executor of service billing polls for its calls (p1 is suspect, p2 is offline, p3 is offline, and 1 more).',
  )
})

test('one that takes the work has nothing said of the others', () => {
  expect(whyNobody(handler, those(polling('p1'), polling('p2', { status: 'offline' })))).toBeUndefined()
})

test('who polls takes no calls of http targets', () => {
  expect(whyNobody(http, those(polling('p1')))).toContain('take handlers alone')
  expect(whyNobody(http, those(polling('p1'), executor('e1')))).toBeUndefined()
  expect(whyNobody(job(jobSpec({ target: httpTarget({ url: 'http://x/' }) })), those())).toBeUndefined()
})

test('executors that have other labels are not meant', () => {
  const labelled = job(jobSpec({ routing: { strategy: 'round-robin', labels: { zone: 'a' } } }))
  expect(whyNobody(labelled, those(polling('p1', { status: 'offline' })))).toContain('there is none')
})

test('a call that waits for its executor to poll says whom it waits for', () => {
  const attempt = { id: 'r-0-1', executor: 'p1' } as OpenAttempt
  expect(whoHasYetToPoll(openRun('r', attempt), those(polling('p1')))).toBe('It waits until p1 polls for its calls.')
  const accepted = { ...attempt, acceptedAt: 1 }
  expect(whoHasYetToPoll(openRun('r', accepted), those(polling('p1')))).toBeUndefined()
  expect(whoHasYetToPoll(openRun('r', attempt), those(executor('p1')))).toBeUndefined()
})
