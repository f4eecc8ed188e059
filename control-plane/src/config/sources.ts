import { LineCounter, isNode, parseDocument } from 'yaml'
import { unknownName } from '../runtime/suggest.ts'
import { type SettingKey, SETTINGS, type Setting, environmentName, flagName } from './settings.ts'

/** Where settings come from, weakest first. Nothing is read from the machine here. */
export interface Sources {
  file?: { path: string; text: string }
  env: Record<string, string | undefined>
  /** By setting key, as given on the command line. */
  flags: Record<string, string>
  /** Makes a relative path absolute, counted from the working folder. */
  absolute: (path: string) => string
  hostname: string
}

export interface ConfigFault {
  /** `cronclave.yaml line 4`, `CRONCLAVE_LISTEN_PORT`, `--listen-port`. */
  where: string
  key: string
  detail: string
}

/** A setting as it is in force, for people. */
export interface SettingInForce {
  key: string
  value: string
  /** `default`, or where it was set. */
  from: string
}

type Value<K extends SettingKey> = (typeof SETTINGS)[K] extends { default: infer T }
  ? T
  : ((typeof SETTINGS)[K] extends Setting<infer T> ? T : never) | undefined

interface Given {
  raw: unknown
  where: string
}

export interface ReadSettings {
  faults: ConfigFault[]
  settings: SettingInForce[]
  get: <K extends SettingKey>(key: K) => Value<K>
}

/** Environment variables of the same prefix that belong to the command line's client, not to the server. */
const CLIENT_VARIABLES = new Set(
  [
    ...['CONFIG', 'ENDPOINT', 'NAMESPACE', 'TOKEN', 'TOKEN_FILE', 'OUTPUT', 'CA', 'CERT', 'KEY', 'SECRET'],
    ...['SINK_PASSWORD', 'CHANNEL_PASSWORD', 'CHANNEL_SECRET', 'CHANNEL_URL', 'GOJOB_SECRET'],
    ...['LEASE', 'FENCING_TOKEN'],
  ].map((name) => `CRONCLAVE_${name}`),
)

/** What Kubernetes adds for a Service named `cronclave`: not ours, and not a mistake. */
const SERVICE_LINK = /^CRONCLAVE_(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT(_\d+_.+)?)$/

export function readSettings(sources: Sources): ReadSettings {
  const faults: ConfigFault[] = []
  const given = new Map<string, Given>()
  if (sources.file) readFile(sources.file, given, faults)
  readEnvironment(sources.env, given, faults)
  for (const [key, raw] of Object.entries(sources.flags)) given.set(key, { raw, where: flagName(key) })

  const values = new Map<string, unknown>()
  const settings: SettingInForce[] = []
  for (const [key, setting] of Object.entries(SETTINGS) as [string, Setting][]) {
    const source = given.get(key)
    if (!source) {
      values.set(key, setting.default)
      settings.push({ key, value: shown(setting, setting.default), from: 'default' })
      continue
    }
    const read = setting.kind.read(source.raw)
    if (read.ok) {
      values.set(key, read.value)
      settings.push({ key, value: shown(setting, read.value), from: source.where })
    } else {
      faults.push({ where: source.where, key, detail: setting.secret ? 'is not valid' : read.fault })
    }
  }
  return {
    faults,
    settings,
    get: <K extends SettingKey>(key: K) => values.get(key) as Value<K>,
  }
}

function shown(setting: Setting, value: unknown): string {
  if (value === undefined) return '-'
  return setting.secret ? '(hidden)' : setting.kind.show(value)
}

function readEnvironment(env: Sources['env'], given: Map<string, Given>, faults: ConfigFault[]): void {
  const keys = new Map(Object.keys(SETTINGS).map((key) => [environmentName(key), key]))
  for (const [name, raw] of Object.entries(env)) {
    if (!name.startsWith('CRONCLAVE_') || raw === undefined) continue
    const key = keys.get(name)
    if (key !== undefined) given.set(key, { raw, where: name })
    else if (!CLIENT_VARIABLES.has(name) && !SERVICE_LINK.test(name)) {
      faults.push({ where: name, key: name, detail: unknownName(name, keys.keys()) })
    }
  }
}

function readFile(file: { path: string; text: string }, given: Map<string, Given>, faults: ConfigFault[]): void {
  const lines = new LineCounter()
  const document = parseDocument(file.text, { lineCounter: lines, prettyErrors: false })
  const lineOf = (offset: number | undefined) =>
    offset === undefined ? file.path : `${file.path} line ${lines.linePos(offset).line}`
  for (const error of document.errors) {
    faults.push({ where: lineOf(error.pos[0]), key: '', detail: error.message.split('\n')[0] ?? error.message })
  }
  if (document.errors.length > 0) return
  const whereIs = (path: string[]): string => {
    const node = document.getIn(path, true)
    return lineOf(isNode(node) ? node.range?.[0] : undefined)
  }
  try {
    const root: unknown = document.toJS({ maxAliasCount: 100 })
    if (isMapping(root)) walk(root, [])
    else if (root !== null && root !== undefined) throw new Error('is not a mapping of settings')
  } catch (error) {
    faults.push({ where: file.path, key: '', detail: (error as Error).message })
  }

  function walk(mapping: Record<string, unknown>, path: string[]): void {
    for (const [name, raw] of Object.entries(mapping)) {
      const here = [...path, name]
      const key = here.join('.')
      if (Object.hasOwn(SETTINGS, key)) given.set(key, { raw, where: whereIs(here) })
      else if (!isSection(key)) {
        const known = Object.keys(SETTINGS).flatMap((full) => [full, full.split('.')[0] ?? full])
        faults.push({ where: whereIs(here), key, detail: unknownName(key, known) })
      } else if (isMapping(raw)) walk(raw, here)
      else if (raw !== null) faults.push({ where: whereIs(here), key, detail: 'is not a mapping of settings' })
    }
  }
}

function isSection(key: string): boolean {
  return Object.keys(SETTINGS).some((full) => full.startsWith(`${key}.`))
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
