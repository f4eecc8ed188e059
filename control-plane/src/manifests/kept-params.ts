import { setImmediate as breathe } from 'node:timers/promises'
import { checkJobParams } from '../params/job-params.ts'
import type { Fault } from '../problems.ts'
import type { ReadManifest } from './read-manifest.ts'

/**
 * What of the parameters that code gives its jobs does not fit the schemas beside them. Other work goes on between two of
 * them: the first check by a schema takes milliseconds.
 */
export async function keptParamsFaults({ manifest: { handlers }, jobs }: ReadManifest): Promise<Fault[]> {
  const schemas = new Map(handlers.map(({ name, params }) => [name, params]))
  const faults: Fault[] = []
  for (const { handler, pointer: at, spec } of jobs) {
    const schema = schemas.get(handler)
    if (!schema) continue
    for (const { pointer, detail } of checkJobParams(schema, spec)) faults.push({ pointer: at + pointer, detail })
    await breathe()
  }
  return faults
}
