import { expect, test } from 'vitest'
import { checkParams } from './check.ts'

const faults = (of: object, value: unknown) =>
  checkParams({ type: 'object', properties: { x: of } }, { x: value }).map(
    ({ pointer, detail }) => `${pointer} ${detail}`,
  )
const NONE = 'fits none of the forms that it may have'
const small = { anyOf: [{ type: 'number', minimum: 3 }, { type: 'null' }] }
const mail = { type: 'object', properties: { kind: { const: 'mail' }, to: { type: 'string' } }, required: ['to'] }
const hook = { type: 'object', properties: { kind: { const: 'hook' }, url: { type: 'string' } }, required: ['url'] }

test('each item of a list is judged by itself', () => {
  expect(faults({ type: 'array', items: small }, [1, 'x', 5, null, 2])).toEqual([
    '/params/x/0 must be at least 3',
    `/params/x/1 ${NONE}`,
    '/params/x/4 must be at least 3',
  ])
})

test('where a name says which form is meant, what is wrong with that one is told', () => {
  const union = { oneOf: [mail, hook] }
  expect(faults(union, { kind: 'mail', to: 1 })).toEqual(['/params/x/to must be a string'])
  expect(faults(union, { kind: 'hook' })).toEqual(['/params/x/url is needed'])
  expect(faults(union, { kind: 'post' })).toEqual([`/params/x ${NONE}`])
})

test('unions within unions are told once', () => {
  const union = { anyOf: [{ type: 'string' }, { type: 'object', properties: { n: small }, required: ['n'] }] }
  expect(faults(union, { n: 1 })).toEqual(['/params/x/n must be at least 3'])
  expect(faults(union, { n: 'x' })).toEqual([`/params/x/n ${NONE}`])
  expect(faults(union, 5)).toEqual([`/params/x ${NONE}`])
})

test('what fits more than one form of which one has to fit is told as that', () => {
  const union = { oneOf: [{ minimum: 1 }, { minimum: 2 }, { maximum: 0 }] }
  expect(faults(union, 3)).toEqual(['/params/x fits more than one of the forms of which it has to have one'])
})

test('of a condition is told what is wrong by it, and nothing of the condition', () => {
  const condition = JSON.parse('{ "if": { "type": "number" }, "then": { "minimum": 3 }, "else": false }') as object
  expect(faults(condition, 1)).toEqual(['/params/x must be at least 3'])
  expect(faults(condition, 'a')).toEqual(['/params/x may not be given'])
})

test('very many values that fit no form keep no node busy', () => {
  const list = { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'boolean' }, { type: 'null' }] } }
  const begun = process.cpuUsage()
  expect(
    faults(
      list,
      Array.from({ length: 10_000 }, (_, i) => i),
    ),
  ).toHaveLength(50)
  expect(process.cpuUsage(begun).user).toBeLessThan(1_500_000)
})
