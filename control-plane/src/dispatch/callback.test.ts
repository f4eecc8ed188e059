import { expect, test } from 'vitest'
import { callbackBase } from './callback.ts'

const URL = 'http://127.0.0.1:7420'

test.each([
  [undefined, true, URL, 1],
  [undefined, false, URL, 0],
  ['https://cron.example.com', true, 'https://cron.example.com', 0],
])('with publicUrl %s, on all addresses: %s, executors report to %s; %d warnings', (publicUrl, isOnAll, base, warnings) => {
  const warned: string[] = []
  const logger = { warn: (_: object, message: string) => void warned.push(message) }
  expect(callbackBase(publicUrl, { url: URL, isOnAll }, logger)).toBe(base)
  expect(warned).toHaveLength(warnings)
})
