import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { createExecutor } from '../../sdk/src/executor.ts'
import { SkipError } from '../../sdk/src/errors.ts'
import { callExecutor, dispatchBody, envelope, NOW, SECRET, VirtualClock } from '../../sdk/src/test-kit.ts'

const document = parse(readFileSync(new URL('../../openapi/openapi.yaml', import.meta.url), 'utf8')) as object
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true })
ajv.addSchema({ ...document, $id: 'openapi' })

const executor = createExecutor({ service: 'billing', secret: SECRET, clock: new VirtualClock(), logger: false })
  .job('report', (ctx) => {
    ctx.log.warn('odd', { rows: 2 })
    ctx.progress(1, 2, 'half')
    return { rows: 2 }
  })
  .job('nothing', { description: 'Skips' }, () => {
    throw new SkipError('no rows')
  })
  .job('fails', () => {
    throw new Error('broken')
  })

function faults(schema: string, value: unknown): unknown {
  const validate = ajv.getSchema(`openapi#/components/schemas/${schema}`)
  if (!validate) throw new Error(`the document has no ${schema}`)
  return validate(value) ? [] : validate.errors
}

test.each([
  ['RunResult', dispatchBody({ attemptId: 'a1' })],
  ['RunResult', dispatchBody({ attemptId: 'a2', handler: 'nothing' })],
  ['RunResult', dispatchBody({ attemptId: 'a3', handler: 'fails' })],
  ['RunCancelled', envelope('run.cancel', { runId: 'run1', attemptId: 'a1', reason: 'cancelled' })],
  ['Pong', envelope('ping', { challenge: 'abc' })],
  ['Manifest', envelope('manifest.get', {})],
])('a reply of the SDK is a %s as the contract has it', async (schema, body) => {
  const { attemptId } = (JSON.parse(body) as { data: { attemptId?: string } }).data
  const id = body.includes('run.dispatch') ? attemptId : 'msg1'
  const reply = await callExecutor(executor, body, { now: NOW, ...(id !== undefined && { id }) })
  expect(reply.status).toBe(200)
  expect(faults(schema, reply.json)).toEqual([])
})

test('a reply that is not as the contract has it would be noticed', () => {
  expect(faults('RunResult', { type: 'run.result', data: {} })).not.toEqual([])
  expect(faults('RunDispatch', JSON.parse(dispatchBody()))).toEqual([])
})
