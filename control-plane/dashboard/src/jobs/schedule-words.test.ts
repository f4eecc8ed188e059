import { expect, test } from 'vitest'
import { cronWords, scheduleWords } from './schedule-words.ts'

test.each([
  ['*/5 * * * * *', 'Every 5 seconds'],
  ['* * * * *', 'Every minute'],
  ['30 * * * * *', 'Every minute at second 30'],
  ['*/15 * * * *', 'Every 15 minutes'],
  ['0 * * * *', 'Every hour at :00'],
  ['0 9 * * 1-5', 'Monday to Friday at 09:00'],
  ['30 18 * * SAT,sun', 'Saturday and Sunday at 18:30'],
  ['0 2 * * *', 'Every day at 02:00'],
  ['15 30 2 * * ?', 'Every day at 02:30:15'],
  ['0 0 1,15 * *', 'On day 1 and 15 of the month at 00:00'],
  ['0 6 L * *', 'On the last day of the month at 06:00'],
  ['CRON_TZ=Asia/Shanghai 0 9 * * *', 'Every day at 09:00'],
  ['@hourly', 'Every hour at :00'],
  ['@every 1h30m', 'Every 1 hour 30 minutes'],
])('%s reads: %s', (expression, words) => {
  expect(cronWords(expression)).toBe(words)
})

test.each([
  '*/7 * * * *',
  '0 9 1 * 1',
  '0 9 * * 1#2',
  '0 0 1 1 *',
  'H * * * *',
  '0 9-17 * * *',
  '0 0 9 1W * ? 2027',
])('%s has no words that could not mislead', (expression) => {
  expect(cronWords(expression)).toBeUndefined()
})

test('the other kinds of schedule have words too', () => {
  expect(scheduleWords({ every: '1m' })).toBe('Every minute')
  expect(scheduleWords({ every: '90s' })).toBe('Every 90 seconds')
  expect(scheduleWords({ after: '10m' })).toBe('10 minutes after the last run ends')
  expect(scheduleWords({ at: '2026-11-20T15:00:00Z' })).toBe('Once')
  expect(scheduleWords({})).toBe('By hand')
})
