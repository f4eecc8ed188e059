import { createExecutor, type JsonObject, NonRetryableError } from '@cronclave/sdk'
import { harness, testSecret } from '@cronclave/sdk/testing'
import { expect, test } from 'vitest'
import { StillClock } from '../../runtime/still-clock.test-helper.ts'
import { parametersSchema } from './parameters.ts'
import type { AgentPlugin } from './plugin.ts'
import { handlerOf } from './plugin-handler.ts'

const ANYTHING = { type: 'object' }

/** An agent with one plugin, called as the control plane does. */
function agentWith(plugin: Partial<AgentPlugin> & Pick<AgentPlugin, 'run'>, clock = new StillClock()) {
  const whole = { name: 'work', parameters: ANYTHING, ...plugin }
  const secret = testSecret()
  const executor = createExecutor({ service: 'near', secret, logger: false })
  executor.job(whole.name, { params: parametersSchema(whole) }, handlerOf(whole, clock))
  return harness(executor, { service: 'near', secret })
}

const failing = (error: unknown) =>
  agentWith({
    run() {
      throw error
    },
  }).run('work')

test('a plugin is given the call and the means to report, and what it returns is the result', async () => {
  const agent = agentWith({
    run({ params, job, runId, attempt, fencingToken, shard }, { log, progress, signal, deadline }) {
      log.info('begun', { job })
      progress(1, 2, 'half')
      return {
        params,
        runId,
        attempt,
        token: String(fencingToken),
        shard: shard.index,
        ...{ deadline, over: signal.aborted },
      }
    },
  })
  const params = { city: 'tianjin' }
  expect(await agent.run('work', { params, runId: 'r1', attempt: 2, fencingToken: 7n })).toMatchObject({
    status: 'succeeded',
    result: { params, runId: 'r1', attempt: 2, token: '7', shard: 0, over: false },
    logs: [{ message: 'begun {"job":"work"}' }],
    progress: { done: 1, total: 2, note: 'half' },
  })
})

test.each([
  [
    Object.assign(new Error('no such table'), { code: 'no-table', retryable: false }),
    { code: 'no-table', retryable: false },
  ],
  [
    Object.assign(new TypeError('busy'), { retryAfterMs: 1500 }),
    { name: 'TypeError', retryable: true, retryAfterMs: 1500 },
  ],
  [Object.assign(new Error('odd'), { retryAfterMs: -1, retryable: 'no' }), { code: 'handler-error', retryable: true }],
  [new NonRetryableError('never'), { code: 'non-retryable', retryable: false }],
  ['a text', { message: 'a text', retryable: true }],
  [undefined, { retryable: true }],
])('%o of a plugin says what follows', async (error, expected) => {
  expect(await failing(error)).toMatchObject({ status: 'failed', error: expected })
})

test('the check of a plugin comes after its schema, and one that fails itself refuses the run', async () => {
  const parameters = { type: 'object', properties: { rows: { type: 'integer' } } }
  const check = ({ rows }: JsonObject) => {
    if (rows === 13) throw new Error('superstition')
    return rows === 0 ? [{ pointer: '/rows', detail: 'is nothing to do' }] : []
  }
  const agent = agentWith({ parameters, check, run: () => 1 })
  const messageOf = async (rows: unknown) =>
    (await agent.run('work', { params: { rows } as JsonObject })).error?.message
  expect(await messageOf('x')).toContain('/data/params/rows must be an integer')
  expect(await messageOf(0)).toContain('/data/params/rows is nothing to do')
  expect(await messageOf(13)).toContain('superstition')
  expect(await messageOf(1)).toBeUndefined()
})

test('a check that gives no list of faults, a promise of one for instance, refuses the run', async () => {
  const messageOf = async (say: () => unknown) => {
    const check = () => say() as readonly never[]
    return (await agentWith({ check, run: () => 1 }).run('work')).error?.message
  }
  for (const said of [undefined, []]) expect(await messageOf(() => said)).toBeUndefined()
  const wrong = [true, 'no', ['no'], [{ detail: 'no' }], [null]].map((said) => () => said)
  for (const say of [...wrong, () => Promise.resolve([]), () => Promise.reject(new Error('no'))]) {
    expect(await messageOf(say)).toContain('the check of work gave no list of {pointer, detail}')
  }
})

test('a plugin that does not heed its signal is not waited for any longer', async () => {
  const clock = new StillClock()
  const heard: unknown[] = []
  let begin = () => {}
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  const agent = agentWith(
    {
      run(_, { signal }) {
        signal.addEventListener('abort', () => heard.push((signal.reason as { code: string }).code))
        begin()
        return new Promise(() => undefined)
      },
    },
    clock,
  )
  const running = agent.start('work')
  await begun
  expect(await running.cancel()).toBe(true)
  expect(heard).toEqual(['cancelled'])
  await clock.pass(4999)
  expect(clock.timers).toBe(1)
  await clock.pass(1)
  expect(await running.result).toMatchObject({ status: 'cancelled' })
})
