import { SOURCE_MUTANTS } from '../mutants/mutants.ts'
import { score } from '../mutants/score.ts'
import { play, type PlayOptions } from './cluster.ts'

/** What a process of its own is given to do, and what it answers. */
export type Task =
  | { do: 'play'; options: PlayOptions }
  | { do: 'score'; mutant: number; steps: number; seeds: number | undefined }

async function done(task: Task): Promise<unknown> {
  if (task.do === 'score') {
    const { mutant, steps, seeds } = task
    return score(SOURCE_MUTANTS[mutant]!, { steps, ...(seeds === undefined ? {} : { seeds }) })
  }
  const { seed } = task.options
  try {
    return await play(task.options)
  } catch (error) {
    const { promise, message } = error as Error & { promise?: string }
    return { seed, broken: promise ?? 'error', message }
  }
}

process.on('message', (task: Task) => {
  done(task).then(
    (answer) => process.send?.({ answer }),
    (error: unknown) => process.send?.({ error: String(error) }),
  )
})
