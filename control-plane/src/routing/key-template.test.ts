import { expect, test } from 'vitest'
import { keyFault, routingKey } from './key-template.ts'

const values = { job: 'invoice', params: { tenant: 'acme', deep: { list: [1, 2], none: null }, constructor: 'own' } }

test.each([
  ['{{job}}', 'invoice'],
  ['tenant-{{ params.tenant }}', 'tenant-acme'],
  ['{{params.tenant}}/{{job}}!', 'acme/invoice!'],
  ['{{params.deep.list}}', '[1,2]'],
  ['[{{params.absent}}{{params.deep.none}}{{params.tenant.length}}{{params.deep.toString}}]', '[]'],
  ['plain', 'plain'],
])('%s is %s', (template, key) => {
  expect(keyFault(template)).toBeUndefined()
  expect(routingKey(template, values)).toBe(key)
  expect(routingKey(template, values)).toBe(key)
})

test.each([
  ['{{runId}}', '{{runId}} is unknown; there are {{job}} and {{params.<name>}}'],
  ['{{params}}', '{{params}} is unknown; there are {{job}} and {{params.<name>}}'],
  ['{{job', 'a {{ or }} has no partner'],
  ['job}}', 'a {{ or }} has no partner'],
])('%s is refused: %s', (template, fault) => {
  expect(keyFault(template)).toBe(fault)
})
