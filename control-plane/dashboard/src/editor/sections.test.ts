import { describe, expect, test } from 'vitest'
import type { Draft } from './pointer.ts'
import { changed, fieldsOf, repeatWarning, SECTIONS, TARGET } from './sections.ts'
import { anyJson, lines, numbers, pairs, statuses } from './text-forms.ts'

const http: Draft = { target: { kind: 'http', method: 'POST', url: 'https://shop.example.com/', redirectMax: 2 } }
const labels = (draft: Draft) =>
  [TARGET, ...SECTIONS].flatMap((section) => fieldsOf(section, draft)).map((one) => one.label)

test('fields are those that mean something for the draft', () => {
  expect(labels({ target: { kind: 'handler' } })).toContain('Handler')
  expect(labels(http)).not.toContain('Handler')
  expect(labels({ routing: { strategy: 'sharded' } })).toContain('or named items')
  expect(labels({})).not.toContain('or named items')
})

test('what means nothing any more is not sent', () => {
  const sharded: Draft = { routing: { strategy: 'sharded' }, sharding: { count: 8 }, placement: 'all' }
  expect(changed(sharded, '/routing/strategy', 'broadcast')).toEqual({
    routing: { strategy: 'broadcast' },
    placement: 'all',
  })
  expect(changed(sharded, '/routing/strategy', 'first')).toEqual({ routing: { strategy: 'first' } })
  expect(changed(http, '/target/kind', 'handler')).toEqual({ target: { kind: 'handler' } })
})

test('whoever posts is told that a request may come twice, unless it is never repeated', () => {
  expect(repeatWarning(http)).toMatch(/POST is sent again/)
  expect(repeatWarning({ ...http, onUncertain: 'fail' })).toBeUndefined()
  expect(repeatWarning({ target: { kind: 'http', method: 'GET' } })).toBeUndefined()
})

describe('text that stands for a value', () => {
  test.each([
    ['pairs', pairs, 'team=a\n b = x=y ', { team: 'a', b: 'x=y' }],
    ['lines', lines, 'one\n\n two ', ['one', 'two']],
    ['statuses', statuses, '200, 204 404', [200, 204, 404]],
    ['numbers', numbers, '1\n2.5', [1, 2.5]],
    ['JSON', anyJson, '{"a": 1}', { a: 1 }],
  ])('%s are read, and shown as they are read again', (_, form, text, value) => {
    expect(form.read(text)).toEqual({ value })
    expect(form.read(form.show(value))).toEqual({ value })
    expect(form.read(' ')).toEqual({ value: undefined })
  })

  test('what cannot be read says why', () => {
    expect(pairs.read('team')).toEqual({ fault: '“team” is not key=value.' })
    expect(statuses.read('2xx')).toEqual({ fault: '“2xx” is not a status.' })
    expect(anyJson.read('[1')).toHaveProperty('fault')
    expect(numbers.read('1\ntwo')).toHaveProperty('fault')
  })
})
