import type { SinkTest } from '@cronclave/openapi'
import type { Session } from './command.ts'
import type { Column } from './output.ts'

/** The steps of a trial, each with what was found and what to do. */
export function showTest({ output }: Pick<Session, 'output'>, test: SinkTest): void {
  if (output.format !== 'table') return output.data(test)
  const columns: Column<SinkTest['steps'][number]>[] = [
    { head: 'step', of: ({ step }) => step },
    { head: 'result', of: ({ ok }) => (ok ? 'pass' : 'fail'), state: true },
    { head: 'found', of: ({ detail }) => detail },
    { head: 'what to do', of: ({ nextStep }) => nextStep },
  ]
  if (test.server !== undefined) output.note(`The server is ${test.server}`)
  output.list(test.steps, columns, 'Nothing was tried.')
}
