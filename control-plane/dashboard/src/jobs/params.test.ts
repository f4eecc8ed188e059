import { expect, test } from 'vitest'
import { PARAMS_BYTES_MAX, parseParams } from './params.ts'

test('nothing typed means no parameters of this run', () => {
  expect(parseParams('  \n')).toEqual({ ok: true, params: {} })
})

test('an object is taken as it is', () => {
  expect(parseParams('{"city": "tianjin", "n": 2}')).toEqual({ ok: true, params: { city: 'tianjin', n: 2 } })
})

test.each(['[1]', '"text"', 'null', '7'])('%s is JSON but no object', (text) => {
  expect(parseParams(text)).toMatchObject({ ok: false, fault: expect.stringContaining('object') })
})

test('what is not JSON is refused with its place', () => {
  const parsed = parseParams('{\n  "city": tianjin\n}')
  expect(parsed).toMatchObject({ ok: false, fault: expect.stringMatching(/^Not JSON: .*/) })
})

test('more than the API takes is refused before it is sent', () => {
  expect(parseParams(JSON.stringify({ a: 'x'.repeat(PARAMS_BYTES_MAX) }))).toEqual({
    ok: false,
    fault: 'Longer than 64 KiB.',
  })
})

test.each([
  '12345678901234567890',
  '-9007199254740993',
  '1e999',
])('%s would be another number, and is refused', (number) => {
  expect(parseParams(`{"a": [${number}]}`)).toEqual({
    ok: false,
    fault: `${number} is more than a number holds: write it in quotes.`,
  })
  expect(parseParams(JSON.stringify({ a: Number(number.slice(0, 18)) }))).toMatchObject({ ok: true })
  expect(parseParams(`{"a": "say \\"${number}", "${number}": 0.10}`)).toMatchObject({ ok: true })
})
