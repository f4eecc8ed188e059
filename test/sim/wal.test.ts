import { expect, test } from 'vitest'
import { crashCases, crashOnce } from './wal-sweeps.ts'

test('a crash at any operation, torn anyhow, loses nothing acknowledged and invents nothing', async () => {
  const found: string[] = []
  let runs = 0
  for (const seed of [1, 2, 3]) {
    for (const crash of await crashCases(24, seed)) {
      runs++
      const faults = await crashOnce(crash, 24, seed)
      for (const fault of faults) found.push(`seed ${seed} ${JSON.stringify(crash)}: ${fault}`)
    }
  }
  console.log(runs, found.length)
  expect(found.slice(0, 5)).toEqual([])
})
