import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { Task } from './worker.ts'

export type Take<A> = (task: Task, answer: A | undefined, error: string | undefined) => void

const WORKER = join(import.meta.dirname, 'worker.ts')

/** Has processes work tasks off, one each at a time; `take` gets every answer, or why there is none. */
export async function crew<A>(workers: number, tasks: Iterator<Task>, take: Take<A>): Promise<void> {
  await Promise.all(Array.from({ length: workers }, () => work(tasks, take)))
}

function work<A>(tasks: Iterator<Task>, take: Take<A>): Promise<void> {
  const child = fork(WORKER)
  return new Promise((resolve, reject) => {
    let task: Task
    const next = () => {
      const { value, done } = tasks.next() as IteratorResult<Task, undefined>
      if (done === true || value === undefined) {
        child.disconnect()
        return resolve()
      }
      task = value
      child.send(task)
    }
    child.on('message', ({ answer, error }: { answer?: A; error?: string }) => {
      take(task, answer, error)
      next()
    })
    child.on('error', reject)
    child.on('exit', (code) => {
      if (code !== 0) reject(new Error(`a worker ended with ${code} over ${JSON.stringify(task)}`))
    })
    next()
  })
}
