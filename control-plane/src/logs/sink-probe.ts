import type { Clock } from '../runtime/clock.ts'
import type { SinkTarget } from './row.ts'
import { SinkFault, type SinkFaultCode } from './sink-fault.ts'
import type { SinkConnection } from './sink.ts'
import type { SinkTest, SinkTestStep } from './sinks-port.ts'

/** How long trying a sink may take, in milliseconds. */
export const PROBE_TIMEOUT_MS = 10_000

type Step = SinkTestStep['step']

const STEPS: readonly Step[] = ['connect', 'tls', 'login', 'database', 'tables', 'write']

/** At which step a fault comes, and what to do about it. */
const FAULTS: Record<SinkFaultCode, { step: Step; nextStep: string }> = {
  unreachable: {
    step: 'connect',
    nextStep:
      'Check host and port, that the server listens on that address, and that firewall and egress policy let this node through.',
  },
  timeout: {
    step: 'connect',
    nextStep: 'Check whether the server is overloaded or a firewall drops packets; then try again.',
  },
  lost: { step: 'connect', nextStep: "Look into the server's log for why it closed the connection; then try again." },
  busy: { step: 'connect', nextStep: 'Raise max_connections of the server, or wait until others let go.' },
  closed: { step: 'connect', nextStep: 'Try again.' },
  'server-error': { step: 'connect', nextStep: "Look into the server's log; then try again." },
  tls: {
    step: 'tls',
    nextStep:
      'Give the server a certificate for this host name, and the sink as ca the one of whoever signed it unless this node trusts them anyway; or set tls to off where the network is safe.',
  },
  'access-denied': {
    step: 'login',
    nextStep: 'Check user and password, and that the server lets this user in from the address of every node.',
  },
  'no-database': { step: 'database', nextStep: 'Create it: CREATE DATABASE … CHARACTER SET utf8mb4.' },
  'not-allowed': {
    step: 'tables',
    nextStep: 'Grant the user SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER and INDEX on the database.',
  },
  schema: { step: 'tables', nextStep: 'Choose another tablePrefix, or move what stands under these names away.' },
  'schema-too-new': { step: 'tables', nextStep: 'Upgrade this node, or choose another tablePrefix.' },
  'other-cluster': {
    step: 'tables',
    nextStep: 'Choose another tablePrefix or another database: two clusters share no tables.',
  },
  'read-only': {
    step: 'write',
    nextStep: 'Name the server that takes changes, not a replica, or switch read_only off.',
  },
  full: { step: 'write', nextStep: 'Make room on its disk, or raise its quota.' },
  'packet-too-small': { step: 'write', nextStep: 'Raise max_allowed_packet of the server to 16M or more.' },
}

/** Tries everything that delivery needs, and says at which step it fails and what to do. Never rejects. */
export async function probeSink(clock: Clock, connection: SinkConnection, open: () => SinkTarget): Promise<SinkTest> {
  const began = clock.monotonic()
  const known = STEPS.filter((step) => step !== 'tls' || connection.tls === 'verify')
  const target = open()
  try {
    await within(clock, target.prepare())
    return { ok: true, ...(await serverOf()), steps: known.map((step) => ({ step, ok: true })), tookMs: tookMs() }
  } catch (error) {
    const fault = error instanceof SinkFault ? error : new SinkFault('server-error', String(error))
    const { step, nextStep } = FAULTS[fault.code]
    const before = known.slice(0, known.indexOf(step))
    const failed: SinkTestStep = { step, ok: false, detail: fault.message, nextStep }
    const isIn = known.indexOf(step) > known.indexOf('login')
    const steps = [...before.map((one) => ({ step: one, ok: true })), failed]
    return { ok: false, ...(isIn ? await serverOf() : {}), steps, tookMs: tookMs() }
  } finally {
    await target.close().catch(() => undefined)
  }

  /** What cannot be asked is left out. */
  async function serverOf(): Promise<Pick<SinkTest, 'server'>> {
    const asked = target.server?.()
    if (!asked) return {}
    return within(clock, asked).then(
      (server) => ({ server }),
      () => ({}),
    )
  }

  function tookMs(): number {
    return Math.round(clock.monotonic() - began)
  }
}

/** Of what comes too late nothing is heard any more. */
function within<T>(clock: Clock, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new SinkFault('timeout', `it took longer than ${PROBE_TIMEOUT_MS / 1000} s`))
    const cancel = clock.after(PROBE_TIMEOUT_MS, late)
    work.then(resolve, reject).finally(cancel)
  })
}
