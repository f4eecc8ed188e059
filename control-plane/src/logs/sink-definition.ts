import { X509Certificate } from 'node:crypto'
import type { Fault } from '../problems.ts'
import { Fields, type TextRule } from '../jobs/fields.ts'
import { present } from '../runtime/present.ts'
import type { SinkConnection } from './sink.ts'

/** What people say of a sink, whoever they say it to: API, file or command line. */
export interface SinkDefinition {
  connection: SinkConnection
  /** In clear. Absent: as it was. Empty: none. */
  password?: string
  /** The same of the certificates that are trusted. */
  ca?: string
}

/** A sink that is to be there as soon as a leader takes office. At most one of file and password is given. */
export interface ConfiguredSink {
  name: string
  connection: SinkConnection
  /** Absolute paths. */
  passwordFile?: string
  caFile?: string
  password?: string
}

export const SINK_DEFAULTS = { kind: 'mysql', port: 3306, tls: 'verify', tablePrefix: 'cronclave_' } as const

/** Longest names that MySQL has for users and databases, and what is left of 64 characters for a table's own name. */
const USER_LENGTH_MAX = 80
const DATABASE_LENGTH_MAX = 64
const PREFIX_LENGTH_MAX = 32
export const PASSWORD_LENGTH_MAX = 1000

const HOST: TextRule = { max: 253, pattern: /^[A-Za-z0-9.:_-]+$/, wants: 'a host name or an address without port' }
const DATABASE: TextRule = {
  max: DATABASE_LENGTH_MAX,
  // eslint-disable-next-line no-control-regex -- a NUL ends names in the protocol
  pattern: /^[^/\\.\0`]+$/,
  wants: 'the name of a database',
}
const PREFIX: TextRule = { max: PREFIX_LENGTH_MAX, pattern: /^[A-Za-z0-9_]*$/, wants: 'letters and digits and _' }
/** Characters of a bundle of certificates. */
export const CA_LENGTH_MAX = 65_536
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g
const REQUIRED = ['host', 'user', 'database'] as const

/** Reads where a sink is; defaults fill what is absent. The fields that are asked for by others are theirs to close. */
export function readConnection(fields: Fields): SinkConnection | undefined {
  const before = REQUIRED.filter((name) => !fields.has(name))
  for (const name of before) fields.fault(name, 'is missing')
  const kind = fields.choice('kind', ['mysql']) ?? SINK_DEFAULTS.kind
  const host = fields.text('host', HOST)
  const port = fields.integer('port', { min: 1, max: 65_535 }) ?? SINK_DEFAULTS.port
  const user = fields.text('user', { max: USER_LENGTH_MAX, pattern: /./s, wants: 'a user' })
  const database = fields.text('database', DATABASE)
  const tls = fields.choice('tls', ['verify', 'off']) ?? SINK_DEFAULTS.tls
  const tablePrefix = fields.text('tablePrefix', PREFIX) ?? SINK_DEFAULTS.tablePrefix
  if (host === undefined || user === undefined || database === undefined) return undefined
  return { kind, host, port, user, database, tls, tablePrefix }
}

/** Why a text is no bundle of certificates; undefined when it is one. */
export function caFault(text: string): string | undefined {
  if (text.length > CA_LENGTH_MAX) return `is longer than ${CA_LENGTH_MAX}`
  const certificates = text.match(CERTIFICATE) ?? []
  if (certificates.length === 0) return 'holds no certificate in PEM'
  return certificates.every(isReadable) ? undefined : 'holds a certificate that cannot be read'
}

function isReadable(certificate: string): boolean {
  try {
    return new X509Certificate(certificate).raw.length > 0
  } catch {
    return false
  }
}

/** Where TLS is off, or an empty text is given, there is none. */
function readCa(fields: Fields): string | undefined {
  const text = fields.text('ca', { max: CA_LENGTH_MAX })
  const fault = text === undefined || text === '' ? undefined : caFault(text)
  if (fault !== undefined) fields.fault('ca', fault)
  return text
}

/** The same for a whole body, with every fault by its place. */
export function readSinkDefinition(body: object): { definition: SinkDefinition } | { faults: Fault[] } {
  const faults: Fault[] = []
  const fields = new Fields(body, '', faults)
  fields.raw('name')
  const connection = readConnection(fields)
  const password = fields.text('password', { max: PASSWORD_LENGTH_MAX })
  const ca = readCa(fields)
  if (ca !== undefined && ca !== '' && connection?.tls === 'off') fields.fault('ca', 'is of no use while tls is off')
  fields.close()
  if (faults.length > 0 || connection === undefined) return { faults }
  return { definition: { connection, ...present({ password, ca }) } }
}

/** Whether a password that was given for one may be sent to the other: the same server, as the same user, no less safely. */
export function sharesPassword(one: SinkConnection, other: SinkConnection): boolean {
  return (
    one.kind === other.kind &&
    one.host === other.host &&
    one.port === other.port &&
    one.user === other.user &&
    one.tls === other.tls &&
    one.ca === other.ca
  )
}
