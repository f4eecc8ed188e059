import { expect, test } from 'vitest'
import { read, write } from './pointer.ts'

test('a value is written where its pointer says, and the rest stays as it was', () => {
  const draft = { retry: { max: 1 }, labels: { a: 'x' } }
  expect(write(draft, '/retry/delay', '2s')).toEqual({ retry: { max: 1, delay: '2s' }, labels: { a: 'x' } })
  expect(draft).toEqual({ retry: { max: 1 }, labels: { a: 'x' } })
  expect(read(write(draft, '/labels/a~1b', 'y'), '/labels/a~1b')).toBe('y')
})

test('what is emptied goes, and what is left without anything in it', () => {
  expect(write({ retry: { max: 1 }, timeout: '1s' }, '/retry/max', undefined)).toEqual({ timeout: '1s' })
  expect(write({ retry: { max: 1 } }, '/retry/max', undefined)).toEqual({})
})

test('items of a list are changed one by one', () => {
  const draft = { schedules: [{ cron: 'a' }, { every: '1m' }] }
  expect(write(draft, '/schedules/1/every', '2m')).toEqual({ schedules: [{ cron: 'a' }, { every: '2m' }] })
  expect(write(draft, '/schedules/0/zone', 'Asia/Tokyo')).toMatchObject({
    schedules: [{ cron: 'a', zone: 'Asia/Tokyo' }, {}],
  })
})

test('what every object has is not in a draft', () => {
  expect(read({ a: {} }, '/toString')).toBeUndefined()
  expect(read({ a: {} }, '/a/constructor/name')).toBeUndefined()
})
