import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { assert } from '../runtime/assert.ts'
import { type ProblemCode, PROBLEMS } from '../problems.ts'
import { REQUIREMENTS, type Requirement } from '../auth/scopes.ts'
import type { OperationId } from './handlers.ts'

/** A JSON Schema as the contract has it, plain data. */
export type Schema = { readonly [keyword: string]: unknown }

export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  schema: Schema
}

/** One operation of the contract, references to parameters and responses resolved. */
export interface Operation {
  id: OperationId
  method: string
  /** As the router writes it: `/v1/jobs/:job`. */
  path: string
  scope: Requirement
  parameters: Parameter[]
  /** `problem` is the code of the answer to a body that does not fit. */
  body?: { schema: Schema; required: boolean; problem: ProblemCode }
  /** A body of any type is read, up to so many bytes. */
  rawBytesMax?: number
  /** Every reply is JSON, bytes or nothing: no stream, no page. */
  isPlain: boolean
  /** By status: the JSON schema of the reply, or undefined when it has no JSON body. */
  responses: Map<number, Schema | undefined>
}

/** The contract, read. */
export interface ContractDocument {
  operations: Operation[]
  /** `components.schemas`, which `$ref`s point into. */
  schemas: { readonly [name: string]: Schema }
}

/** Reads the contract that this build was made with. */
export function readContract(): ContractDocument {
  const fromSource = import.meta.url.endsWith('.ts')
  if (fromSource) return readDocument(parse(readFileSync(fileAt('../../../openapi/openapi.yaml'), 'utf8')))
  return readDocument(JSON.parse(readFileSync(fileAt('../openapi.json'), 'utf8')))
}

/** The operations and schemas of an OpenAPI document. */
export function readDocument(document: unknown): ContractDocument {
  const root = object(document)
  const operations: Operation[] = []
  for (const [path, item] of Object.entries(object(root.paths))) {
    const shared = parametersOf(root, object(item).parameters)
    for (const [method, operation] of Object.entries(object(item))) {
      if (method !== 'parameters') operations.push(readOperation(root, path, method, object(operation), shared))
    }
  }
  return { operations, schemas: object(object(root.components).schemas) as { [name: string]: Schema } }
}

function readOperation(root: Schema, path: string, method: string, operation: Schema, shared: Parameter[]): Operation {
  const scope = REQUIREMENTS.find((known) => known === operation['x-cronclave-scope'])
  assert(scope, `${method} ${path} says who may call it`)
  const responses = new Map<number, Schema | undefined>()
  let isPlain = true
  for (const [status, response] of Object.entries(object(operation.responses))) {
    const holder = resolve(root, response)
    responses.set(Number(status), jsonSchema(holder))
    isPlain &&= Object.keys(object(holder.content ?? {})).every((media) => PLAIN.includes(media))
  }
  const body = operation.requestBody === undefined ? undefined : object(operation.requestBody)
  const schema = body && jsonSchema(body)
  const rawBytesMax = body && bytesMaxOf(body)
  return {
    id: String(operation.operationId) as OperationId,
    method: method.toUpperCase(),
    path: path.replaceAll(/\{(\w+)\}/g, ':$1'),
    scope,
    parameters: [...shared, ...parametersOf(root, operation.parameters)],
    ...(schema ? { body: { schema, required: body?.required === true, problem: bodyProblem(operation) } } : {}),
    ...(rawBytesMax === undefined ? {} : { rawBytesMax }),
    isPlain,
    responses,
  }
}

/** Media that a reply without a stream has. */
const PLAIN = ['application/json', 'application/problem+json', '*/*']

function bytesMaxOf(body: Schema): number | undefined {
  const media = object(body.content)['*/*']
  if (media === undefined) return undefined
  const { maxLength } = object(object(media).schema)
  assert(typeof maxLength === 'number', 'a body of any type has a limit')
  return maxLength
}

function bodyProblem(operation: Schema): ProblemCode {
  const code = operation['x-cronclave-body-problem'] ?? 'invalid-request'
  assert(typeof code === 'string' && code in PROBLEMS, 'the contract names a problem that exists')
  return code as ProblemCode
}

function parametersOf(root: Schema, list: unknown): Parameter[] {
  if (!Array.isArray(list)) return []
  return list.map((item) => {
    const parameter = resolve(root, item)
    const place = parameter.in
    assert(place === 'path' || place === 'query' || place === 'header', 'a parameter is in path, query or header')
    return {
      name: String(parameter.name),
      in: place,
      required: parameter.required === true,
      schema: object(parameter.schema),
    }
  })
}

function jsonSchema(holder: Schema): Schema | undefined {
  const content = holder.content === undefined ? {} : object(holder.content)
  const media = content['application/json'] ?? content['application/problem+json']
  return media === undefined ? undefined : object(object(media).schema)
}

function resolve(root: Schema, value: unknown): Schema {
  const { $ref } = object(value)
  if (typeof $ref !== 'string') return object(value)
  return object(
    $ref
      .slice(2)
      .split('/')
      .reduce<unknown>((node, key) => object(node)[key], root),
  )
}

function object(value: unknown): Schema {
  assert(typeof value === 'object' && value !== null && !Array.isArray(value), 'the contract holds an object here')
  return value as Schema
}

function fileAt(relative: string): URL {
  return new URL(relative, import.meta.url)
}
