import { DESCRIPTION, HANDLER } from '../jobs/defaults.ts'
import { resolveJob } from '../jobs/definition.ts'
import { Fields, isObject } from '../jobs/fields.ts'
import type { JobSpec, Json } from '../jobs/job.ts'
import { checkJson } from '../jobs/params.ts'
import { keptJobName, type Manifest, type ManifestHandler } from '../discovery/manifest.ts'
import type { Fault } from '../problems.ts'
import { present } from '../runtime/present.ts'
import { manifestHash } from './manifest-hash.ts'
import { PEOPLES_FIELDS } from './owned-fields.ts'

/** Handlers of a manifest, and bytes of it as JSON. */
export const HANDLERS_MAX = 500
export const MANIFEST_BYTES_MAX = 512 * 1024

/** A job as the code has it; what people decide stands at its defaults. */
export interface CodeJob {
  name: string
  handler: string
  spec: JobSpec
  /** Where it stands in the manifest, as a JSON pointer. */
  pointer: string
}

/** A manifest that was read, and the jobs in it. With faults nothing of it may be taken. */
export interface ReadManifest {
  manifest: Manifest
  jobs: CodeJob[]
  faults: Fault[]
}

/** Reads what the program of a service says of itself; reports all faults at once, each with its place. */
export function readManifest(value: unknown, names: { namespace: string; service: string }): ReadManifest {
  const faults: Fault[] = []
  const fields = new Fields(value, '', faults)
  for (const name of ['namespace', 'service'] as const) {
    const said = fields.raw(name)
    if (said !== undefined && said !== names[name]) fields.fault(name, `is not ${names[name]}`)
  }
  const revision = fields.text('revision', { max: 200, pattern: /./, wants: 'a revision' })
  const order = fields.integer('revisionOrder', { min: 0, max: Number.MAX_SAFE_INTEGER })
  if (!fields.has('handlers')) fields.fault('handlers', 'is needed')
  const list = fields.list('handlers', HANDLERS_MAX) ?? []
  if (isObject(value)) fields.close()
  const bytes = Buffer.byteLength(JSON.stringify(list))
  if (bytes > MANIFEST_BYTES_MAX) fields.fault('handlers', `is ${bytes} bytes of JSON, more than ${MANIFEST_BYTES_MAX}`)
  const handlers = list.map((item, place) => readHandler(item, `/handlers/${place}`, faults))
  noteTwins(handlers, faults)
  const hash = manifestHash({ revision, revisionOrder: order, handlers: list })
  return {
    manifest: { hash, ...present({ revision, order }), handlers },
    jobs: handlers.flatMap((handler, place) => readJob(handler, names.service, `/handlers/${place}`, faults)),
    faults,
  }
}

function readHandler(value: unknown, pointer: string, faults: Fault[]): ManifestHandler {
  const fields = new Fields(value, pointer, faults)
  if (isObject(value) && !fields.has('name')) fields.fault('name', 'is needed')
  const handler: ManifestHandler = {
    name: fields.text('name', { max: HANDLER.max, pattern: /./, wants: 'the name of a handler' }) ?? '',
    ...present({ description: fields.text('description', DESCRIPTION) }),
  }
  for (const name of ['params', 'job'] as const) {
    const part = fields.raw(name)
    if (part === undefined) continue
    const objection = isObject(part) ? checkJson(part) : 'is not an object'
    if (objection === undefined) handler[name] = part as { [key: string]: Json }
    else fields.fault(name, objection)
  }
  if (isObject(value)) fields.close()
  return handler
}

function noteTwins(handlers: readonly ManifestHandler[], faults: Fault[]): void {
  const names = new Set<string>()
  const jobs = new Set<string>()
  for (const [place, handler] of handlers.entries()) {
    const job = keptJobName(handler)
    if (names.has(handler.name))
      faults.push({ pointer: `/handlers/${place}/name`, detail: `there are two handlers named ${handler.name}` })
    else if (job !== undefined && jobs.has(job))
      faults.push({ pointer: `/handlers/${place}/job/name`, detail: `there are two jobs named ${job}` })
    names.add(handler.name)
    if (job !== undefined) jobs.add(job)
  }
}

function readJob(handler: ManifestHandler, service: string, at: string, faults: Fault[]): CodeJob[] {
  const { job, description = '' } = handler
  if (job === undefined) return []
  const pointer = `${at}/job`
  const refused = ['target', ...PEOPLES_FIELDS].filter((name) => Object.hasOwn(job, name))
  for (const name of refused) faults.push({ pointer: `${pointer}/${name}`, detail: whyNot(name) })
  const name = keptJobName(handler)
  const target = { kind: 'handler', service, handler: handler.name }
  const said = Object.fromEntries(Object.entries(job).filter(([field]) => !refused.includes(field)))
  const resolved = resolveJob({ description, ...said, name, target })
  if (resolved.ok) return [{ name: resolved.name ?? '', handler: handler.name, spec: resolved.spec, pointer }]
  for (const fault of resolved.faults) faults.push(placed(fault, at, Object.hasOwn(job, 'name')))
  return []
}

function whyNot(name: string): string {
  return name === 'target' ? 'is the handler itself' : 'is decided by people, not by code'
}

function placed({ pointer, detail }: Fault, at: string, isNamed: boolean): Fault {
  if (pointer.startsWith('/target')) return { pointer: `${at}/name`, detail }
  if (pointer !== '/name' || isNamed) return { pointer: `${at}/job${pointer}`, detail }
  return { pointer: `${at}/name`, detail: `${detail}; a job may have a name of its own: \`job.name\`` }
}
