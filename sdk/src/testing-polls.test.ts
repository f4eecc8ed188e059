import { expect, onTestFinished, test } from 'vitest'
import { createExecutor, type Executor } from './executor.ts'
import { harness, testControlPlane, testSecret } from './testing.ts'

const secret = testSecret()

/** An executor that listens, and its harness. */
async function listening(concurrency = 4) {
  const controlPlane = testControlPlane()
  const executor = createExecutor({ service: 'billing', secret, concurrency, logger: false, fetch: controlPlane.fetch })
    .job('report', ({ params }) => ({ got: params }))
    .job('wait', ({ signal }) => {
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
    })
  const started = await executor.listen({ token: 'any', controlPlane: controlPlane.url })
  onTestFinished(() => started.stop({ drain: 0 }))
  return { started, app: harness(executor, { service: 'billing', secret, controlPlane, listening: true }), executor }
}

/** Calls that are made at once may arrive in any order. */
async function begun(executor: Executor) {
  while (executor.inFlight === 0) await new Promise((resolve) => setImmediate(resolve))
}

test('an executor that listens is run by its polls, and says what it can do', async () => {
  const { app } = await listening()
  const runs = await Promise.all([1, 2, 3].map((n) => app.run('report', { params: { n } })))
  expect(runs.map(({ status, result }) => [status, result])).toEqual(
    [1, 2, 3].map((n) => ['succeeded', { got: { n } }]),
  )
  expect(await app.handlers()).toEqual([{ name: 'report' }, { name: 'wait' }])
})

test('what it refuses is refused, and what is cancelled is cancelled', async () => {
  const { app, executor } = await listening(1)
  const running = app.start('wait')
  await begun(executor)
  expect(await app.run('report')).toMatchObject({ status: 'refused', error: { code: 'no-slot' } })
  expect(await app.run('nothing')).toMatchObject({ status: 'refused' })
  expect(await running.cancel()).toBe(true)
  expect(await running.result).toMatchObject({ status: 'cancelled' })
})

test('it leaves as it would, and is not heard of any more', async () => {
  const { app, started, executor } = await listening()
  const running = app.start('wait')
  await begun(executor)
  await started.stop({ drain: 0 })
  expect(await running.result).toMatchObject({ status: 'failed', error: { code: 'drain' } })
})

test('a harness that listens needs a control plane to listen to', () => {
  const executor = createExecutor({ service: 'billing', secret })
  expect(() => harness(executor, { service: 'billing', secret, listening: true })).toThrow('controlPlane')
})
