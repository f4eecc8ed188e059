import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { StillClock } from '../../runtime/still-clock.test-helper.ts'
import { loadPlugins } from './load-plugins.ts'
import type { AgentPlugin } from './plugin.ts'

const folder = mkdtempSync(join(tmpdir(), 'cronclave-plugins-'))
afterAll(() => rmSync(folder, { recursive: true }))

const rest: AgentPlugin = { name: 'rest', parameters: { type: 'object' }, run: () => null }
const clock = new StillClock()
let files = 0

function file(text: string): string {
  const path = join(folder, `plugin-${++files}.mjs`)
  writeFileSync(path, text)
  return path
}

const namesIn = async (...paths: string[]) => (await loadPlugins([rest], paths, clock)).map(({ plugin }) => plugin.name)

test('plugins come from the default export of modules, one or several', async () => {
  const one = file(`export default { name: 'mail', parameters: { type: 'object' }, run: () => 1 }`)
  const two = file(
    `export default ['a', 'b'].map((name) => ({ name, description: 'x', parameters: {}, check: () => [], run() {} }))`,
  )
  expect(await namesIn(one, two)).toEqual(['rest', 'mail', 'a', 'b'])
})

test.each([
  [`export const name = 'mail'`, 'its default export is no plugin'],
  [`export default []`, 'its default export is an empty list'],
  [`export default { name: 'a b', parameters: {}, run() {} }`, 'its name is not one'],
  [`export default { name: 'a', run() {} }`, 'a has no schema'],
  [`export default { name: 'a', parameters: {} }`, 'a has no function run'],
  [`export default { name: 'a', parameters: {}, run() {}, check: 1 }`, 'check of a is no function'],
  [`export default { name: 'a', description: 1, parameters: {}, run() {} }`, 'the description of a is no text'],
  [`export default { name: 'a', parameters: { type: 'thing' }, run() {} }`, 'type'],
  [`export default { name: 'rest', parameters: {}, run() {} }`, 'there are two plugins named rest'],
  [`throw new Error('no licence')`, 'no licence'],
  [`export default nothing()`, 'nothing is not defined'],
])('a module that says %s is refused with the reason, beside all others', async (text, why) => {
  const bad = file(text)
  const gone = join(folder, 'gone.mjs')
  const refused = { message: 'Not every plugin can be used.', exitCode: 2 }
  const details = [expect.stringContaining(why), expect.stringContaining('gone.mjs')] as string[]
  await expect(loadPlugins([rest], [bad, gone], clock)).rejects.toMatchObject({ ...refused, details })
})

test('a module that awaits what never comes is refused after a while', async () => {
  const loading = namesIn(file('await new Promise(() => {})')).catch((error: unknown) => error)
  expect(clock.timers).toBe(1)
  await clock.pass(30_000)
  expect(await loading).toMatchObject({ details: [expect.stringContaining('not loaded after 30 s')] })
  expect(clock.timers).toBe(0)
})
