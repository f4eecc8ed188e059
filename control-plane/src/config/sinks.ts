import { Fields, isObject } from '../jobs/fields.ts'
import { type ConfiguredSink, readConnection } from '../logs/sink-definition.ts'
import { type SinkConnection, SINKS_MAX } from '../logs/sink.ts'
import type { Fault } from '../problems.ts'
import { isSamePlace, takenText } from '../state/sinks.ts'
import type { Kind } from './kinds.ts'
import type { ConfigFault, ReadSettings, Sources } from './sources.ts'

/** A sink as the file names it: its password stands elsewhere. */
export interface NamedSink {
  name: string
  connection: SinkConnection
  passwordFile?: string
  passwordEnv?: string
  caFile?: string
}

const NAME = { max: 100, pattern: /^[A-Za-z0-9][A-Za-z0-9._-]*$/, wants: 'letters, digits and . _ -' }
const PATH = { max: 4096, pattern: /./s, wants: 'a path' }
const VARIABLE = { max: 200, pattern: /^[A-Za-z_][A-Za-z0-9_]*$/, wants: 'the name of a variable' }

/** A list of mappings in the file, or the same as JSON. */
export function sinkList(): Kind<NamedSink[]> {
  return {
    hint: '<sinks>',
    read(raw) {
      const list = typeof raw === 'string' ? parsed(raw) : raw
      if (!Array.isArray(list))
        return { ok: false, fault: 'is not a list of sinks, each with name, host, user and database' }
      if (list.length > SINKS_MAX) return { ok: false, fault: `has ${list.length} sinks, more than ${SINKS_MAX}` }
      const faults: Fault[] = []
      const sinks = list.flatMap((value: unknown, at) => readNamed(value, `/${at}`, faults) ?? [])
      const names = sinks.map(({ name }) => name)
      const twice = names.find((name, at) => names.indexOf(name) < at)
      if (twice !== undefined) faults.push({ pointer: '', detail: `names ${twice} twice` })
      for (const [at, sink] of sinks.entries()) {
        const first = sinks.slice(0, at).find(({ connection }) => isSamePlace(connection, sink.connection))
        if (first) faults.push({ pointer: `/${at}/tablePrefix`, detail: takenText(first) })
      }
      if (faults.length === 0) return { ok: true, value: sinks }
      return { ok: false, fault: faults.map(({ pointer, detail }) => `${pointer} ${detail}`.trim()).join('; ') }
    },
    show: (sinks) => sinks.map(({ name }) => name).join(','),
  }
}

/** The sinks that are configured, with their passwords as far as variables hold them, and what is wrong with those. */
export function sinksConfig(
  read: ReadSettings,
  { absolute, env }: Sources,
): { sinks: ConfiguredSink[]; faults: ConfigFault[] } {
  const faults: ConfigFault[] = []
  const where = read.settings.find(({ key }) => key === 'sinks')?.from ?? 'sinks'
  const sinks = read.get('sinks').map(({ name, connection, passwordFile, passwordEnv, caFile }): ConfiguredSink => {
    const password = passwordEnv === undefined ? undefined : env[passwordEnv]
    if (passwordEnv !== undefined && password === undefined) {
      faults.push({ where, key: 'sinks', detail: `sink ${name}: there is no variable ${passwordEnv}` })
    }
    return {
      name,
      connection,
      ...(passwordFile === undefined ? {} : { passwordFile: absolute(passwordFile) }),
      ...(caFile === undefined ? {} : { caFile: absolute(caFile) }),
      ...(password === undefined ? {} : { password }),
    }
  })
  return { sinks, faults }
}

function readNamed(value: unknown, pointer: string, faults: Fault[]): NamedSink | undefined {
  const before = faults.length
  const fields = new Fields(value, pointer, faults)
  if (!isObject(value)) return undefined
  if (!fields.has('name')) fields.fault('name', 'is missing')
  const name = fields.text('name', NAME)
  const connection = readConnection(fields)
  const passwordFile = fields.text('passwordFile', PATH)
  const caFile = fields.text('caFile', PATH)
  const passwordEnv = fields.text('passwordEnv', VARIABLE)
  if (passwordFile !== undefined && passwordEnv !== undefined)
    fields.fault('passwordEnv', 'passwordFile is given already')
  if (fields.has('password'))
    fields.fault('password', 'stands in passwordFile or in the variable passwordEnv, not here')
  fields.close()
  if (faults.length > before || name === undefined || connection === undefined) return undefined
  return {
    name,
    connection,
    ...(passwordFile === undefined ? {} : { passwordFile }),
    ...(passwordEnv === undefined ? {} : { passwordEnv }),
    ...(caFile === undefined ? {} : { caFile }),
  }
}

function parsed(text: string): unknown {
  if (text.trim() === '') return []
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
