import { expect, test } from 'vitest'
import { changeWords } from './version-words.ts'

test.each([
  [{ pointer: '/schedules/0/cron', from: '0 9 * * *', to: '0 8 * * *' }, 'schedules[0].cron', '0 9 * * *', '0 8 * * *'],
  [{ pointer: '/labels/a~1b', to: 'x' }, 'labels.a/b', undefined, 'x'],
  [{ pointer: '/params', from: { a: 1 } }, 'params', '{"a":1}', undefined],
  [{ pointer: '/retry/max', from: 0, to: 3 }, 'retry.max', '0', '3'],
])('%j is read as a place with what was and what is', (change, place, from, to) => {
  const words = changeWords(change)
  expect([words.place, words.from, words.to]).toEqual([place, from, to])
})

test('what is too long is cut, and what was left out says so', () => {
  expect(changeWords({ pointer: '/description', to: 'x'.repeat(500) }).to).toHaveLength(121)
  expect(changeWords({ pointer: '/params', large: true })).toEqual({ place: 'params', to: 'changed, too long to show' })
})
