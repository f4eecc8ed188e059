import { checkTarget } from '../dispatch/template.ts'
import type { Fault } from '../problems.ts'
import { present } from '../runtime/present.ts'
import { HANDLER, HTTP_FIELDS, JOB_LIMITS, JOB_RULES, NAME } from './defaults.ts'
import type { Fields } from './fields.ts'
import type { HttpTarget, Json, Target } from './job.ts'
import { checkJson } from './params.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

/** The target at `pointer` with its defaults. Faults go to `faults`. */
export function readTarget(fields: Fields, faults: Fault[]): Target | undefined {
  const kind = fields.choice('kind', ['handler', 'http'])
  if (kind === 'http') return readHttp(fields, faults)
  if (kind === 'handler') return readHandler(fields)
  if (!fields.has('kind')) fields.fault('kind', 'is needed: handler or http')
  return undefined
}

function readHandler(fields: Fields): Target {
  for (const name of ['service', 'handler']) if (!fields.has(name)) fields.fault(name, 'is needed')
  const target: Target = {
    kind: 'handler',
    service: fields.text('service', NAME) ?? '',
    handler: fields.text('handler', HANDLER) ?? '',
  }
  fields.close()
  return target
}

function readHttp(fields: Fields, faults: Fault[]): Target {
  const before = faults.length
  const target: HttpTarget = {
    kind: 'http',
    method: fields.choice('method', METHODS) ?? JOB_RULES.http.method,
    query: fields.textMap('query', HTTP_FIELDS) ?? {},
    headers: fields.textMap('headers', HTTP_FIELDS) ?? {},
    successStatuses: readStatuses(fields, 'successStatuses'),
    async: fields.boolean('async') ?? false,
    acceptStatuses: readStatuses(fields, 'acceptStatuses'),
    redirectMax: fields.integer('redirectMax', JOB_RULES.http.redirectMax) ?? JOB_RULES.http.redirectMax.default,
    ...present({
      service: fields.text('service', NAME),
      path: fields.text('path', { max: 2000, pattern: /./ }),
      url: fields.text('url', { max: 2000, pattern: /./ }),
      body: fields.text('body', { max: 262_144 }),
      expect: readExpect(fields),
    }),
  }
  fields.close()
  if (faults.length === before) {
    for (const fault of checkTarget(target)) faults.push({ ...fault, pointer: fields.pointer + fault.pointer })
  }
  return target
}

function readStatuses(fields: Fields, name: 'successStatuses' | 'acceptStatuses'): number[] {
  const list = fields.list(name, JOB_LIMITS[name]) ?? []
  const valid = list.filter((status) => Number.isInteger(status)) as number[]
  if (valid.length < list.length) fields.fault(name, 'holds something that is not a status')
  return valid
}

function readExpect(fields: Fields): HttpTarget['expect'] {
  if (!fields.has('expect')) return undefined
  const expect = fields.object('expect')
  const field = expect.text('field', { max: 200, pattern: /./ })
  const equals = expect.raw('equals')
  if (!expect.has('field')) expect.fault('field', 'is needed')
  if (equals === undefined) expect.fault('equals', 'is needed')
  else {
    const objection = checkJson(equals)
    if (objection !== undefined) expect.fault('equals', objection)
  }
  expect.close()
  return field === undefined ? undefined : { field, equals: (equals ?? null) as Json }
}
