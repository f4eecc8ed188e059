import { SinkFault, type SinkFaultCode } from '../sink-fault.ts'

/** What names a server in a message, and what must never stand in one. */
export interface Where {
  host: string
  port: number
  user: string
  database: string
  password?: string | undefined
}

/** What the driver and the system say, as the fault that it is. */
export function sinkFault(error: unknown, where: Where): SinkFault {
  if (error instanceof SinkFault) return error
  const {
    code = '',
    errno = 0,
    message = String(error),
  } = error as Partial<Record<'code' | 'message', string>> & {
    errno?: number
  }
  const kind = KINDS.find(({ codes, numbers }) => codes.includes(code) || numbers.includes(errno)) ?? OTHER
  const said = withoutPassword(message, where.password)
  return new SinkFault(kind.fault, kind.say(where, said), { retry: kind.retry })
}

interface Kind {
  fault: SinkFaultCode
  retry: boolean
  codes: readonly string[]
  /** Numbers of errors of MySQL, MariaDB and TiDB. */
  numbers: readonly number[]
  say: (where: Where, said: string) => string
}

const at = ({ host, port }: Where): string => `${host}:${port}`

const KINDS: readonly Kind[] = [
  {
    fault: 'unreachable',
    retry: true,
    codes: ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'EADDRNOTAVAIL'],
    numbers: [],
    say: (where, said) => `cannot reach ${at(where)}: ${said}`,
  },
  {
    fault: 'unreachable',
    retry: false,
    codes: ['EGRESS_REFUSED'],
    numbers: [],
    say: (where, said) => `the egress policy allows no connection to ${at(where)}: ${said}`,
  },
  {
    fault: 'timeout',
    retry: true,
    codes: ['ETIMEDOUT', 'PROTOCOL_SEQUENCE_TIMEOUT'],
    numbers: [],
    say: (where) => `${at(where)} did not answer in time`,
  },
  {
    fault: 'lost',
    retry: true,
    codes: ['PROTOCOL_CONNECTION_LOST', 'ECONNRESET', 'EPIPE', 'ERR_STREAM_DESTROYED', 'ECONNABORTED'],
    // Server shutdown, connection killed, server gone, lost; a statement that a proxy prepared elsewhere.
    numbers: [1053, 1927, 2006, 2013, 1243],
    say: (where, said) => `the connection to ${at(where)} was lost: ${said}`,
  },
  {
    fault: 'access-denied',
    retry: false,
    codes: ['AUTH_SWITCH_PLUGIN_ERROR'],
    numbers: [1045, 1698, 1251, 1862, 3118, 4151],
    say: (where, said) => `${at(where)} does not let the user ${where.user} in: ${said}`,
  },
  {
    fault: 'no-database',
    retry: false,
    codes: [],
    numbers: [1049],
    say: (where) => `${at(where)} has no database ${where.database}`,
  },
  {
    fault: 'not-allowed',
    retry: false,
    codes: [],
    numbers: [1044, 1142, 1143, 1227, 1370, 8121],
    say: (where, said) => `the user ${where.user} may not do that in the database ${where.database}: ${said}`,
  },
  {
    fault: 'read-only',
    retry: true,
    codes: [],
    numbers: [1290, 1792, 1836, 3989],
    say: (where, said) => `${at(where)} takes no changes: ${said}`,
  },
  {
    fault: 'full',
    retry: true,
    codes: [],
    numbers: [3, 28, 1021, 1114, 1041, 1037, 1038, 3675],
    say: (where, said) => `${at(where)} has no room left: ${said}`,
  },
  {
    fault: 'tls',
    retry: false,
    codes: [
      'HANDSHAKE_NO_SSL_SUPPORT',
      'HANDSHAKE_SSL_ERROR',
      'CERT_HAS_EXPIRED',
      'CERT_NOT_YET_VALID',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'EPROTO',
    ],
    numbers: [3159],
    say: (where, said) => `no TLS connection to ${at(where)} that could be trusted: ${said}`,
  },
  {
    fault: 'busy',
    retry: true,
    codes: [],
    // Too many connections, by all or by this user; deadlock; locks; interrupted; blocked host; TiDB's conflicts.
    numbers: [1040, 1203, 1226, 1205, 1213, 1317, 1969, 3024, 1129, 1615, 1461, 8002, 8022, 8028, 9002, 9007],
    say: (where, said) => `${at(where)} is busy: ${said}`,
  },
  {
    fault: 'packet-too-small',
    retry: false,
    codes: [],
    numbers: [1153, 1301, 2020],
    say: (where, said) => `max_allowed_packet of ${at(where)} is too small: ${said}`,
  },
  {
    fault: 'schema',
    retry: false,
    codes: [],
    // Tables and columns that are not there or not as they were made; values that do not fit the columns.
    numbers: [1050, 1054, 1060, 1061, 1136, 1146, 1264, 1292, 1364, 1366, 1406, 1048, 3140, 4025],
    say: (where, said) => `the tables in ${where.database} are not as they were made: ${said}`,
  },
]

const OTHER: Kind = {
  fault: 'server-error',
  retry: true,
  codes: [],
  numbers: [],
  say: (where, said) => `${at(where)} says: ${said}`,
}

function withoutPassword(message: string, password: string | undefined): string {
  return password === undefined || password === '' ? message : message.split(password).join('***')
}
