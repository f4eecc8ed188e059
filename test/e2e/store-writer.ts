/** A process that writes batches until it is killed: `store-writer.ts <folder> <seed>`. Prints what is durable. */
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../control-plane/src/runtime/clock.ts'
import { lockFolder } from '../../control-plane/src/store/folder-lock.ts'
import { openLevelStore } from '../../control-plane/src/store/level.ts'
import { writesOf } from './store-model.ts'

const [folder = '', mode = ''] = process.argv.slice(2)

await lockFolder(folder)
const store = await openLevelStore({
  folder: join(folder, 'state'),
  clock: systemClock(),
  onFatal(error) {
    writeSync(1, `fatal ${JSON.stringify({ message: error.message, nextStep: error.nextStep, name: error.name })}\n`)
    process.exit(error.exitCode)
  },
})
let index = store.applied.index
store.gatherFrom(() => ({ writes: [], applied: { index, term: 1 } }))
writeSync(1, 'open\n')
for (;;) {
  const until = index + 1 + (index % 7)
  while (index < until) for (const write of writesOf(++index, mode)) store.stage(write)
  store.requestWrite()
  if (index % 3 === 0) {
    await store.flush()
    writeSync(1, `durable ${index}\n`)
  } else await new Promise(setImmediate)
}
