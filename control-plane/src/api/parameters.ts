import { type Fault, Problem } from '../problems.ts'
import { unknownName } from '../runtime/suggest.ts'
import type { Incoming } from './incoming.ts'
import type { Operation, Parameter } from './document.ts'
import type { Check, Validator } from './validator.ts'

/** Names as they arrive, before they are checked. */
type Raw = Record<string, string | string[]>

export interface Parameters {
  path: object
  query: object
  header: object
}

/** Reads the parameters of a request: checked, coerced, defaults filled in. Throws a Problem that names every fault. */
export type ParameterReader = (path: object, request: Incoming) => Parameters

export function createParameterReader(operation: Operation, validator: Validator): ParameterReader {
  const places = {
    path: place(operation, 'path', validator),
    query: place(operation, 'query', validator),
    header: place(operation, 'header', validator),
  }
  return (path, request) => {
    const faults: Fault[] = []
    const parts = { ...path } as Raw
    judge(places.path, parts, (name) => `{${name}}`, faults)
    const query = queryOf(request.url, places.query, faults)
    judge(places.query, query, (name) => `?${name}`, faults)
    const header = headersOf(request, places.header)
    judge(places.header, header, (name) => `#${name}`, faults)
    if (faults.length > 0) throw new Problem('invalid-request', undefined, faults)
    return { path: parts, query, header }
  }
}

interface Place {
  parameters: Map<string, Parameter>
  check: Check
}

function place(operation: Operation, where: Parameter['in'], validator: Validator): Place {
  const list = operation.parameters.filter((parameter) => parameter.in === where)
  return {
    parameters: new Map(list.map((parameter) => [parameter.name, parameter])),
    check: validator.parameters(list),
  }
}

function judge({ parameters, check }: Place, values: Raw, pointerOf: (name: string) => string, faults: Fault[]): void {
  if (parameters.size === 0) return
  for (const { pointer, detail } of check(values)) {
    faults.push({ pointer: pointerOf(pointer.split('/')[1] ?? ''), detail })
  }
}

function queryOf(url: string, { parameters }: Place, faults: Fault[]): Raw {
  const values: Raw = {}
  const start = url.indexOf('?')
  if (start < 0) return values
  const unknown = new Set<string>()
  for (const [name, value] of new URLSearchParams(url.slice(start + 1))) {
    const parameter = parameters.get(name)
    if (!parameter) unknown.add(name)
    else if (parameter.schema.type === 'array') values[name] = [values[name] ?? [], value].flat()
    else if (name in values) faults.push({ pointer: `?${name}`, detail: 'is given more than once' })
    else values[name] = value
  }
  for (const name of [...unknown].slice(0, UNKNOWN_MAX)) {
    faults.push({ pointer: `?${name.slice(0, 100)}`, detail: unknownName(name, parameters.keys()) })
  }
  return values
}

/** Unknown names that are told, at most. */
const UNKNOWN_MAX = 20

function headersOf(request: Incoming, { parameters }: Place): Raw {
  const values: Raw = {}
  for (const name of parameters.keys()) {
    const value = request.header(name.toLowerCase())
    if (value !== undefined) values[name] = value
  }
  return values
}
