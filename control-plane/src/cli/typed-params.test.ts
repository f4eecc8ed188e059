import { expect, test } from 'vitest'
import { type Answer, problem, reply, run } from './run.test-helper.ts'

const PARAMS = {
  type: 'object',
  properties: {
    zip: { type: 'string' },
    times: { type: 'integer' },
    rate: { type: 'number' },
    dry: { type: 'boolean' },
    city: { $ref: '#/$defs/city' },
    level: { enum: [1, 2] },
    code2: { $ref: '#/$defs/some%20code/anyOf/0' },
    tags: { type: 'array', items: { type: 'string' } },
    days: { type: 'array', items: { type: 'integer' } },
    limit: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
    code: { type: ['string', 'number'] },
    deep: { type: 'object' },
    any: {},
  },
  $defs: { city: { enum: ['tianjin', 'shanghai'] }, 'some code': { anyOf: [{ type: 'string' }] } },
}
const ran = { id: 'r1', job: 'greet', state: 'queued', cause: 'api', fireTime: '2026-11-20T15:00:00Z', attempts: 1 }

const answer: Answer = ({ method, url }) => {
  if (method === 'POST') return reply(ran, 201)
  if (url.endsWith('/services/billing/manifest')) return reply({ handlers: [{ name: 'greet', params: PARAMS }] })
  return reply({ name: 'greet', definition: { target: { kind: 'handler', service: 'billing', handler: 'greet' } } })
}
const trigger = (...written: string[]) =>
  run(['job', 'trigger', 'greet', ...written.flatMap((one) => ['-p', one])], { answer })

test.each<[string, unknown]>([
  ['zip=00100', '00100'],
  ['zip=100', '100'],
  ['zip="100"', '100'],
  ['zip=true', 'true'],
  ['zip=12345678901234567890', '12345678901234567890'],
  ['zip=', ''],
  ['times=3', 3],
  ['rate=0.5', 0.5],
  ['dry=false', false],
  ['city=tianjin', 'tianjin'],
  ['level=2', 2],
  ['code2=2', '2'],
  ['tags=a,2', ['a', '2']],
  ['tags=["a,b"]', ['a,b']],
  ['tags=', []],
  ['days=1,2', [1, 2]],
  ['limit=null', null],
  ['limit=7', 7],
  ['code=7', 7],
  ['code=x7', 'x7'],
  ['deep={"a":1}', { a: 1 }],
  ['any=1', 1],
  ['any={"id":"12345678901234567890"}', { id: '12345678901234567890' }],
  ['unknown=tianjin', 'tianjin'],
])('%s is what the handler says that it is', async (written, value) => {
  const { calls, exit } = await trigger(written)
  expect(exit).toBe(0)
  const [name = ''] = written.split('=')
  expect(calls.at(-1)?.body).toEqual({ params: { [name]: value } })
})

test.each([
  ['times=two', 'times: "two" is not integer.'],
  ['times=1.5', 'times: "1.5" is not integer.'],
  ['dry=maybe', 'dry: "maybe" is not boolean.'],
  ['days=1,b', 'days: "b" is not integer.'],
  ['days=[1', 'days: "[1" is not JSON.'],
  ['deep=a', 'deep: "a" is not object.'],
  ['times=9007199254740993', 'times: 9007199254740993 is more than a number holds.'],
  ['rate=1e999', 'rate: 1e999 is more than a number holds.'],
  ['any={"id":12345678901234567890}', 'any: 12345678901234567890 is more than a number holds.'],
  ['unknown=12345678901234567890', 'In quotes it is text: \'"12345678901234567890"\'.'],
])('%s is refused before anything is sent', async (written, words) => {
  const { calls, err, exit } = await trigger(written)
  expect(exit).toBe(2)
  expect(err).toContain(words)
  expect(calls.some(({ method }) => method === 'POST')).toBe(false)
})

test('without a word of the handler a value is JSON where it can be, and without parameters nobody is asked', async () => {
  const deaf: Answer = ({ method }) => (method === 'POST' ? reply(ran, 201) : problem(403, 'forbidden'))
  const { calls } = await run(['job', 'trigger', 'greet', '-p', 'times=3', '-p', 'zip=x'], { answer: deaf })
  expect(calls.at(-1)?.body).toEqual({ params: { times: 3, zip: 'x' } })
  expect((await run('job trigger greet', { answer })).calls).toHaveLength(1)
})
